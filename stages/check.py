"""Chains of all origins of a round → the same with a verdict each, in data/checked."""

import click

from limo import params
from limo.base import timing
from limo.chains import check
from limo.graph import outs


@click.command()
@click.argument("number", type=int)
def main(number: int) -> None:
    """Judge the answer of every chain of round NUMBER; each distinct chain of a problem once."""
    p = params.load()
    with timing.record(f"check@{number}") as counts:
        collected = [outs.read(table) for table in outs.chains(p, number)]
        checked, verdicts = check.merged(collected, outs.read(outs.POOL), p.answers)
        outs.write(outs.checked(number), checked)
        counts.update(verdicts)


if __name__ == "__main__":
    main()

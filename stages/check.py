"""Chains of all origins → the same with a verdict each, in data/chains_checked.parquet."""

import click

from limo import params
from limo.base import timing
from limo.chains import check
from limo.graph import outs


@click.command()
def main() -> None:
    """Judge the answer of every chain; each distinct chain of a problem once."""
    p = params.load()
    with timing.record("check") as counts:
        collected = [outs.read(table) for table in outs.chains(p)]
        checked, verdicts = check.merged(collected, outs.read(outs.POOL), p.answers)
        outs.write(outs.CHECKED, checked)
        counts.update(verdicts)


if __name__ == "__main__":
    main()

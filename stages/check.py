"""Chains of all origins of a round → the same with a verdict each, in data/checked."""

import click

from limo import params
from limo.base import parts, timing
from limo.chains import check
from limo.graph import outs


@click.command()
@click.argument("number", type=int)
def main(number: int) -> None:
    """Judge the answer of every chain of round NUMBER; each distinct chain of a problem once."""
    p = params.load()
    with timing.record(f"check@{number}") as counts:
        tables, out = outs.chains(p, number), outs.checked(number)
        collected = [parts.read(table.path, table.schema, check.PART, None) for table in tables]
        parts.write(check.merged(collected, outs.read(outs.POOL), p.answers), out.path, out.schema, "chain_id")
        counts.update(check.counts([table.path for table in tables], out.path))


if __name__ == "__main__":
    main()

"""Measured chains → the pairs that judges of chains compare, in data/votes/pairs.parquet."""

import click
import polars as pl

from limo import params
from limo.base import timing
from limo.graph import outs
from limo.quality import votes


@click.command()
def main() -> None:
    """Choose which chains of a question judges compare; none where there is no judge."""
    p = params.load()
    with timing.record("pair") as counts:
        checked = pl.read_parquet(outs.CHECKED.path, columns=["chain_id", "id", "verdict"])
        pairs = votes.pairs(checked, outs.read(outs.MEASURED), p)
        outs.write(outs.PAIRS, pairs)
        counts.update({"pairs": pairs.height})


if __name__ == "__main__":
    main()

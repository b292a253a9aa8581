"""Measured chains → the pairs that judges of chains compare, in data/votes/pairs.parquet."""

import click
import polars as pl

from limo import params
from limo.base import timing
from limo.chains import rounds
from limo.graph import outs
from limo.quality import votes


@click.command()
def main() -> None:
    """Choose which chains of a question judges compare; none where there is no judge."""
    p = params.load()
    with timing.record("pair") as counts:
        names = ["chain_id", "id", "verdict"]
        checked = rounds.joined(pl.read_parquet(out.path, columns=names) for out in outs.all_checked(p))
        pairs = votes.pairs(checked, rounds.joined(map(outs.read, outs.all_measured(p))), p)
        outs.write(outs.PAIRS, pairs)
        counts.update({"pairs": pairs.height})


if __name__ == "__main__":
    main()

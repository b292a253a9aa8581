"""Scored chains → the best of each question, its rank, and quality levels, in data/tiers.parquet."""

from functools import partial

import click
import polars as pl

from limo import params
from limo.base import parts, timing
from limo.chains import tiers
from limo.graph import outs


@click.command()
def main() -> None:
    """Mark the best chain per question, the global rank and the quality levels."""
    p = params.load()
    with timing.record("tiers") as counts:
        read = partial(parts.read, outs.SCORED.path, outs.SCORED.schema, parts.ROWS)
        tiered = tiers.tier(read, outs.read(outs.QUESTIONS), p.tiers, p.gates)
        parts.write(tiered, outs.TIERS.path, outs.TIERS.schema, "chain_id")
        counts.update(tiers.counts(pl.read_parquet(outs.TIERS.path, columns=["rejected", "level", "best"])))


if __name__ == "__main__":
    main()

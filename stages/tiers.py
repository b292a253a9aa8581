"""Scored chains → the best of each question, its rank, and quality levels, in data/tiers.parquet."""

import click

from limo import params
from limo.base import timing
from limo.chains import tiers
from limo.graph import outs


@click.command()
def main() -> None:
    """Mark the best chain per question, the global rank and the quality levels."""
    p = params.load()
    with timing.record("tiers") as counts:
        tiered = tiers.tier(outs.read(outs.SCORED), outs.read(outs.QUESTIONS), p.tiers, p.gates)
        outs.write(outs.TIERS, tiered)
        counts.update(tiers.counts(tiered))


if __name__ == "__main__":
    main()

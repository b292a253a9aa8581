"""What the screen left → pass counts of a reasoner, in data/rate."""

from pathlib import Path

import click

from limo import params
from limo.base import tables, timing
from limo.generation import rating
from limo.graph import outs


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Let rater NAME draw answers to what the screen left, or look up what is recorded of it."""
    p = params.load()
    with timing.record(f"rate@{name}") as counts:
        problems, drawn = tables.kept(outs.read(outs.SCREENED)), Path(outs.rate_attempts(name).path)
        rated, tally = rating.rate(problems, name, p, drawn)
        outs.write(outs.rated(name), rated)
        counts.update(tally)


if __name__ == "__main__":
    main()

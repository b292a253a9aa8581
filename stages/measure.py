"""Checked chains → what recomputes of each, in data/measured.parquet."""

from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.graph import outs
from limo.quality import table


@click.command()
def main() -> None:
    """Measure every chain: steps, terms, numbers, equalities, repeats, boxes, scripts."""
    p = params.load()
    with timing.record("measure") as counts:
        measured = table.measured(Path(outs.CHECKED.path), outs.read(outs.POOL), p.gates.tags, p.answers.workers)
        outs.write(outs.MEASURED, measured)
        counts.update({"in": measured.height, "measured": measured.height})


if __name__ == "__main__":
    main()

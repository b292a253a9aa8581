"""Checked chains of a round → what recomputes of each, in data/measured."""

from pathlib import Path

import click

from limo import params
from limo.base import timing
from limo.graph import outs
from limo.quality import table


@click.command()
@click.argument("number", type=int)
def main(number: int) -> None:
    """Measure every chain of round NUMBER: steps, terms, numbers, equalities, repeats, boxes, scripts."""
    p = params.load()
    with timing.record(f"measure@{number}") as counts:
        measured = table.measured(
            Path(outs.checked(number).path), outs.read(outs.POOL), p.gates.tags, p.answers.workers
        )
        outs.write(outs.measured(number), measured)
        counts.update({"in": measured.height, "measured": measured.height})


if __name__ == "__main__":
    main()

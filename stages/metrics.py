"""The tables and records of a run → every figure in metrics, and what else the report shows."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import outs, places
from limo.metrics import evidence, figures, plots, run


@click.command()
def main() -> None:
    """Write every figure of the run, the data of its plots, and what else the report shows."""
    p = params.load()
    with timing.record("metrics") as counts:
        tables = run.read(p)
        figured = figures.every(tables, p)
        for name, figure in figured.items():
            write_json(figure, places.FIGURES[name].path)
        plots.write(plots.every(tables, figured, p))
        write_json(evidence.collect(tables, outs.datasets(p)["limo"]), places.EVIDENCE.path)
        counts.update({"candidates": len(tables.answered), "variants": len(tables.records)})


if __name__ == "__main__":
    main()

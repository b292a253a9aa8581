"""Evaluation sets as they are published → data/benchmarks.parquet."""

import click

from limo import params
from limo.base import timing
from limo.graph import outs
from limo.sources import benchmarks


@click.command()
def main() -> None:
    """Write all evaluation sets, every row of which must be usable."""
    p = params.load()
    with timing.record("benchmarks") as counts:
        table = benchmarks.read(p.benchmarks, p.pool.max_characters)
        outs.write(outs.BENCHMARKS, table)
        counts.update(table.group_by("benchmark", maintain_order=True).len().iter_rows())


if __name__ == "__main__":
    main()

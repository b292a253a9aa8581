"""Evaluation sets as they are published → data/benchmarks.parquet, and counts of what is in them."""

import click

from limo import params
from limo.base import timing
from limo.base.files import write_json
from limo.graph import outs, places
from limo.sources import benchmarks


@click.command()
def main() -> None:
    """Write all evaluation sets as they are asked, every row of which must be usable."""
    p = params.load()
    with timing.record("benchmarks") as counts:
        table = benchmarks.read(p.benchmarks, p.seed)
        outs.write(outs.BENCHMARKS, table)
        write_json(benchmarks.counts(table), places.BENCHMARK_COUNTS.path)
        counts.update(table.group_by("benchmark", maintain_order=True).len().iter_rows())


if __name__ == "__main__":
    main()

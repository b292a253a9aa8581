"""The rows of all sources → data/pool.parquet, and the rejected ones with their reason."""

from pathlib import Path

import click

from limo import params
from limo.base import cluster, timing
from limo.base.scratch import scratch
from limo.graph import outs
from limo.problems import shards


@click.command()
def main() -> None:
    """Write the pool and what did not come into it, from all sources that params.yaml names."""
    p = params.load()
    with timing.record("pool") as counts, scratch() as folder:
        sources = [Path(table.path) for table in outs.sources(p).values()]
        run = shards.here if p.pool.cluster is None else cluster.runner(p.pool.cluster)
        made = Path(outs.POOL.path), Path(outs.POOL_REJECTED.path)
        counts.update(shards.build(sources, outs.read(outs.BENCHMARKS), p.pool, folder, run, made))


if __name__ == "__main__":
    main()

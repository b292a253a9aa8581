from pathlib import Path

import click

from limo import params
from limo.base import tables, timing
from limo.base.scratch import scratch
from limo.graph import schemas
from limo.problems import shards


@click.command()
def main() -> None:
    """Write data/pool.parquet and data/pool_rejected.parquet from all sources that params.yaml names."""
    p = params.load()
    with timing.record("pool") as counts, scratch() as folder:
        sources = [Path(f"data/sources/{name}.parquet") for name in sorted(p.sources)]
        benchmarks = tables.read("data/benchmarks.parquet", schemas.BENCHMARK)
        run: shards.Runner = shards.here
        if p.pool.cluster is not None:
            from limo.base import cluster  # noqa: PLC0415  (needs Ray)

            run = cluster.runner(p.pool.cluster)
        outs = Path("data/pool.parquet"), Path("data/pool_rejected.parquet")
        counts.update(shards.build(sources, benchmarks, p.pool, folder, run, outs))


if __name__ == "__main__":
    main()

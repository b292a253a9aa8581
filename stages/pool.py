import click
import polars as pl

from limo import params, tables, timing
from limo.problems import pool


@click.command()
def main() -> None:
    """Write data/pool.parquet and data/pool_rejected.parquet from all sources that params.yaml names."""
    p = params.load()
    with timing.record("pool") as counts:
        sources = pl.concat([tables.read(f"data/sources/{name}.parquet", tables.SOURCE) for name in sorted(p.sources)])
        benchmarks = tables.read("data/benchmarks.parquet", tables.BENCHMARK)
        kept, rejected = pool.build(sources, benchmarks, p.pool)
        tables.write(kept, "data/pool.parquet", tables.POOL, ["id"])
        tables.write(rejected, "data/pool_rejected.parquet", tables.POOL_REJECTED, ["source", "source_id"])
        reasons = tables.reasons(rejected)
        counts.update({"in": sources.height, "kept": kept.height, "rejected": rejected.height, **reasons})


if __name__ == "__main__":
    main()

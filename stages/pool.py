import polars as pl

from limo import params, tables, timing
from limo.problems import pool


def main() -> None:
    """Merge all sources into one clean pool and keep what is rejected beside it."""
    p = params.load()
    found = [tables.read(f"data/sources/{name}.parquet", tables.SOURCE) for name in sorted(p.sources)]
    sources = pl.concat(found)
    benchmarks = tables.read("data/benchmarks.parquet", tables.BENCHMARK)
    with timing.record("pool") as counts:
        kept, rejected = pool.build(sources, benchmarks, p.pool)
        tables.write(kept, "data/pool.parquet", tables.POOL, ["id"])
        tables.write(rejected, "data/pool_rejected.parquet", tables.POOL_REJECTED, ["source", "source_id"])
        counts.update({"in": sources.height, "kept": kept.height, **tables.reasons(rejected)})


if __name__ == "__main__":
    main()

import click
import polars as pl

from limo import params
from limo.base import tables, timing
from limo.graph import schemas
from limo.sources import rows


@click.command()
def main() -> None:
    """Write data/benchmarks.parquet: all evaluation sets, every row of which must be usable."""
    options = params.load()
    with timing.record("benchmarks") as counts:
        found = []
        for name, spec in options.benchmarks.items():
            table = rows.rows(name, spec, options.pool.max_characters)
            refused = table.filter(pl.col("rejected").is_not_null())
            if refused.height:
                first = refused.row(0, named=True)
                raise click.ClickException(
                    f"benchmark {name}: row {first['source_id']} is unusable ({first['rejected']}), one of "
                    f"{refused.height}: a score over the rest would not be comparable, so correct the data"
                )
            found.append(table.rename({"source": "benchmark"}).select(schemas.BENCHMARK.names()))
            counts[name] = table.height
        tables.write(pl.concat(found), "data/benchmarks.parquet", schemas.BENCHMARK, ["benchmark", "source_id"])


if __name__ == "__main__":
    main()

import polars as pl

from limo import params, tables, timing
from limo.problems import select


def main() -> None:
    """Choose the questions that chains are written for."""
    p = params.load()
    rated = tables.read("data/rated.parquet", tables.RATED).filter(pl.col("rejected").is_null())
    with timing.record("select") as counts:
        table = select.select(rated, p.select)
        tables.write(table, "data/questions.parquet", tables.QUESTIONS, ["id"])
        counts.update({"in": table.height, "kept": tables.kept(table).height, **tables.reasons(table)})


if __name__ == "__main__":
    main()

"""The pool and its rejected rows → the ids under which it knows a problem; used by recorded, import and gather."""

import polars as pl


def known(pool: pl.LazyFrame, rejected: pl.LazyFrame) -> pl.DataFrame:
    """Every id that stands for a problem of the pool: its own, and those of the rows that were merged into it.

    Args:
        pool: POOL rows.
        rejected: POOL_REJECTED rows.

    Returns:
        Columns id, unique, and problem, the pool's id.
    """
    own = pool.select("id", problem="id")
    others = merged(pool, rejected).select("id", "problem")
    return pl.concat([own, others]).unique("id", keep="first", maintain_order=True).collect()


def merged(pool: pl.LazyFrame, rejected: pl.LazyFrame) -> pl.LazyFrame:
    """The POOL_REJECTED rows that were merged into a row of the pool, whose id is `problem`, by source and id."""
    survivors = pool.select(problem="id", match=pl.format("{}:{}", "source", "source_id"))
    duplicates = rejected.filter(pl.col("rejected").str.starts_with("duplicate"))
    return duplicates.join(survivors, on="match", how="inner").sort("source", "source_id")

"""A dataset, and the levelled chains of a question → the examples that the report shows; used by metrics."""

from typing import Any

import polars as pl

Row = dict[str, Any]

BEST = 3  # highest-ranked examples shown
SHOWN = 6_000  # characters of a chain: one of 32,768 tokens would make the page megabytes long


def best(dataset: pl.DataFrame) -> list[Row]:
    """The highest-ranked examples of a dataset."""
    return [_cut(row, "solution") for row in dataset.sort("rank", "id").head(BEST).to_dicts()]


def levels(tiers: pl.LazyFrame, questions: pl.LazyFrame) -> list[Row]:
    """A chain of every quality level of one question: of those with the most levels, the best ranked.

    Returns:
        TIERS rows with `question` and `answer`, the highest level first; none where no question has levels.
    """
    usable = tiers.filter(pl.col("level").is_not_null(), pl.col("rejected").is_null())
    ranked = usable.group_by("id").agg(pl.col("level").n_unique().alias("levels"), pl.col("rank").min())
    chosen = ranked.sort("levels", "rank", "id", descending=[True, False, False], nulls_last=True).head(1).collect()
    if chosen.is_empty():
        return []
    only = pl.col("id") == chosen["id"].item()
    chains = usable.filter(only).sort("score", "chain_id", descending=[True, False]).collect()
    asked = questions.filter(only).select("id", "question", "answer").collect()
    one_each = chains.unique("level", keep="first", maintain_order=True).join(asked, on="id")
    return [_cut(row, "chain") for row in one_each.sort("level", descending=True).to_dicts()]


def _cut(row: Row, column: str) -> Row:
    """The row with `column` as `text`, of at most SHOWN characters, and the number of those left out as `more`."""
    text = row[column]
    return {**row, "text": text[:SHOWN], "more": max(0, len(text) - SHOWN)}

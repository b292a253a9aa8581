"""Chains of several rounds → one table of them; questions of a set; used by score, collect and question_set."""

from collections.abc import Iterable, Sequence

import polars as pl

from limo import params
from limo.base.files import by_digest
from limo.base.tables import kept, of_sources


def joined(of_each: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One table of those of every round, by chain id; of a chain that several rounds hold the earliest one's row."""
    tables = list(of_each)
    if len(tables) == 1:
        return tables[0]
    return pl.concat(tables).unique("chain_id", keep="first", maintain_order=True).sort("chain_id")


def asked(table: pl.DataFrame, sources: Sequence[str] | None) -> pl.DataFrame:
    """What a teacher is asked of a table of problems: those of its sources that have no reason for rejection."""
    return of_sources(kept(table) if "rejected" in table.columns else table, sources)


def questions(name: str, spec: params.QuestionSet, pool: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The POOL rows of question set `name`: of its levels and sources, `rows` of them, drawn by hash.

    Whether `select` chose a problem, or a filter dropped it, makes no difference.

    Raises:
        ValueError: no problem of the pool has these levels and sources.
    """
    fitting = of_sources(pool, spec.sources)
    if spec.levels is not None:
        fitting = fitting.filter(pl.col("level").is_in(spec.levels))
    if fitting.is_empty():
        raise ValueError(f"question_sets.{name} is empty: no problem of the pool has these levels and sources")
    drawn = by_digest(fitting["id"], seed, name)[: spec.rows]
    return fitting.filter(pl.col("id").is_in(drawn))

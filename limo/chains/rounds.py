"""Chains of several rounds → one table of them; questions of a set; used by stages on chains."""

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from limo import params
from limo.base import parts
from limo.base.files import by_digest
from limo.base.tables import kept, of_sources
from limo.graph import outs


def merged(tables: Sequence[Iterable[pl.DataFrame]]) -> Iterator[pl.DataFrame]:
    """One table of several by `chain_id`, a part at a time; of a chain that several hold the first table's row.

    Args:
        tables: each in parts that are not empty, sorted by `chain_id`, which no two rows of it share.
    """
    streams = [iter(parts) for parts in tables]
    waiting = [next(stream, None) for stream in streams]
    while present := [rows for rows in waiting if rows is not None]:
        last = min(rows["chain_id"][-1] for rows in present)
        due = [rows.filter(pl.col("chain_id") <= last) for rows in present]
        yield pl.concat(due).unique("chain_id", keep="first", maintain_order=True).sort("chain_id")
        for place, rows in enumerate(waiting):
            if rows is not None:
                later = rows.filter(pl.col("chain_id") > last)
                waiting[place] = later if later.height else next(streams[place], None)


def read(tables: Sequence[outs.Table]) -> Iterator[pl.DataFrame]:
    """The chains of tables of the current folder, as `merged` has them."""
    return merged([parts.read(table.path, table.schema, parts.ROWS, None) for table in tables])


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

"""Two Parquet files → their first difference in columns, rows, values or storage; used by `limo verify`."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from limo.proof.values import pair

ROWS = 10_000  # held of each table at a time
# Columns that together say which row it is, in any table of limo.graph.schemas.
KEYS = ("benchmark", "chain_id", "id", "source", "source_id", "sample")


def first(committed: Path, rebuilt: Path) -> str | None:
    """The first difference of two Parquet files: columns, rows, values, else how they are stored.

    Returns:
        None when all of these are equal and only encoded bytes differ.
    """
    one, other = pl.scan_parquet(committed), pl.scan_parquet(rebuilt)
    columns = _columns(one.collect_schema(), other.collect_schema())
    if columns:
        return columns
    heights = [pq.read_metadata(path).num_rows for path in (committed, rebuilt)]
    row = _row(one, other, min(heights))
    if heights[0] != heights[1]:
        count = f"{heights[0]} rows, rebuilt {heights[1]}"
        return f"{count}; {row}" if row else f"{count}; the first {min(heights)} are equal"
    if row:
        return f"the same rows in another order; {row}" if _bag(one) == _bag(other) else row
    for (what, left), (_, right) in zip(_storage(committed), _storage(rebuilt), strict=True):
        if left != right:
            return f"all values are equal, {what}: {pair(left, right)}"
    return None


def _columns(one: pl.Schema, other: pl.Schema) -> str | None:
    left, right = list(one.items()), list(other.items())
    for position, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return f"column {position} is {a[0]} ({a[1]}), rebuilt {b[0]} ({b[1]})"
    if len(left) > len(right):
        return f"column {len(right)}, {left[len(right)][0]}, is not rebuilt"
    if len(left) < len(right):
        return f"column {len(left)}, {right[len(left)][0]}, is new"
    return None


def _row(one: pl.LazyFrame, other: pl.LazyFrame, rows: int) -> str | None:
    for start in range(0, rows, ROWS):
        size = min(ROWS, rows - start)
        left, right = one.slice(start, size).collect(), other.slice(start, size).collect()
        unequal = [(at, name) for name in left.columns if (at := _unequal(left[name], right[name])) is not None]
        if not unequal:
            continue
        at, _ = min(unequal, key=lambda pair: pair[0])
        column = next(name for place, name in unequal if place == at)
        keys = ", ".join(f"{key} {left[key][at]}" for key in KEYS if key in left.columns)
        return f"row {start + at}{f' ({keys})' if keys else ''}, {column}: {pair(*_plain(left, right, column, at))}"
    return None


def _unequal(left: pl.Series, right: pl.Series) -> int | None:
    return left.ne_missing(right).arg_max() if left.ne_missing(right).any() else None


def _plain(left: pl.DataFrame, right: pl.DataFrame, column: str, at: int) -> tuple[object, object]:
    one, other = (table[column].slice(at, 1).to_list()[0] for table in (left, right))
    return one, other


def _bag(table: pl.LazyFrame) -> int:
    """The rows as a number that their order does not change."""
    return int(table.select(pl.struct(pl.all()).hash().sum()).collect(engine="streaming").item())


def _storage(path: Path) -> Iterator[tuple[str, object]]:
    stored = pq.read_metadata(path)
    groups = [stored.row_group(index) for index in range(stored.num_row_groups)]
    yield "written by", stored.created_by
    yield "rows per group", [group.num_rows for group in groups]
    yield "compression", sorted({group.column(i).compression for group in groups for i in range(stored.num_columns)})
    yield "metadata", dict(stored.metadata or {})

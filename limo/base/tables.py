"""Rows ↔ Parquet of the same bytes for the same rows, and reasons counted; used by all stages with tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from limo.base.files import whole

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def frame(rows: Iterable[Mapping[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """Build a frame of exactly `schema` from row mappings.

    Raises:
        ValueError: a row lacks a column of the schema or has one beyond it; the row's position and key are named.
    """
    rows = list(rows)
    for position, row in enumerate(rows):
        if row.keys() != schema.keys():
            raise ValueError(f"row {position} does not fit its table: {sorted(row.keys() ^ schema.keys())} differ")
    return pl.DataFrame(rows, schema=schema, orient="row")


def write(table: pl.DataFrame, path: str | Path, schema: pl.Schema, key: list[str]) -> None:
    """Write a table so that the same rows give the same bytes, for any thread count (design, contract 5).

    Rows are sorted by `key`, which must be unique; columns follow `schema`; row groups, compression and statistics
    are fixed. The file appears whole or not at all.

    Raises:
        ValueError: the columns differ from the schema, or two rows share a key (the first such key is named).
    """
    if table.schema != schema:
        raise ValueError(f"{path}: columns are {dict(table.schema)}, expected {dict(schema)}")
    repeated = table.filter(pl.struct(key).is_duplicated())
    if repeated.height:
        raise ValueError(f"{path}: two rows share the key {repeated.select(key).row(0, named=True)}")
    with whole(path) as partial:
        table.sort(key).write_parquet(
            partial, compression="zstd", compression_level=3, statistics=True, row_group_size=100_000
        )


def sink(rows: pl.LazyFrame, path: str | Path, schema: pl.Schema) -> None:
    """Write rows as `write` does, but in the order in which they come and without holding them all.

    Raises:
        ValueError: the columns differ from the schema.
    """
    if rows.collect_schema() != schema:
        raise ValueError(f"{path}: columns are {dict(rows.collect_schema())}, expected {dict(schema)}")
    with whole(path) as partial:
        rows.sink_parquet(
            partial,
            compression="zstd",
            compression_level=3,
            statistics=True,
            row_group_size=100_000,
            maintain_order=True,
        )


def read(path: str | Path, schema: pl.Schema) -> pl.DataFrame:
    """Read a table that `write` made, in its stored order.

    Raises:
        FileNotFoundError: the table is not there; the message says which command makes it.
        ValueError: the file's columns are not those of the schema.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing: run `dvc repro`, or `dvc pull {path}` where a remote holds it")
    table = pl.read_parquet(path)
    if table.schema != schema:
        raise ValueError(f"{path}: columns are {dict(table.schema)}, expected {dict(schema)}")
    return table


def kept(table: pl.DataFrame) -> pl.DataFrame:
    """Rows of a decision table that passed, without the `rejected` column."""
    return table.filter(pl.col("rejected").is_null()).drop("rejected")


def of_sources(table: Frame, names: Sequence[str] | None) -> Frame:
    """Rows whose `source` is one of these; all where no names are given."""
    return table if names is None else table.filter(pl.col("source").is_in(list(names)))


def reasons(table: pl.DataFrame) -> dict[str, int]:
    """How many rows were rejected for each reason (the text before the first colon), sorted by reason."""
    given = table["rejected"].drop_nulls().str.split(":").list.first()
    return {reason: given.to_list().count(reason) for reason in sorted(set(given.to_list()))}

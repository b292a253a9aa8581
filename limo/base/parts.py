"""Rows of a sorted table that come or are read a part at a time, so that memory holds one; used by stages on chains."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from limo.base import tables
from limo.base.scratch import scratch

ROWS = 512  # of texts that a stage on chains has in memory
_BUFFER = 1 << 20  # bytes of a file that are read at once


def read(path: str | Path, schema: pl.Schema, rows: int, columns: Sequence[str] | None) -> Iterator[pl.DataFrame]:
    """The rows of a table that `tables.write` made, in their order, at most `rows` of them at a time.

    Args:
        path, schema: as for `tables.read`.
        rows: in memory; a row group is not read as a whole.
        columns: to read; None for all.

    Raises:
        FileNotFoundError, ValueError: as `tables.read`.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing: run `dvc repro`, or `dvc pull {path}` where a remote holds it")
    if (found := pl.read_parquet_schema(path)) != schema:
        raise ValueError(f"{path}: columns are {dict(found)}, expected {dict(schema)}")
    names = list(schema) if columns is None else list(columns)
    with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        for batch in file.iter_batches(rows, columns=names, use_threads=False):
            yield pl.DataFrame(pl.from_arrow(batch)).select(names)


def write(parts: Iterable[pl.DataFrame], path: str | Path, schema: pl.Schema, key: str) -> None:
    """Write rows to the bytes that `tables.write` gives all of them; what came lies in the scratch folder till then.

    A part is in memory, and at the end a row group.

    Args:
        parts: rows in the order of their key.
        path, schema: as for `tables.write`.
        key: the column of text that orders the rows and that no two share.

    Raises:
        ValueError: a part's columns differ from the schema, or a key does not follow the one before it.
    """
    last = None
    kept: list[Path] = []
    with scratch() as folder:
        for part in parts:
            if part.schema != schema:
                raise ValueError(f"{path}: columns are {dict(part.schema)}, expected {dict(schema)}")
            early = part.filter(pl.col(key) <= pl.col(key).shift(1, fill_value=last))
            if early.height:
                raise ValueError(f"{path}: the key {early[key][0]} does not follow the one before it")
            last = part[key].tail(1).item() if part.height else last
            kept.append(folder / f"{len(kept):06}.parquet")
            part.write_parquet(kept[-1], compression="lz4")
        tables.sink(pl.scan_parquet(kept) if kept else pl.LazyFrame(schema=schema), path, schema)

"""The tables and records of a run → what was made of what, under which licence and hash; used by metrics."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

Row = dict[str, Any]

ORIGIN = ["source", "source_revision", "licence"]


def sources(pool: pl.LazyFrame, rejected: pl.LazyFrame, dataset: pl.LazyFrame) -> list[Row]:
    """Rows of every source by revision and licence: in the pool, rejected before it, and in the dataset."""
    counted = [
        table.group_by(ORIGIN).len().select(*ORIGIN, pl.lit(name).alias("table"), "len")
        for name, table in (("pool", pool), ("rejected", rejected), ("released", dataset))
    ]
    wide = pl.concat(counted).collect().group_by(ORIGIN).agg(*map(_rows_of, ("pool", "rejected", "released")))
    return wide.sort(ORIGIN).to_dicts()


def benchmarks(rows: pl.LazyFrame) -> list[Row]:
    """Problems of every benchmark by revision and licence."""
    key = ["benchmark", "source_revision", "licence"]
    return rows.group_by(key).len("problems").sort(key).collect().to_dicts()


def answered_with(attempts: Mapping[str, pl.LazyFrame]) -> list[Row]:
    """By stage the weights that answered (their fingerprint) and the numerics under which their bytes are promised."""
    key = ["model", "fingerprint", "numerics"]
    return [
        {"stage": stage, **row}
        for stage, table in attempts.items()
        for row in table.select(key).unique().sort(key).collect().to_dicts()
    ]


def trained_with(records: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """By variant the hashes of the dataset and the base model it was trained from, and the numerics."""
    key = ("dataset", "dataset_sha256", "base_model_sha256", "numerics")
    return [{"variant": name, **{name_: record[name_] for name_ in key}} for name, record in sorted(records.items())]


def files(paths: Iterable[Path]) -> dict[str, Row]:
    """The sha256 and the bytes of files by their paths, sorted."""
    hashed = {}
    for path in sorted(paths):
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        hashed[path.as_posix()] = {"sha256": sha256, "bytes": path.stat().st_size}
    return hashed


def _rows_of(table: str) -> pl.Expr:
    return pl.col("len").filter(pl.col("table") == table).sum().alias(table)

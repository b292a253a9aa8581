import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl


def _schema(columns: dict[str, Any]) -> pl.Schema:
    return pl.Schema(columns)


SOLUTION = pl.Struct({"style": pl.String, "text": pl.String})

# One row per problem as a source yields it. `rejected` is null for a usable row, else the reason.
SOURCE = _schema(
    {
        "id": pl.String,
        "question": pl.String,
        "answer": pl.String,
        "solutions": pl.List(SOLUTION),
        "domain": pl.String,
        "level": pl.Int64,
        "source": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
        "rejected": pl.String,
    }
)
BENCHMARK = _schema(
    {
        "benchmark": pl.String,
        "id": pl.String,
        "question": pl.String,
        "answer": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
    }
)
# `duplicates` lists the "source:source_id" of every row merged into this one, sorted. `family` is the id of the first
# problem of the same template, null for a problem that has none.
POOL = _schema(
    {
        **{k: v for k, v in SOURCE.items() if k != "rejected"},
        "duplicates": pl.List(pl.String),
        "subject": pl.String,
        "language": pl.String,
        "answer_type": pl.String,
        "family": pl.String,
    }
)
# `match` names the row that caused the rejection: a "source:source_id" or a "benchmark:source_id".
POOL_REJECTED = _schema({**SOURCE, "match": pl.String, "match_score": pl.Float64})
# The decision tables keep every row that entered; `rejected` is null for a kept row, else the reason.
SCREENED = _schema(
    {**POOL, "screen_correct": pl.Int64, "screen_drawn": pl.Int64, "screen_stopped": pl.Boolean, "rejected": pl.String}
)
RATED = _schema(
    {
        **{k: v for k, v in SCREENED.items() if k != "rejected"},
        "rate_correct": pl.Int64,
        "rate_drawn": pl.Int64,
        "rate_stopped": pl.Boolean,
        "rejected": pl.String,
    }
)
QUESTIONS = RATED
# `fingerprint` is that of the model's weights, `key` the answer's in the generation store.
ATTEMPT = _schema(
    {
        "id": pl.String,
        "model": pl.String,
        "fingerprint": pl.String,
        "sample": pl.Int64,
        "seed": pl.UInt64,
        "key": pl.String,
        "text": pl.String,
        "tokens": pl.Int64,
        "stop": pl.String,
        "extracted": pl.String,
        "verdict": pl.String,
        "rule": pl.String,
        "numerics": pl.String,
    }
)
# `origin` says where in the teacher's material the chain lies: "solution:STYLE" or "sample:INDEX".
CHAIN = _schema(
    {
        "chain_id": pl.String,
        "id": pl.String,
        "teacher": pl.String,
        "origin": pl.String,
        "chain": pl.String,
        "seed": pl.UInt64,
        "stop": pl.String,
    }
)
CHECKED = _schema({**CHAIN, "extracted": pl.String, "verdict": pl.String, "rule": pl.String})
SCORED = _schema(
    {
        **CHECKED,
        "tokens": pl.Int64,
        "verify_count": pl.Int64,
        "explore_count": pl.Int64,
        "connect_count": pl.Int64,
        "length_z": pl.Float64,
        "verify_z": pl.Float64,
        "explore_z": pl.Float64,
        "connect_z": pl.Float64,
        "score": pl.Float64,
    }
)
# `best` marks a selected question's highest-scoring chain, `rank` (1 = best) orders those, `level` is the quality
# level 1..5 within the question; `rejected` says why a chain can be in no dataset.
TIERS = _schema(
    {
        **SCORED,
        "selected": pl.Boolean,
        "best": pl.Boolean,
        "rank": pl.Int64,
        "level": pl.Int64,
        "truncated": pl.Boolean,
        "rejected": pl.String,
    }
)
DATASET = _schema(
    {
        "question": pl.String,
        "solution": pl.String,
        "answer": pl.String,
        "id": pl.String,
        "chain_id": pl.String,
        "domain": pl.String,
        "difficulty": pl.Int64,
        "source": pl.String,
        "source_id": pl.String,
        "source_revision": pl.String,
        "licence": pl.String,
        "duplicates": pl.List(pl.String),
        "decontamination": pl.String,
        "screen_correct": pl.Int64,
        "screen_drawn": pl.Int64,
        "screen_stopped": pl.Boolean,
        "rate_correct": pl.Int64,
        "rate_drawn": pl.Int64,
        "rate_stopped": pl.Boolean,
        "teacher": pl.String,
        "origin": pl.String,
        "seed": pl.UInt64,
        "tokens": pl.Int64,
        "truncated": pl.Boolean,
        "length_z": pl.Float64,
        "verify_z": pl.Float64,
        "explore_z": pl.Float64,
        "connect_z": pl.Float64,
        "score": pl.Float64,
        "rank": pl.Int64,
        "level": pl.Int64,
    }
)
# One row per (benchmark, source_id, sample): a benchmark may hold one problem twice.
ANSWER = _schema({"benchmark": pl.String, "source_id": pl.String, **ATTEMPT})


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
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    table.sort(key).write_parquet(
        partial, compression="zstd", compression_level=3, statistics=True, row_group_size=100_000
    )
    partial.replace(path)


def sink(rows: pl.LazyFrame, path: str | Path, schema: pl.Schema) -> None:
    """Write rows as `write` does, but in the order in which they come and without holding them all.

    Raises:
        ValueError: the columns differ from the schema.
    """
    if rows.collect_schema() != schema:
        raise ValueError(f"{path}: columns are {dict(rows.collect_schema())}, expected {dict(schema)}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    rows.sink_parquet(
        partial, compression="zstd", compression_level=3, statistics=True, row_group_size=100_000, maintain_order=True
    )
    partial.replace(path)


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


def reasons(table: pl.DataFrame) -> dict[str, int]:
    """How many rows were rejected for each reason (the text before the first colon), sorted by reason."""
    found = table["rejected"].drop_nulls().str.split(":").list.first()
    return {reason: found.to_list().count(reason) for reason in sorted(set(found.to_list()))}


def read_json(path: str | Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(value: Any, path: str | Path) -> None:
    """Write JSON with sorted keys and a final newline, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(
        json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    partial.replace(path)


def digest(*parts: object) -> str:
    """Hex sha256 of the parts' JSON: the one hash behind ids, keys, seeds and choices."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

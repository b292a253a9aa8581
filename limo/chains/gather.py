"""Solutions, imports, attempts and samples of teachers → CHAIN rows; used by gather, imported and collect."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from limo.base.files import digest
from limo.base.tables import frame
from limo.graph.schemas import CHAIN

SOLUTIONS = "solutions"  # teacher name of the chains that the sources themselves hold


def chain_id(problem: str, text: str) -> str:
    """Id of a chain: 16 hex digits over the problem id and the chain's text, whoever wrote it."""
    return digest(problem, text)[:16]


def from_solutions(pool: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Every worked solution of every POOL row, and of the rows that were merged into one, as CHAIN rows.

    Of identical ones for one problem the pool's own stays, or the first by source and source id.

    Args:
        pool: POOL rows.
        merged: POOL_REJECTED rows with, as `problem`, the id of that which they were merged into (`problems.known`).
    """
    own = [(row, row["id"], "") for row in pool.iter_rows(named=True)]
    others = [(row, row["problem"], f"{row['source']}:{row['source_id']} ") for row in merged.iter_rows(named=True)]
    rows = [
        _chain(problem, SOLUTIONS, f"{name}solution:{solution['style']}", solution["text"])
        | {"author": row["source"], "chain_revision": row["source_revision"], "chain_licence": row["licence"]}
        for row, problem, name in [*own, *others]
        for solution in row["solutions"] or []
    ]
    return _distinct(frame(rows, CHAIN))


def from_traces(traces: pl.DataFrame, name: str) -> pl.DataFrame:
    """The texts of an import (usable TRACE rows) as CHAIN rows; of identical ones for one problem the first.

    Args:
        traces: rows without a reason for rejection.
        name: the import's key in params.yaml.
    """
    rows = [
        _chain(row["id"], name, f"import:{row['sample']}", row["text"])
        | {key: row[key] for key in ("author", "author_kind", "claimed", "stop")}
        | {"chain_revision": row["source_revision"], "chain_licence": row["licence"]}
        for row in traces.filter(pl.col("text").is_not_null()).iter_rows(named=True)
    ]
    return _distinct(frame(rows, CHAIN))


def from_attempts(attempts: pl.DataFrame) -> pl.DataFrame:
    """The correct ATTEMPT rows of `rate` as CHAIN rows, by the rated model; of identical ones the lowest sample."""
    correct = attempts.filter(pl.col("verdict") == "correct")
    return _sampled(correct, correct["model"].to_list())


def from_samples(attempts: pl.DataFrame, teacher: str, number: int) -> pl.DataFrame:
    """A teacher's sampled completions as CHAIN rows; of identical texts for one problem the lowest sample is kept.

    Args:
        attempts: ATTEMPT rows.
        teacher: the teacher's key in params.yaml.
        number: the round that it writes in.
    """
    return _sampled(attempts, [teacher] * attempts.height).with_columns(round=pl.lit(number, pl.Int64))


def counts(
    pool: pl.DataFrame, merged: pl.DataFrame, attempts: pl.DataFrame, solutions: pl.DataFrame, correct: pl.DataFrame
) -> dict[str, int]:
    """What became of the solutions of the pool and of the rows merged into it, and of the attempts of rate.

    Args:
        pool, merged: as for `from_solutions`. attempts: ATTEMPT rows.
        solutions, correct: the CHAIN rows made of them.
    """
    entered = sum(int(rows["solutions"].list.len().sum()) for rows in (pool, merged)) + attempts.height
    incorrect = attempts.filter(pl.col("verdict") != "correct").height
    identical = entered - incorrect - solutions.height - correct.height
    assert identical >= 0, "more chains were gathered than there were"
    made = {"solutions": solutions.height, "attempts": correct.height}
    return {"in": entered, **made, "not correct": incorrect, "identical": identical}


def _sampled(attempts: pl.DataFrame, teachers: Sequence[str]) -> pl.DataFrame:
    in_order = attempts.with_columns(teacher=pl.Series(teachers, dtype=pl.String)).sort("id", "teacher", "sample")
    rows = [
        _chain(row["id"], row["teacher"], f"sample:{row['sample']}", row["text"])
        | {key: row[key] for key in ("seed", "stop", "claimed")}
        | {"author": row["model"], "author_kind": "model"}
        | {"chain_revision": row["fingerprint"], "chain_licence": row["licence"]}
        for row in in_order.iter_rows(named=True)
    ]
    return _distinct(frame(rows, CHAIN))


def _chain(problem: str, teacher: str, origin: str, text: str) -> dict[str, Any]:
    """A CHAIN row's values, of round 0 and an author of whom nothing is known, whose text ended by itself."""
    return {
        "chain_id": chain_id(problem, text),
        "id": problem,
        "teacher": teacher,
        "round": 0,
        "origin": origin,
        "chain": text,
        "seed": None,
        "stop": "eos",
        **dict.fromkeys(("author", "author_kind", "chain_revision", "chain_licence", "claimed")),
    }


def _distinct(chains: pl.DataFrame) -> pl.DataFrame:
    return chains.unique("chain_id", keep="first", maintain_order=True)

"""Solutions, attempts and samples of teachers → CHAIN rows; used by gather, collect and check."""

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


def from_solutions(pool: pl.DataFrame) -> pl.DataFrame:
    """Every worked solution of every POOL row as CHAIN rows; of identical ones for one problem the first."""
    rows = [
        _chain(row["id"], SOLUTIONS, f"solution:{solution['style']}", solution["text"], seed=None, stop="eos")
        for row in pool.select("id", "solutions").iter_rows(named=True)
        for solution in row["solutions"] or []
    ]
    return _distinct(frame(rows, CHAIN))


def from_attempts(attempts: pl.DataFrame) -> pl.DataFrame:
    """The correct ATTEMPT rows of `rate` as CHAIN rows, by the rated model; of identical ones the lowest sample."""
    correct = attempts.filter(pl.col("verdict") == "correct")
    return _sampled(correct, correct["model"].to_list())


def from_samples(attempts: pl.DataFrame, teacher: str) -> pl.DataFrame:
    """A teacher's sampled completions as CHAIN rows; of identical texts for one problem the lowest sample is kept.

    Args:
        attempts: rows with at least `id`, `sample`, `seed`, `text` and `stop`.
        teacher: the teacher's key in params.yaml.
    """
    return _sampled(attempts, [teacher] * attempts.height)


def merge(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One CHAIN table of several: a text that several tables hold for one problem is one chain, the first table's."""
    return _distinct(pl.concat(tables))


def counts(
    pool: pl.DataFrame, attempts: pl.DataFrame, solutions: pl.DataFrame, correct: pl.DataFrame
) -> dict[str, int]:
    """What became of the solutions of the pool and the attempts of rate.

    Args:
        pool, attempts: POOL and ATTEMPT rows.
        solutions, correct: the CHAIN rows made of them.
    """
    entered = int(pool["solutions"].list.len().sum()) + attempts.height
    incorrect = attempts.filter(pl.col("verdict") != "correct").height
    identical = entered - incorrect - solutions.height - correct.height
    assert identical >= 0, "more chains were gathered than there were"
    made = {"solutions": solutions.height, "attempts": correct.height}
    return {"in": entered, **made, "not correct": incorrect, "identical": identical}


def _sampled(attempts: pl.DataFrame, teachers: Sequence[str]) -> pl.DataFrame:
    in_order = attempts.with_columns(teacher=pl.Series(teachers, dtype=pl.String)).sort("id", "teacher", "sample")
    rows = [
        _chain(row["id"], row["teacher"], f"sample:{row['sample']}", row["text"], seed=row["seed"], stop=row["stop"])
        for row in in_order.iter_rows(named=True)
    ]
    return _distinct(frame(rows, CHAIN))


def _chain(problem: str, teacher: str, origin: str, text: str, *, seed: int | None, stop: str) -> dict[str, Any]:
    return {
        "chain_id": chain_id(problem, text),
        "id": problem,
        "teacher": teacher,
        "origin": origin,
        "chain": text,
        "seed": seed,
        "stop": stop,
    }


def _distinct(chains: pl.DataFrame) -> pl.DataFrame:
    return chains.unique("chain_id", keep="first", maintain_order=True)

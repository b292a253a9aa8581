"""CHAIN rows and the pool → CHECKED rows, every answer judged against its problem's; used by check."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from tqdm import tqdm

from limo import params
from limo.answers.verify import Case, Verdict, Verifier
from limo.base.tables import frame
from limo.chains import gather
from limo.graph.schemas import CHECKED

_PART = 256  # chains judged between two steps of the progress bar


def merged(
    collected: Sequence[pl.DataFrame], pool: pl.DataFrame, p: params.Answers
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Judge each distinct chain of a problem once.

    Args:
        collected: tables of CHAIN rows; of two identical chains the first table's stays.
        pool: POOL rows; they hold the reference answers.
        p: how answers are read and compared.

    Returns:
        CHECKED rows, and the counts for the stage's line: chains in, identical, and by verdict.

    Raises:
        ValueError: as `check`.
    """
    chains = gather.merge(collected)
    with Verifier(p) as verifier:
        checked = check(chains, pool, lambda cases: _in_parts(cases, verifier))
    entered = sum(table.height for table in collected)
    verdicts = dict(sorted(checked["verdict"].value_counts().iter_rows()))
    return checked, {"in": entered, "identical": entered - chains.height, **verdicts}


def _in_parts(cases: list[Case], verifier: Verifier) -> list[Verdict]:
    verdicts: list[Verdict] = []
    with tqdm(total=len(cases), desc="check", unit="chain") as progress:
        for start in range(0, len(cases), _PART):
            verdicts += verifier.verify_many(cases[start : start + _PART])
            progress.update(len(verdicts) - progress.n)
    return verdicts


def check(
    chains: pl.DataFrame,
    pool: pl.DataFrame,
    verify: Callable[[list[Case]], Sequence[Verdict]],
) -> pl.DataFrame:
    """Judge every chain against its problem's answer: CHAIN rows in, as many CHECKED rows out.

    Args:
        chains: CHAIN rows.
        pool: POOL rows; they hold the reference answers.
        verify: judges a list of cases in order.

    Raises:
        ValueError: a chain belongs to no problem of the pool.
    """
    problems = {row["id"]: row for row in pool.select("id", "question", "answer").iter_rows(named=True)}
    unknown = chains.filter(~pl.col("id").is_in(list(problems)))
    if unknown.height:
        row = unknown.row(0, named=True)
        raise ValueError(
            f"chain {row['chain_id']} of teacher {row['teacher']} is for problem {row['id']}, which is not in the "
            "pool: its table is older than the pool; run `dvc repro check`"
        )
    rows = list(chains.iter_rows(named=True))
    verdicts = verify([_case(problems[row["id"]], row) for row in rows])
    checked = [
        {**row, "extracted": judged.extracted, "verdict": judged.verdict, "rule": judged.rule}
        for row, judged in zip(rows, verdicts, strict=True)
    ]
    return frame(checked, CHECKED)


def _case(problem: Mapping[str, Any], chain: Mapping[str, Any]) -> Case:
    return Case(problem["answer"], response=chain["chain"], question=problem["question"], stop=chain["stop"])

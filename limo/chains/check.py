"""The answer of every chain, judged against its problem's (stage check)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from limo.answers.verify import Case, Verdict
from limo.base.tables import frame
from limo.graph.schemas import CHECKED


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
    judged = [
        {**row, "extracted": found.extracted, "verdict": found.verdict, "rule": found.rule}
        for row, found in zip(rows, verdicts, strict=True)
    ]
    return frame(judged, CHECKED)


def _case(problem: Mapping[str, Any], chain: Mapping[str, Any]) -> Case:
    return Case(problem["answer"], response=chain["chain"], question=problem["question"], stop=chain["stop"])

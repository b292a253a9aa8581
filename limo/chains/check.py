"""CHAIN rows and the pool → CHECKED rows, every answer judged against its problem's; used by check."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from tqdm import tqdm

from limo import params
from limo.answers.verify import Case, Verdict, Verifier
from limo.base.tables import frame
from limo.chains import rounds
from limo.graph.schemas import CHECKED

PART = 256  # chains judged at a time


def merged(
    collected: Sequence[Iterable[pl.DataFrame]], pool: pl.DataFrame, p: params.Answers
) -> Iterator[pl.DataFrame]:
    """Judge each distinct chain of a problem once: CHECKED rows by `chain_id`, a part at a time.

    Args:
        collected: tables of CHAIN rows in parts, by `chain_id`; of two identical chains the first table's stays.
        pool: POOL rows; they hold the reference answers.
        p: how answers are read and compared.

    Raises:
        ValueError: as `check`.
    """
    problems = pool.select("id", "question", "answer").rows_by_key("id", named=True, unique=True)
    with Verifier(p) as verifier, tqdm(desc="check", unit="chain") as progress:
        for chains in rounds.merged(collected):
            for part in chains.iter_slices(PART):
                yield check(part, problems, verifier.verify_many)
                progress.update(part.height)


def counts(collected: Sequence[str], checked: str) -> dict[str, int]:
    """Chains that tables hold, those that another one repeats, and the distinct ones by verdict.

    Args:
        collected, checked: paths of the tables of CHAIN rows and of the CHECKED rows made of them.
    """
    entered = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in collected)
    verdicts = pl.scan_parquet(checked).group_by("verdict").len().collect()
    return {"in": entered, "identical": entered - int(verdicts["len"].sum()), **dict(sorted(verdicts.iter_rows()))}


def check(
    chains: pl.DataFrame,
    problems: Mapping[str, Mapping[str, Any]],
    verify: Callable[[list[Case]], Sequence[Verdict]],
) -> pl.DataFrame:
    """Judge every chain against its problem's answer: CHAIN rows in, as many CHECKED rows out.

    Args:
        chains: CHAIN rows.
        problems: question and answer of POOL rows by id.
        verify: judges a list of cases in order.

    Raises:
        ValueError: a chain belongs to no problem of the pool.
    """
    rows = list(chains.iter_rows(named=True))
    if row := next((row for row in rows if row["id"] not in problems), None):
        raise ValueError(
            f"chain {row['chain_id']} of teacher {row['teacher']} is for problem {row['id']}, which is not in the "
            "pool: its table is older than the pool; run `dvc repro check`"
        )
    verdicts = verify([_case(problems[row["id"]], row) for row in rows])
    checked = [
        {**row, "extracted": judged.extracted, "verdict": judged.verdict, "rule": judged.rule}
        for row, judged in zip(rows, verdicts, strict=True)
    ]
    return frame(checked, CHECKED)


def _case(problem: Mapping[str, Any], chain: Mapping[str, Any]) -> Case:
    return Case(problem["answer"], response=chain["chain"], question=problem["question"], stop=chain["stop"])

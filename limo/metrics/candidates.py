"""A candidate's answers → all that a reviewer asks of each benchmark beside its score; used by metrics."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, quantiles, stdev
from typing import Any

import polars as pl

from limo import params
from limo.metrics.statistics import all_at_k, interval, pass_at_k
from limo.metrics.suspects import suspicion

LISTED = 20  # suspects named
GROUPS = ("domain", "level", "source", "answer_type")

Figures = dict[str, Any]
Rows = list[dict[str, Any]]


def figures(
    answers: pl.DataFrame, benchmarks: pl.DataFrame, exams: Mapping[str, params.Exam], pass_at: Sequence[int]
) -> dict[str, Figures]:
    """Of every exam the figures of one candidate.

    Args:
        answers: its ANSWER rows.
        benchmarks: BENCHMARK rows.
        exams: as `params.exams` has them.
        pass_at: the numbers of draws k of pass@k and all@k.

    Returns:
        Per exam: `pass_at` and `all_at` by k, null where a problem has fewer draws; `runs`, mean, spread, least
        and greatest accuracy of the draws of one number, as others report it; `bounds`, the score with undecided
        answers as wrong and as right, with the interval of each; `tokens`, quantiles of right and of other answers;
        `budgets`, the score under fewer tokens; `suspects`; `groups`, the score by domain, level, source and type of
        the answer; `circular`, the share of problems that are right under every rotation of their options, null where
        they are asked in one order.
    """
    labels = benchmarks.select("benchmark", "source_id", "answer", "cluster", "order", *GROUPS)
    joined = answers.join(labels, on=["benchmark", "source_id"], how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("cluster").fill_null(pl.col("source_id")))
    ordered = joined.sort("source_id", "sample")
    return {
        name: _of(ordered.filter(benchmark=exam.benchmark, protocol=exam.named), pass_at)
        for name, exam in exams.items()
    }


def _of(table: pl.DataFrame, pass_at: Sequence[int]) -> Figures:
    lists = table.group_by("source_id", maintain_order=True).agg(
        "verdict", "extracted", "cuts", *(pl.col(name).first() for name in ("cluster", "order", *GROUPS))
    )
    problems, rows = lists.to_dicts(), table.to_dicts()
    drawn = [(row["verdict"].count("correct"), len(row["verdict"])) for row in problems]
    return {
        "pass_at": {str(k): _mean([pass_at_k(c, n, k) if k <= n else None for c, n in drawn]) for k in pass_at},
        "all_at": {str(k): _mean([all_at_k(c, n, k) if k <= n else None for c, n in drawn]) for k in pass_at},
        "runs": _runs(rows),
        "bounds": {
            "undecided_wrong": _score(problems, {"correct"}),
            "undecided_right": _score(problems, {"correct", "undecided"}),
        },
        "tokens": {
            "right": _quantiles([row["tokens"] for row in rows if row["verdict"] == "correct"]),
            "other": _quantiles([row["tokens"] for row in rows if row["verdict"] != "correct"]),
        },
        "budgets": _budgets(problems),
        "suspects": _suspects(rows),
        "groups": dict(_groups(problems)),
        "circular": _circular(problems),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def _score(problems: Rows, right: set[str]) -> Figures:
    """The mean share of right draws over problems, with its interval."""
    rates = [fmean(verdict in right for verdict in row["verdict"]) for row in problems]
    samples = sum(len(row["verdict"]) for row in problems)
    low, high = interval(rates, samples, [row["cluster"] for row in problems])
    return {"problems": len(problems), "pass_at_1": fmean(rates), "low": low, "high": high}


def _runs(rows: Rows) -> Figures:
    """The accuracy of the draws of each number, one run over the benchmark: what other evaluations call a seed."""
    by_sample: dict[int, list[bool]] = {}
    for row in rows:
        by_sample.setdefault(row["sample"], []).append(row["verdict"] == "correct")
    accuracies = [fmean(run) for run in by_sample.values()]
    spread = stdev(accuracies) if len(accuracies) > 1 else None
    return {
        "runs": len(accuracies),
        "mean": fmean(accuracies),
        "spread": spread,
        "least": min(accuracies),
        "greatest": max(accuracies),
    }


def _quantiles(tokens: Sequence[int]) -> Figures | None:
    """Tenth, half and nine tenths; None where there are fewer than two."""
    if len(tokens) < 2:
        return None
    tenths = quantiles(tokens, n=10, method="inclusive")
    return {"answers": len(tokens), "q10": tenths[0], "q50": tenths[4], "q90": tenths[8]}


def _budgets(problems: Rows) -> dict[str, float]:
    """The score under every budget of tokens, by the budget."""
    shares: dict[int, list[float]] = {}
    for row in problems:
        for cut in zip(*row["cuts"], strict=True):
            shares.setdefault(cut[0]["tokens"], []).append(fmean(each["verdict"] == "correct" for each in cut))
    return {str(tokens): fmean(rates) for tokens, rates in sorted(shares.items())}


def _suspects(rows: Rows) -> Figures:
    """How many answers are suspicious, and the first of them as SOURCE_ID/SAMPLE with the place."""
    suspects = [(row, where) for row in rows if row["answer"] and (where := suspicion(row, row["answer"]))]
    return {
        "answers": len(suspects),
        "first": {f"{row['source_id']}/{row['sample']}": where for row, where in suspects[:LISTED]},
    }


def _groups(problems: Rows) -> Iterator[tuple[str, dict[str, Figures]]]:
    """The score by every label that some problem has."""
    for name in GROUPS:
        members: dict[Any, Rows] = {}
        for row in problems:
            members.setdefault(row[name], []).append(row)
        if set(members) != {None}:
            ordered = sorted(members.items(), key=lambda entry: (entry[0] is None, entry[0]))
            yield name, {str(label): _score(rows, {"correct"}) for label, rows in ordered}


def _circular(problems: Rows) -> float | None:
    turns: dict[str, list[Mapping[str, Any]]] = {}
    for row in problems:
        turns.setdefault(row["source_id"].partition("~")[0], []).append(row)
    if len(turns) == len(problems) or any(row["order"] is None for row in problems):
        return None
    return fmean(all(set(row["verdict"]) == {"correct"} for row in rows) for rows in turns.values())

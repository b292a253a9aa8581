"""A judge's judgements → its agreement with the rules, and the scores with and without it; used by judge."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

import polars as pl

from limo import params
from limo.metrics.statistics import interval, share, t_quantile

Figures = dict[str, Any]
Pair = tuple[bool, bool]  # whether rules and judge say correct

DECIDED = ("correct", "wrong")
PAIR = ("benchmark", "protocol")


def figures(
    judged: pl.DataFrame,
    answers: Mapping[str, pl.DataFrame],
    benchmarks: pl.DataFrame,
    exams: Mapping[str, params.Exam],
) -> Figures:
    """What a judge is worth and what it changes.

    Args:
        judged: JUDGED rows of one judge.
        answers: the ANSWER rows of every candidate.
        benchmarks: BENCHMARK rows.
        exams: as `params.exams` has them.

    Returns:
        `judgements` counts what it said; `agreement` is `agreement` on the share that rules and judge both decided, of
        the answers that count in the mean: protocols may share answers, which are not counted twice.
        `candidates` has by candidate and exam the score by the rules alone and with what the judge settles, each
        with its interval, and how many answers were undecided and settled.
    """
    labelled = judged.join(
        benchmarks.select("benchmark", "source_id", "cluster"), on=["benchmark", "source_id"], how="left"
    )
    first = [(exam.benchmark, exam.named) for name, exam in exams.items() if params.counts(name)]
    counted = pl.struct("benchmark", "protocol").is_in([dict(zip(PAIR, each, strict=True)) for each in first])
    both = labelled.filter("shared", counted, pl.col("rules").is_in(DECIDED), pl.col("judgement").is_in(DECIDED))
    pairs = [(rules == "correct", said == "correct") for rules, said in both.select("rules", "judgement").rows()]
    clusters = both.select(pl.format("{}:{}", "benchmark", "cluster")).to_series().to_list()
    said = judged["judgement"].value_counts().sort("judgement")
    return {
        "judgements": dict(said.iter_rows()),
        "agreement": agreement(pairs, clusters),
        "candidates": {
            name: _scores(table, judged.filter(candidate=name), benchmarks, exams)
            for name, table in sorted(answers.items())
        },
    }


def agreement(pairs: Sequence[Pair], clusters: Sequence[str]) -> Figures:
    """How far a judge says what the rules say, of answers that both decide.

    Args:
        pairs: of every such answer whether the rules and the judge call it correct.
        clusters: the cluster of its problem: answers to one problem, or to related ones, are alike.

    Returns:
        `answers`; `agree`, `false_accepts` (of those that the rules call wrong) and `false_rejects` (of those that they
        call correct) as shares with 95 % intervals, null where there is no such answer; Cohen's `kappa` with a
        jackknife interval over clusters, null where chance alone would agree always.
    """

    def of(chosen: Sequence[tuple[Pair, str]], wanted: Callable[[Pair], bool]) -> Figures | None:
        return share([float(wanted(pair)) for pair, _ in chosen], [cluster for _, cluster in chosen], "answers")

    placed = list(zip(pairs, clusters, strict=True))
    return {
        "answers": len(pairs),
        "agree": of(placed, lambda pair: pair[0] == pair[1]),
        "false_accepts": of([one for one in placed if not one[0][0]], lambda pair: pair[1]),
        "false_rejects": of([one for one in placed if one[0][0]], lambda pair: not pair[1]),
        "kappa": _kappa_interval(placed),
    }


def kappa(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa (1960): the agreement beyond chance, (p_o - p_e) / (1 - p_e); None where p_e is 1."""
    if not pairs:
        return None
    rules, judge = fmean(one for one, _ in pairs), fmean(other for _, other in pairs)
    chance = rules * judge + (1 - rules) * (1 - judge)
    observed = fmean(one == other for one, other in pairs)
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _kappa_interval(placed: Sequence[tuple[Pair, str]]) -> Figures | None:
    value, names = kappa([pair for pair, _ in placed]), sorted({cluster for _, cluster in placed})
    if value is None:
        return None
    without = [kappa([pair for pair, cluster in placed if cluster != name]) for name in names]
    known = [one for one in without if one is not None]
    if len(known) < len(names) or len(names) == 1:
        return {"value": value, "low": None, "high": None}
    centre = fmean(known)
    error = math.sqrt((len(known) - 1) / len(known) * math.fsum((one - centre) ** 2 for one in known))
    half = t_quantile(len(known) - 1) * error
    return {"value": value, "low": max(-1.0, value - half), "high": min(1.0, value + half)}


def _scores(
    answers: pl.DataFrame, judged: pl.DataFrame, benchmarks: pl.DataFrame, exams: Mapping[str, params.Exam]
) -> dict[str, Figures]:
    """By exam of the benchmarks that the judge looked at."""
    key = [*PAIR, "source_id", "sample"]
    settled = judged.filter(pl.col("rules") == "undecided", pl.col("judgement").is_in(DECIDED))
    joined = answers.join(settled.select(*key, "judgement"), on=key, how="left").join(
        benchmarks.select("benchmark", "source_id", "cluster"), on=["benchmark", "source_id"], how="left"
    )
    looked_at = set(judged["benchmark"])
    tables = {
        name: joined.sort(key).filter(benchmark=exam.benchmark, protocol=exam.named)
        for name, exam in exams.items()
        if exam.benchmark in looked_at
    }
    return {
        name: {
            "rules": _score(table, pl.col("verdict")),
            "judged": _score(table, pl.coalesce("judgement", "verdict")),
            "undecided": table.filter(verdict="undecided").height,
            "settled": table["judgement"].count(),
        }
        for name, table in tables.items()
    }


def _score(table: pl.DataFrame, verdict: pl.Expr) -> Figures:
    problems = table.group_by("source_id", maintain_order=True).agg(
        rate=(verdict == "correct").mean(), cluster=pl.col("cluster").first()
    )
    low, high = interval(problems["rate"].to_list(), table.height, problems["cluster"].to_list())
    return {"pass_at_1": fmean(problems["rate"].to_list()), "low": low, "high": high}

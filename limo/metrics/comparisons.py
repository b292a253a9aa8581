"""Answers of candidates to the same problems → differences with intervals and p-values; used by metrics and compare."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from limo import params
from limo.metrics.statistics import holm, mcnemar, mean_interval, paired_difference, permutation

MEAN = "mean"  # beside the exams: the mean over benchmarks, of which the first protocol counts

Figures = dict[str, Any]
Problems = Mapping[str, pl.DataFrame]  # of one candidate by exam, as `evaluation.by_problem` has them
Families = Mapping[str, Mapping[str, Sequence[str]]]  # family to candidate to the candidates it is compared with


def compare(answered: Mapping[str, Problems], families: Families) -> list[Figures]:
    """What every family's candidates differ by from those that they are compared with.

    Returns:
        A row per family, candidate, other and exam (as `benchmark`), the mean over benchmarks as `mean`. The figures
        are those of `paired`, and `p_holm`: p, raised for all rows of the family (Holm 1979).

    Raises:
        ValueError: two candidates answered different problems.
    """
    compared = []
    for family, pairs in families.items():
        tests = [
            {"family": family, "candidate": name, "other": other, "benchmark": exam, **figures}
            for name, others in pairs.items()
            for other in others
            for exam, figures in pair(answered[name], answered[other], f"{name} and {other}").items()
        ]
        adjusted = holm([test["p"] for test in tests])
        compared += [{**test, "p_holm": p} for test, p in zip(tests, adjusted, strict=True)]
    return compared


def pair(ours: Problems, theirs: Problems, who: str) -> dict[str, Figures]:
    """What one candidate differs by from another in each exam, and under `mean` on average over benchmarks.

    Raises:
        ValueError: the two answered different problems; the message names `who`.
    """
    for exam, problems in ours.items():
        if problems["source_id"].to_list() != theirs[exam]["source_id"].to_list():
            raise ValueError(f"{who} answered different problems of {exam}: run `dvc repro answer`")
    figures = {exam: paired(problems, theirs[exam]) for exam, problems in ours.items()}
    counted = {exam: each for exam, each in figures.items() if params.counts(exam)}
    return figures | {MEAN: _mean(ours, theirs, counted)}


def paired(ours: pl.DataFrame, theirs: pl.DataFrame) -> Figures:
    """What one candidate differs by from another on the same problems.

    Args:
        ours, theirs: one row per problem, in the same order, with its `cluster` and the list `verdict` of its samples.

    Returns:
        difference of pass@1 with its 95 % interval low and high (`statistics.paired_difference`); wins, losses and
        ties, the problems of a higher, lower and equal rate; p, two-sided, and its test: exact `mcnemar` where each
        problem has one sample and stands alone, else `permutation`.
    """
    clusters, draws = ours["cluster"].to_list(), min(_draws(ours), _draws(theirs))
    differences = _differences(ours, theirs)
    value, low, high = paired_difference(rates(ours), rates(theirs), draws, clusters)
    wins, losses = _signs(differences)
    exact = max(_draws(ours), _draws(theirs)) == 1 and len(set(clusters)) == len(clusters)
    return {
        "difference": value,
        "low": low,
        "high": high,
        "p": mcnemar(wins, losses) if exact else permutation(differences, clusters),
        "test": "mcnemar" if exact else "permutation",
        "wins": wins,
        "losses": losses,
        "ties": len(differences) - wins - losses,
    }


def rates(problems: pl.DataFrame) -> list[float]:
    """Each problem's share of correct samples."""
    return [verdicts.count("correct") / len(verdicts) for verdicts in problems["verdict"].to_list()]


def _mean(ours: Problems, theirs: Problems, figures: Mapping[str, Figures]) -> Figures:
    """The mean over benchmarks: limits by square-and-add, p by swapping clusters of all benchmarks at once."""
    value, low, high = mean_interval([(each["difference"], each["low"], each["high"]) for each in figures.values()])
    weighted, clusters = [], []
    for benchmark in figures:
        differences = _differences(ours[benchmark], theirs[benchmark])
        weighted += [difference / len(differences) for difference in differences]
        clusters += [(benchmark, cluster) for cluster in ours[benchmark]["cluster"].to_list()]
    counts = {key: sum(each[key] for each in figures.values()) for key in ("wins", "losses", "ties")}
    p = permutation(weighted, clusters)
    return {"difference": value, "low": low, "high": high, "p": p, "test": "permutation", **counts}


def _differences(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[float]:
    """Each problem's difference of rates; equal rates differ by nothing, however they are written as floats."""
    differences = (ours_rate - theirs_rate for ours_rate, theirs_rate in zip(rates(ours), rates(theirs), strict=True))
    return [0.0 if math.isclose(difference, 0, abs_tol=1e-12) else difference for difference in differences]


def _signs(differences: Sequence[float]) -> tuple[int, int]:
    return sum(difference > 0 for difference in differences), sum(difference < 0 for difference in differences)


def _draws(problems: pl.DataFrame) -> int:
    return len(problems["verdict"][0])

"""Answers of candidates → accuracies with intervals and gains over the base; used by metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from limo.graph import outs
from limo.metrics.statistics import interval, majority, mean_interval, paired_difference, pass_at_k

BASE = "base"  # the candidate that the others are compared with
MEAN = "mean"  # beside the benchmarks: the mean over them

Figures = dict[str, Any]


def evaluate(
    answers: Mapping[str, pl.DataFrame], draws: Mapping[str, int], clusters: pl.DataFrame
) -> dict[str, dict[str, Figures]]:
    """Figures of every candidate on every benchmark, and their mean over benchmarks under `mean`.

    Args:
        answers: each candidate's ANSWER rows.
        draws: benchmark to samples per problem; a table must hold exactly these.
        clusters: of every benchmark, source_id the cluster (`clusters`).

    Returns:
        {candidate: {benchmark: figures}}. The figures are those of `summary`; where a candidate named `base` exists,
        the others also get `gain`, `gain_low` and `gain_high`, the paired difference of pass@1 from it.

    Raises:
        ValueError: a table lacks a benchmark, has one beyond `draws`, has another number of samples for a problem, or
            holds other problems than the base's; a benchmark is named `mean`.
    """
    if MEAN in draws:
        raise ValueError(
            f"no benchmark can be named {MEAN!r}, as the mean over benchmarks is: rename benchmarks.{MEAN}"
        )
    by_problem = {
        name: {benchmark: _with_clusters(rows, clusters) for benchmark, rows in _by_problem(name, table, draws).items()}
        for name, table in sorted(answers.items())
    }
    evaluated = {}
    for name, benchmarks in by_problem.items():
        figures = {benchmark: summary(problems) for benchmark, problems in benchmarks.items()}
        if BASE in by_problem and name != BASE:
            for benchmark, problems in benchmarks.items():
                figures[benchmark] |= _gain(name, benchmark, problems, by_problem[BASE][benchmark])
        evaluated[name] = figures | {MEAN: _mean(figures)}
    return evaluated


def clusters(benchmarks: pl.DataFrame) -> pl.DataFrame:
    """Of every benchmark, source_id the cluster: that of problems that are copies or parts of one another."""
    return benchmarks.select("benchmark", "source_id", "cluster")


def summary(problems: pl.DataFrame) -> Figures:
    """Figures of one candidate on one benchmark (paper 7.2).

    Args:
        problems: one row per problem with its `cluster`, and the lists `extracted`, `verdict`, `stop` and `tokens` of
            its samples.

    Returns:
        problems, samples; pass_at_1 with its 95 % interval low and high; pass_at_k for k = all samples of a problem;
        majority, the share of problems whose most frequent answer is correct, None below three samples; the shares of
        samples that are answered (an answer was found), unfinished (cut at the token limit) and undecided; tokens, the
        mean length.
    """
    rows = list(problems.iter_rows(named=True))
    correct = [row["verdict"].count("correct") for row in rows]
    drawn = [len(row["verdict"]) for row in rows]
    samples = sum(drawn)
    rates = _rates(problems)
    low, high = interval(rates, samples, problems["cluster"].to_list())
    votes = [majority(_voted(row), [verdict == "correct" for verdict in row["verdict"]]) for row in rows]

    def share(column: str, value: str | None) -> float:
        return sum(row[column].count(value) for row in rows) / samples

    return {
        "problems": len(rows),
        "samples": samples,
        "pass_at_1": sum(rates) / len(rates),
        "low": low,
        "high": high,
        "pass_at_k": sum(pass_at_k(c, n, n) for c, n in zip(correct, drawn, strict=True)) / len(rows),
        "majority": _mean_or_none(votes),
        "answered": 1 - share("extracted", None),
        "unfinished": share("stop", "length"),
        "undecided": share("verdict", "undecided"),
        "tokens": sum(map(sum, problems["tokens"].to_list())) / samples,
    }


def _by_problem(name: str, answers: pl.DataFrame, draws: Mapping[str, int]) -> dict[str, pl.DataFrame]:
    table, answered = outs.answers(name), set(answers["benchmark"].to_list())
    if answered != set(draws):
        raise ValueError(f"{table.path} answers {sorted(answered)}, not {sorted(draws)}: run `{table.remedy}`")
    lists = (
        answers.sort("benchmark", "source_id", "sample").group_by("benchmark", "source_id", maintain_order=True).all()
    )
    for row in lists.select("benchmark", "source_id", pl.col("verdict").list.len()).iter_rows(named=True):
        if row["verdict"] != draws[row["benchmark"]]:
            raise ValueError(
                f"{table.path} has {row['verdict']} samples of {row['benchmark']}:{row['source_id']}, "
                f"not {draws[row['benchmark']]}: run `{table.remedy}`"
            )
    return {benchmark: lists.filter(pl.col("benchmark") == benchmark) for benchmark in sorted(draws)}


def _with_clusters(problems: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    return problems.join(clusters, on=["benchmark", "source_id"], how="left", maintain_order="left").with_columns(
        pl.col("cluster").fill_null(pl.col("source_id"))
    )


def _voted(row: Mapping[str, Any]) -> list[str | None]:
    """What each sample of a problem voted for: all correct ones the same, however they wrote it."""
    return [
        answer and ("correct" if verdict == "correct" else f"other {answer.strip()}")
        for answer, verdict in zip(row["extracted"], row["verdict"], strict=True)
    ]


def _mean_or_none(values: Sequence[float | None]) -> float | None:
    """The mean; None where a value is missing: a mean of some benchmarks, or of other measures, says nothing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _rates(problems: pl.DataFrame) -> Sequence[float]:
    return [verdicts.count("correct") / len(verdicts) for verdicts in problems["verdict"].to_list()]


def _gain(name: str, benchmark: str, problems: pl.DataFrame, base: pl.DataFrame) -> Figures:
    if problems["source_id"].to_list() != base["source_id"].to_list():
        raise ValueError(f"{name} and {BASE} answered different problems of {benchmark}: run `dvc repro answer`")
    draws = len(problems["verdict"][0])
    gain, low, high = paired_difference(_rates(problems), _rates(base), draws, problems["cluster"].to_list())
    return {"gain": gain, "gain_low": low, "gain_high": high}


def _mean(figures: Mapping[str, Figures]) -> Figures:
    value, low, high = mean_interval([(f["pass_at_1"], f["low"], f["high"]) for f in figures.values()])
    mean: Figures = {"pass_at_1": value, "low": low, "high": high}
    if all("gain" in f for f in figures.values()):
        gain, low, high = mean_interval([(f["gain"], f["gain_low"], f["gain_high"]) for f in figures.values()])
        mean |= {"gain": gain, "gain_low": low, "gain_high": high}
    for key in ("majority", "answered", "unfinished", "undecided"):
        mean[key] = _mean_or_none([f[key] for f in figures.values()])
    same_k = len({f["samples"] / f["problems"] for f in figures.values()}) == 1
    mean["pass_at_k"] = _mean_or_none([f["pass_at_k"] for f in figures.values()]) if same_k else None
    return mean

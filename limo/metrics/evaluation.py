"""Answers of candidates → accuracies with intervals; used by metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from limo import params
from limo.graph import outs
from limo.metrics.comparisons import MEAN, Problems, rates
from limo.metrics.power import estimated
from limo.metrics.statistics import interval, majority, mean_interval, pass_at_k
from limo.metrics.votes import by_value

Figures = dict[str, Any]


def evaluate(answered: Mapping[str, Problems]) -> dict[str, dict[str, Figures]]:
    """Figures of every candidate in every exam (`summary`), and under `mean` their mean over benchmarks.

    Args:
        answered: by candidate and exam the problems as `by_problem` has them.

    Returns:
        {candidate: {exam: figures}}; of a benchmark of several protocols the first counts in the mean.
    """
    evaluated = {}
    for name, exams in answered.items():
        figures = {exam: summary(problems) for exam, problems in exams.items()}
        evaluated[name] = figures | {MEAN: _mean(figures)}
    return evaluated


def scores(evaluated: Mapping[str, Mapping[str, Figures]], compared: Sequence[Figures]) -> Figures:
    """The few figures to look at first, so that `dvc metrics diff` of many candidates fits a screen.

    Args:
        evaluated: as `evaluate` has it.
        compared: as `comparisons.compare` has it.

    Returns:
        pass_at_1: by candidate, under `mean`, the mean over benchmarks; difference: those of the means by family,
        candidate and other.
    """
    means: Figures = {}
    for row in compared:
        if row["benchmark"] == MEAN:
            means.setdefault(row["family"], {}).setdefault(row["candidate"], {})[row["other"]] = row["difference"]
    return {
        "pass_at_1": {MEAN: {name: figures[MEAN]["pass_at_1"] for name, figures in evaluated.items()}},
        "difference": means,
    }


def by_problem(
    answers: Mapping[str, pl.DataFrame], exams: Mapping[str, params.Exam], clusters: pl.DataFrame
) -> dict[str, dict[str, pl.DataFrame]]:
    """By candidate and exam one row per problem with its `cluster`, and its samples as lists, in their order.

    Args:
        answers: each candidate's ANSWER rows.
        exams: as `params.exams` has them; a table must hold exactly their draws.
        clusters: of every benchmark, source_id the cluster (`clusters`).

    Raises:
        ValueError: a table lacks an exam, has one beyond these, or has another number of samples for a problem; a
            benchmark is named `mean`.
    """
    if MEAN in exams:
        raise ValueError(
            f"no benchmark can be named {MEAN!r}, as the mean over benchmarks is: rename benchmarks.{MEAN}"
        )
    return {
        name: {exam: _with_clusters(rows, clusters) for exam, rows in _lists(name, table, exams).items()}
        for name, table in sorted(answers.items())
    }


def clusters(benchmarks: pl.DataFrame) -> pl.DataFrame:
    """Of every benchmark, source_id the cluster: that of problems that are copies or parts of one another."""
    return benchmarks.select("benchmark", "source_id", "cluster")


def summary(problems: pl.DataFrame) -> Figures:
    """Figures of one candidate in one exam (paper 7.2).

    Args:
        problems: one row per problem with its `cluster`, and the lists `extracted`, `verdict`, `stop` and `tokens` of
            its samples.

    Returns:
        problems, samples; pass_at_1 with its 95 % interval low and high; pass_at_k for k = all samples of a problem;
        majority, the share of problems whose most frequent answer is correct, None below three samples; the shares of
        samples that are answered (an answer was found), unfinished (cut at the token limit) and undecided; tokens, the
        mean length; between and within, the variance of pass rates and the mean of p(1-p), None after one draw.
    """
    rows = list(problems.iter_rows(named=True))
    correct = [row["verdict"].count("correct") for row in rows]
    drawn = [len(row["verdict"]) for row in rows]
    samples = sum(drawn)
    shares = rates(problems)
    low, high = interval(shares, samples, problems["cluster"].to_list())
    votes = [
        majority(by_value(row["extracted"], row["verdict"]), [verdict == "correct" for verdict in row["verdict"]])
        for row in rows
    ]

    spread = estimated(shares, min(drawn))

    def share(column: str, value: str | None) -> float:
        return sum(row[column].count(value) for row in rows) / samples

    return {
        "problems": len(rows),
        "samples": samples,
        "pass_at_1": sum(shares) / len(rows),
        "low": low,
        "high": high,
        "pass_at_k": sum(pass_at_k(c, n, n) for c, n in zip(correct, drawn, strict=True)) / len(rows),
        "majority": _mean_or_none(votes),
        "answered": 1 - share("extracted", None),
        "unfinished": share("stop", "length"),
        "undecided": share("verdict", "undecided"),
        "tokens": sum(map(sum, problems["tokens"].to_list())) / samples,
        "between": spread and spread.between,
        "within": spread and spread.within,
    }


def _lists(name: str, answers: pl.DataFrame, exams: Mapping[str, params.Exam]) -> dict[str, pl.DataFrame]:
    table, asked = outs.answers(name), {(exam.benchmark, exam.named): label for label, exam in exams.items()}
    key = ["benchmark", "protocol", "source_id"]
    lists = answers.sort(*key, "sample").group_by(key, maintain_order=True).all()
    answered = lists.select("benchmark", "protocol").unique().sort("benchmark", "protocol").rows()
    if set(answered) != set(asked):
        raise ValueError(
            f"{table.path} has answers to {_spelled(answered)}, not to {_spelled(sorted(asked))}: run `{table.remedy}`"
        )
    for *pair, source_id, drawn in lists.select(*key, pl.col("verdict").list.len()).iter_rows():
        label = asked[pair[0], pair[1]]
        if drawn != exams[label].protocol.draws:
            raise ValueError(
                f"{table.path} has {drawn} samples of {label}:{source_id}, not {exams[label].protocol.draws}: "
                f"run `{table.remedy}`"
            )
    return {label: lists.filter(benchmark=pair[0], protocol=pair[1]) for pair, label in sorted(asked.items())}


def _spelled(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{benchmark} under {protocol}" for benchmark, protocol in pairs) or "nothing"


def _with_clusters(problems: pl.DataFrame, clusters: pl.DataFrame) -> pl.DataFrame:
    return problems.join(clusters, on=["benchmark", "source_id"], how="left", maintain_order="left").with_columns(
        pl.col("cluster").fill_null(pl.col("source_id"))
    )


def _mean_or_none(values: Sequence[float | None]) -> float | None:
    """The mean; None where a value is missing: a mean of some benchmarks, or of other measures, says nothing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _mean(exams: Mapping[str, Figures]) -> Figures:
    figures = {name: each for name, each in exams.items() if params.counts(name)}
    value, low, high = mean_interval([(f["pass_at_1"], f["low"], f["high"]) for f in figures.values()])
    mean: Figures = {"pass_at_1": value, "low": low, "high": high}
    for key in ("majority", "answered", "unfinished", "undecided"):
        mean[key] = _mean_or_none([f[key] for f in figures.values()])
    same_k = len({f["samples"] / f["problems"] for f in figures.values()}) == 1
    mean["pass_at_k"] = _mean_or_none([f["pass_at_k"] for f in figures.values()]) if same_k else None
    return mean

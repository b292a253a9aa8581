"""Two measured candidates → what their protocols differ in, and their difference; used by `limo compare`."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from limo.base.columns import aligned
from limo.compare.revision import Measured
from limo.metrics.comparisons import pair
from limo.metrics.statistics import holm

KEY = ["benchmark", "source_id"]


def differences(ours: Measured, theirs: Measured) -> list[str]:
    """Everything beside the model by which two candidates were measured differently, a line each."""
    return [*_of_protocol(ours, theirs), *_of_problems(ours, theirs), *_of_draws(ours, theirs)]


def compared(ours: Measured, theirs: Measured) -> list[dict[str, Any]]:
    """Rows of benchmark and the figures of `comparisons.pair` on the problems that both answered, the mean last.

    `p_holm` is p over all rows (Holm 1979). Problems of a changed question or reference answer are left out.

    Raises:
        ValueError: they have no problem in common.
    """
    columns = [*KEY, "question", "answer"]
    common = ours.problems.join(theirs.problems, on=columns, how="semi").sort(KEY)
    tables = []
    for measured in (ours, theirs):
        lists = measured.answers.group_by(KEY, maintain_order=True).agg("verdict")
        tables.append(common.join(lists, on=KEY, how="inner", maintain_order="left"))
    tables = [tables[0].join(tables[1], on=KEY, how="semi"), tables[1].join(tables[0], on=KEY, how="semi")]
    names = tables[0]["benchmark"].unique(maintain_order=True).to_list()
    if not names:
        raise ValueError(f"{ours.label} and {theirs.label} have no problem in common")
    halves = [{name: table.filter(pl.col("benchmark") == name) for name in names} for table in tables]
    figures = pair(halves[0], halves[1], f"{ours.label} and {theirs.label}")
    adjusted = holm([each["p"] for each in figures.values()])
    return [
        {"benchmark": name, "problems": each["wins"] + each["losses"] + each["ties"], **each, "p_holm": p}
        for (name, each), p in zip(figures.items(), adjusted, strict=True)
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows of `compared` as columns, differences in points."""
    head = ("benchmark", "problems", "difference", "low", "high", "wins", "losses", "ties", "p", "p (Holm)")
    cells = [
        (
            row["benchmark"],
            str(row["problems"]),
            *(f"{100 * row[key]:+.1f}" for key in ("difference", "low", "high")),
            *(str(row[key]) for key in ("wins", "losses", "ties")),
            *(f"{row[key]:.4f}" for key in ("p", "p_holm")),
        )
        for row in rows
    ]
    return "\n".join(aligned([head, *cells], left=1, indent=0))


def _of_protocol(ours: Measured, theirs: Measured) -> Iterator[str]:
    for key in sorted(ours.protocol.keys() | theirs.protocol.keys()):
        one, other = (measured.protocol.get(key) for measured in (ours, theirs))
        if not isinstance(one, dict) or not isinstance(other, dict):
            one, other = {"": one}, {"": other}
        for part in sorted(one.keys() | other.keys()):
            if one.get(part) != other.get(part):
                yield f"{part}{' of ' if part else ''}{key}: {one.get(part)!r} against {other.get(part)!r}"


def _of_problems(ours: Measured, theirs: Measured) -> Iterator[str]:
    both = ours.problems.join(theirs.problems, on=KEY, suffix="_there")
    for column in ("question", "answer"):
        changed = both.filter(pl.col(column).ne_missing(pl.col(f"{column}_there")))
        yield from _listed(changed, f"another {column}")
    yield from _listed(ours.problems.join(theirs.problems, on=KEY, how="anti"), f"only in {ours.label}")
    yield from _listed(theirs.problems.join(ours.problems, on=KEY, how="anti"), f"only in {theirs.label}")


def _of_draws(ours: Measured, theirs: Measured) -> Iterator[str]:
    """Benchmarks of which the tables hold other numbers of answers than each other, whatever params.yaml says."""
    counts = [
        dict(measured.answers.group_by(KEY).len().group_by("benchmark").agg(pl.col("len").max()).sort(KEY[0]).rows())
        for measured in (ours, theirs)
    ]
    for name in sorted(counts[0].keys() & counts[1].keys()):
        if counts[0][name] != counts[1][name]:
            yield f"answers to each problem of {name}: {counts[0][name]} against {counts[1][name]}"


def _listed(problems: pl.DataFrame, what: str) -> Iterator[str]:
    """One line for each benchmark: how many problems, and the first of them."""
    for (name,), rows in problems.sort(KEY).group_by("benchmark", maintain_order=True):
        first = ", ".join(rows["source_id"].head(3))
        yield f"{name}: {what}: {rows.height} problems ({first}{', …' if rows.height > 3 else ''})"

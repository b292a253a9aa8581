"""params.yaml and figures of earlier answers → the differences that the draws can show; used by `limo plan`, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from limo import params
from limo.metrics import power
from limo.metrics.power import Spread

MEAN = "mean"


@dataclass(frozen=True)
class Shown:
    """What the draws of an exam (`benchmark`), or of the mean over all benchmarks, can show.

    `smallest` is the difference of pass@1 that is found in four of five runs; `figures` says whether the spread of pass
    rates was `counted` in answers or is `expected` by the section `plan`.
    """

    benchmark: str
    figures: Literal["expected", "counted"]
    problems: int
    draws: int | None
    smallest: float


def shown(p: params.Params, sizes: Mapping[str, int], evaluation: Mapping[str, Mapping[str, Any]]) -> list[Shown]:
    """What the draws of each exam can show, and those of all benchmarks together under `mean`, last.

    Args:
        p: all parameters.
        sizes: problems of each benchmark.
        evaluation: as in metrics/evaluation.json, whose candidates' spreads are averaged; empty before a run.
    """
    found, errors = [], {}
    for name, exam in params.exams(p.evaluate).items():
        counted = _counted([figures[name] for figures in evaluation.values()])
        pairs = [(each.rate, each.share) for each in p.plan.power.pass_rates[exam.benchmark]]
        spread, size, draws = counted or power.expected(pairs), sizes[exam.benchmark], exam.protocol.draws
        errors[name] = power.error(spread, p.plan.power.correlation, draws, size)
        found.append(
            Shown(
                name, "counted" if counted else "expected", size, draws, power.smallest([errors[name]], [size], [draws])
            )
        )
    first = [each for each in found if params.counts(each.benchmark)]
    if not first:
        return []
    sized = [each.problems for each in first]
    figures: Literal["expected", "counted"] = (
        "counted" if all(each.figures == "counted" for each in first) else "expected"
    )
    drawn = [each.draws or 1 for each in first]
    smallest = power.smallest([errors[each.benchmark] for each in first], sized, drawn)
    return [*found, Shown(MEAN, figures, sum(sized), None, smallest)]


def _counted(figures: Sequence[Mapping[str, Any]]) -> Spread | None:
    """The mean spread of the candidates; None where none was counted, as after one draw."""
    known = [each for each in figures if each["between"] is not None]
    if not known:
        return None
    return Spread(fmean(each["between"] for each in known), fmean(each["within"] for each in known))

"""What the stages drew, and the prices of `plan` → the cost of each; used by report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from limo import params
from limo.plan.counted import Counted, Rows, draws
from limo.plan.forecast import stages, total


@dataclass(frozen=True)
class Spent:
    """A generating stage: counts of its outs, and what `limo plan` reckons for its draws.

    `tokens` are those of the answers that its out holds, None where the out holds no counts; `saved` are draws that
    early stopping spared at least.
    """

    name: str
    engine: str
    problems: float
    draws: float
    saved: float
    tokens: int | None
    planned_tokens: float
    device_hours: float
    money: float


def spent(p: params.Params, funnel: Mapping[str, Any], evidence: Mapping[str, Any]) -> list[Spent]:
    """What every generating stage drew and what that costs at the prices of `plan`, and the sum of all.

    Clocks are no part of it: the page must be the same on every run.

    Args:
        p: all parameters.
        funnel: metrics/funnel.json.
        evidence: `drawn`, `selected`, `tokens` and `benchmarks` of `limo.metrics.evidence`.
    """
    rows = Rows(
        pool=funnel["pool"]["kept"],
        screened=_counted(funnel["screen"], evidence["drawn"]["screen"], p.screen),
        rated={
            name: _counted(funnel["rate"], evidence["drawn"][f"rate {name}"], rater)
            for name, rater in p.rate.raters.items()
        },
        decided=funnel["rate"]["kept"],
        questions=dict(evidence["selected"]),
        benchmarks=evidence["benchmarks"],
    )
    planned = stages(p, rows)
    drawn = [
        Spent(
            _words(each.name),
            each.engine,
            each.problems,
            each.decided,
            each.full - each.paid,
            evidence["tokens"].get(_words(each.name)),
            each.cost.answer_tokens,
            each.cost.device_hours,
            each.cost.money,
        )
        for each in planned
    ]
    cost = total([each.cost for each in planned])
    draws, saved = sum(each.draws for each in drawn), sum(each.saved for each in drawn)
    return [
        *drawn,
        Spent("all", "", 0, draws, saved, None, cost.answer_tokens, cost.device_hours, cost.money),
    ]


def _words(stage: str) -> str:
    """The page writes `collect NAME` for what DVC and `limo plan` call collect@NAME."""
    return stage.replace("@", " ")


def _counted(step: Mapping[str, Any], drawn: Sequence[tuple[int, int]], rule: params.Rater) -> Counted:
    pairs = pl.DataFrame(drawn, schema={"drawn": pl.Int64, "problems": pl.Int64}, orient="row")
    each = pairs.select(pl.col("drawn").repeat_by("problems").explode())
    decided, paid = each.select(draws("drawn", rule)).row(0)
    return Counted(each.height, step["kept"], int(decided), int(paid))

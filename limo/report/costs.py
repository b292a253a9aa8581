from collections.abc import Mapping
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


def spent(
    p: params.Params,
    funnel: Mapping[str, Any],
    decisions: Mapping[str, pl.LazyFrame],
    attempts: Mapping[str, pl.LazyFrame],
    benchmarks: pl.LazyFrame,
) -> list[Spent]:
    """What every generating stage drew and what that costs at the prices of `plan`, and the sum of all.

    Clocks are no part of it: the page must be the same on every run.

    Args:
        p: all parameters.
        funnel: metrics/funnel.json.
        decisions: the SCREENED rows as `screen` and the RATED rows as `rate`.
        attempts: answers with their tokens, by stage in words, such as `answer NAME`.
        benchmarks: BENCHMARK rows.
    """
    rows = Rows(
        pool=funnel["pool"]["kept"],
        screened=_counted(funnel["screen"], decisions["screen"], "screen_drawn", p.screen),
        rated=_counted(funnel["rate"], decisions["rate"], "rate_drawn", p.rate),
        questions=funnel["select"]["kept"],
        benchmarks=dict(benchmarks.group_by("benchmark").len().sort("benchmark").collect().iter_rows()),
    )
    planned = stages(p, rows)
    tokens = {name: int(table.select(pl.col("tokens").sum()).collect().item()) for name, table in attempts.items()}
    drawn = [
        Spent(
            _words(each.name),
            each.engine,
            each.problems,
            each.decided,
            each.full - each.paid,
            tokens.get(_words(each.name)),
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


def _counted(step: Mapping[str, Any], table: pl.LazyFrame, drawn: str, rule: params.Draws) -> Counted:
    decided, paid = table.select(draws(drawn, rule)).collect().row(0)
    return Counted(step["in"], step["kept"], int(decided), int(paid))

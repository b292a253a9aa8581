"""Spread of pass rates → the smallest difference that draws can show; used by metrics, plan and report."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from limo.metrics.statistics import CONFIDENCE

POWER = 0.8  # share of runs in which a difference of the smallest size is found


@dataclass(frozen=True)
class Spread:
    """How pass rates p of problems spread: `between` is the variance of p, `within` the mean of p(1-p)."""

    between: float
    within: float


def expected(pass_rates: Sequence[tuple[float, float]]) -> Spread:
    """The spread of pass rates given as (rate, share) pairs with shares that sum to 1."""
    mean = sum(rate * share for rate, share in pass_rates)
    within = sum(rate * (1 - rate) * share for rate, share in pass_rates)
    return Spread(sum((rate - mean) ** 2 * share for rate, share in pass_rates), within)


def estimated(rates: Sequence[float], draws: int) -> Spread | None:
    """The spread of the pass rates of which `rates` were seen in `draws` draws each, without bias.

    None where it cannot be told: with one draw, or one problem.
    """
    if draws < 2 or len(rates) < 2:
        return None
    within = fmean(rate * (1 - rate) for rate in rates) * draws / (draws - 1)
    return Spread(max(0.0, variance(rates) - within / draws), within)


def error(spread: Spread, correlation: float, draws: int, problems: int) -> float:
    """Standard error of the difference of pass@1 of two candidates on the same problems.

    √((2V(1-ρ) + 2W/K) / N): V between problems, W within, ρ the correlation of the candidates' pass rates, K draws.
    """
    return math.sqrt((2 * spread.between * (1 - correlation) + 2 * spread.within / draws) / problems)


def smallest(errors: Sequence[float], problems: Sequence[int], draws: Sequence[int]) -> float:
    """The difference that the exact tests find, at 5 % two-sided, in `POWER` of all runs: (t.975 + t.8) · SE + 1/(K·N).

    SE is that of the mean over benchmarks, √Σ SE_b² / B, and t has N - 1 degrees for one benchmark of N problems, for
    several those of Welch and Satterthwaite. 1/(K·N) is half a step of a mean over N problems whose differences change
    sign in steps of 2/K: exact McNemar and permutation count all of the observed step (McNemar's correction for
    continuity); over several benchmarks the least of theirs / B. At most 1; where a benchmark has one problem, nothing
    can be shown: 1.

    Args:
        errors: of each benchmark its `error`.
        problems, draws: of each benchmark the number of its problems, and K, the draws of each.
    """
    from scipy import stats  # noqa: PLC0415 - a second to import, and few stages need it

    if min(problems) < 2:
        return 1.0
    total = math.fsum(each**2 for each in errors)
    if total == 0:
        return 0.0
    freedom = total**2 / math.fsum(each**4 / (count - 1) for each, count in zip(errors, problems, strict=True))
    quantiles = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom) + stats.t.ppf(POWER, freedom))
    half_step = min(1 / (count * drawn) for count, drawn in zip(problems, draws, strict=True))
    return min(1.0, (quantiles * math.sqrt(total) + half_step) / len(errors))

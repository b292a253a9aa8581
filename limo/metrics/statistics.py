"""Counts of correct samples → shares, intervals and differences; used by metrics."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist, fmean, variance

import mpmath

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def pass_at_k(correct: int, drawn: int, k: int) -> float:
    """Probability that k of the drawn samples, taken without replacement, hold a correct one (Chen et al. 2021).

    1 - C(n-c, k) / C(n, k), the unbiased estimate; for k = 1 it is c / n.

    Raises:
        ValueError: not 0 <= correct <= drawn or not 1 <= k <= drawn.
    """
    if not (0 <= correct <= drawn and 1 <= k <= drawn):
        raise ValueError(f"pass@{k} of {correct} correct in {drawn} samples is not defined")
    return 1 - math.comb(drawn - correct, k) / math.comb(drawn, k)


def majority(extracted: Sequence[str | None], verdicts: Sequence[str]) -> bool:
    """Whether the most frequent answer of one problem's samples is correct.

    Samples without an answer have no vote; of equally frequent answers the one drawn first wins. Answers count as the
    same when their text is, so equal values written differently split their votes.
    """
    votes = Counter(answer.strip() for answer in extracted if answer is not None)
    if not votes:
        return False
    winner = votes.most_common(1)[0][0]
    pairs = zip(extracted, verdicts, strict=True)
    return any(verdict == "correct" for answer, verdict in pairs if answer is not None and answer.strip() == winner)


def wilson(rate: float, size: float) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion seen in `size` independent trials."""
    centre = (rate + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z / (1 + Z**2 / size) * math.sqrt(rate * (1 - rate) / size + Z**2 / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def interval(rates: Sequence[float], samples: int) -> tuple[float, float]:
    """95 % interval of mean pass@1 over problems that were each sampled several times.

    Samples of one problem resemble each other, so they count as fewer: Wilson's interval for the effective sample
    size p(1-p) / SE², with SE the cluster-robust standard error, from the variance of the rates between problems. The
    effective size lies between the number of problems and that of samples; it is the former where p(1-p) or SE is 0.

    Args:
        rates: each problem's share of correct samples, in [0, 1].
        samples: samples of all problems together.

    Raises:
        ValueError: there is no problem.
    """
    if not rates:
        raise ValueError("no problem was answered: there is no rate to give an interval for")
    rate = fmean(rates)
    squared_error = variance(rates) / len(rates) if len(rates) > 1 else 0.0
    spread = rate * (1 - rate)
    if squared_error == 0 or spread == 0:
        return wilson(rate, len(rates))
    return wilson(rate, min(max(spread / squared_error, len(rates)), samples))


def mean_interval(values: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Mean of independent estimates (value, low, high) with its 95 % interval, by square-and-add (MOVER)."""
    below = math.hypot(*(value - low for value, low, _ in values))
    above = math.hypot(*(high - value for value, _, high in values))
    mean = fmean(value for value, _, _ in values)
    return mean, mean - below / len(values), mean + above / len(values)


def paired_difference(rates: Sequence[float], base: Sequence[float]) -> tuple[float, float, float]:
    """Mean difference of pass@1 on the same problems and its 95 % t interval: (mean, low, high).

    Where all differences are equal, the t interval would have no width; then the two rates' own intervals are
    combined by square-and-add, as if the rates were independent. Limits are cut to [-1, 1].

    Args:
        rates: each problem's share of correct samples of the candidate.
        base: those of the candidate compared against, in the same order of problems.
    """
    differences = [rate - other for rate, other in zip(rates, base, strict=True)]
    mean = fmean(differences)
    squared_error = variance(differences) / len(differences) if len(differences) > 1 else 0.0
    if squared_error > 0:
        half = t_quantile((1 + CONFIDENCE) / 2, len(differences) - 1) * math.sqrt(squared_error)
        return mean, max(-1.0, mean - half), min(1.0, mean + half)
    rate, other = fmean(rates), fmean(base)
    low, high = wilson(rate, len(rates))
    other_low, other_high = wilson(other, len(base))
    below, above = math.hypot(rate - low, other_high - other), math.hypot(high - rate, other - other_low)
    return mean, max(-1.0, mean - below), min(1.0, mean + above)


@cache
def t_quantile(probability: float, freedom: int) -> float:
    """Quantile of Student's t distribution for a probability above one half."""

    def excess(t: mpmath.mpf) -> mpmath.mpf:
        tail = mpmath.betainc(freedom / 2, 0.5, 0, freedom / (freedom + t * t), regularized=True) / 2
        return 1 - tail - probability

    return float(mpmath.findroot(excess, (0, 1e3), solver="bisect", maxsteps=200, verify=False))

"""Counts of correct samples → shares, intervals, differences and their p-values; used by metrics, plan and compare.

All of them count questions, not samples: samples of one question are alike, and so are questions of one cluster (copies
of one question, or sub-questions of one stem), whose deviations are summed before they are squared (Liang and Zeger
1986).
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cache
from statistics import fmean

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 9_999  # of the permutation test: with the observed one a round number, so that no p is below 0.0002
SEED = 20250205  # of the permutation test: the same table gives the same p
VOTERS = 3  # with fewer samples a majority is their first, or a tie

Interval = tuple[float, float, float]  # a value with the limits of its 95 % interval


def pass_at_k(correct: int, drawn: int, k: int) -> float:
    """Probability that k of the drawn samples, taken without replacement, hold a correct one (Chen et al. 2021).

    1 - C(n-c, k) / C(n, k), the unbiased estimate; for k = 1 it is c / n.

    Raises:
        ValueError: not 0 <= correct <= drawn or not 1 <= k <= drawn.
    """
    _check(correct, drawn, k)
    return 1 - math.comb(drawn - correct, k) / math.comb(drawn, k)


def all_at_k(correct: int, drawn: int, k: int) -> float:
    """Probability that k of the drawn samples, taken without replacement, are all correct: C(c, k) / C(n, k).

    Raises:
        ValueError: as `pass_at_k`.
    """
    _check(correct, drawn, k)
    return math.comb(correct, k) / math.comb(drawn, k)


def majority(answers: Sequence[Hashable | None], correct: Sequence[bool]) -> float | None:
    """Probability that the most frequent answer of one problem's samples is correct, if ties are broken by chance.

    Args:
        answers: what each sample answered, equal values as equal keys; None for a sample without an answer, which has
            no vote.
        correct: whether each sample is correct; an answer is, where one of its samples is.

    Returns:
        The share of correct answers among the most frequent ones; 0 where no sample has an answer, None where there
        are fewer samples than `VOTERS`.
    """
    if len(answers) < VOTERS:
        return None
    votes = Counter(answer for answer in answers if answer is not None)
    if not votes:
        return 0.0
    right = {answer for answer, good in zip(answers, correct, strict=True) if good}
    most = max(votes.values())
    winners = [answer for answer, count in votes.items() if count == most]
    return sum(answer in right for answer in winners) / len(winners)


@cache
def t_quantile(freedom: int) -> float:
    """Student's t that a two-sided interval of `CONFIDENCE` reaches to; infinite without a degree of freedom."""
    from scipy import stats  # noqa: PLC0415 - a second to import, and few stages need it

    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom > 0 else math.inf


def wilson(rate: float, size: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval of a proportion seen in `size` independent trials, to `quantile` standard errors."""
    if math.isinf(quantile):
        return 0.0, 1.0
    centre = (rate + quantile**2 / (2 * size)) / (1 + quantile**2 / size)
    half = quantile / (1 + quantile**2 / size) * math.sqrt(rate * (1 - rate) / size + quantile**2 / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def interval(rates: Sequence[float], samples: int, clusters: Sequence[Hashable]) -> tuple[float, float]:
    """95 % interval of mean pass@1 over problems that were each sampled several times.

    Wilson's interval, with Student's t of G-1 degrees for G clusters, for the effective sample size p(1-p) / SE²: SE is
    the cluster-robust standard error, SE² = G/(G-1) · Σ_g (Σ_{i in g} (r_i - p))² / N². The effective size lies between
    the number of clusters and that of samples; it is the former where every sample, or none, is correct.

    Args:
        rates: each problem's share of correct samples, in [0, 1].
        samples: samples of all problems together.
        clusters: the cluster of each problem; problems that have nothing to do with each other have different ones.

    Raises:
        ValueError: there is no problem.
    """
    if not rates:
        raise ValueError("no problem was answered: there is no rate to give an interval for")
    rate, groups = fmean(rates), len(set(clusters))
    quantile, spread = t_quantile(groups - 1), rate * (1 - rate)
    if groups == 1 or spread == 0:
        return wilson(rate, groups, quantile)
    sums = _cluster_sums([each - rate for each in rates], clusters)
    squared_error = groups / (groups - 1) * math.fsum(each * each for each in sums) / len(rates) ** 2
    size = spread / squared_error if squared_error > 0 else math.inf
    return wilson(rate, min(max(size, groups), samples), quantile)


def share(hits: Sequence[float], clusters: Sequence[Hashable], counted: str) -> dict[str, float] | None:
    """The share of what was looked at that is 1 and not 0, with its interval; None where nothing was.

    Args:
        hits: of everything looked at 1, 0, or 0.5 for what is neither.
        clusters: what it belongs to.
        counted: the name of their number.
    """
    if not hits:
        return None
    low, high = interval(hits, len(hits), clusters)
    return {counted: len(hits), "share": fmean(hits), "low": low, "high": high}


def mean_interval(values: Sequence[Interval]) -> Interval:
    """Mean of independent estimates (value, low, high) with its 95 % interval, by square-and-add (MOVER)."""
    below = math.hypot(*(value - low for value, low, _ in values))
    above = math.hypot(*(high - value for value, _, high in values))
    mean = fmean(value for value, _, _ in values)
    return mean, mean - below / len(values), mean + above / len(values)


def paired_difference(
    rates: Sequence[float], base: Sequence[float], draws: float, clusters: Sequence[Hashable]
) -> Interval:
    """Mean difference of pass@1 on the same problems and its 95 % interval: (mean, low, high).

    Two problems more are reckoned with, of which each candidate wins one by 1/√draws (Bonett and Price 2012, for one
    draw): so equal differences claim no certainty. Over these N+2 differences of mean m, and with the clusters'
    deviations from it summed, SE² = Σ_g (Σ_{i in g} (d_i - m))² / (N+2)², which is (Σd²/(N+2) - m²)/(N+2) where each
    problem stands alone. The limits are m ± t·SE with G-1 degrees for G clusters, cut to [-1, 1]; the mean is that of
    the problems alone. Swapping the candidates swaps every sign, to the last bit.

    Args:
        rates: each problem's share of correct samples of the candidate.
        base: those of the candidate compared against, in the same order of problems.
        draws: samples per problem and candidate.
        clusters: the cluster of each problem, as for `interval`.
    """
    differences = [rate - other for rate, other in zip(rates, base, strict=True)]
    mean, pseudo = math.fsum(differences) / len(differences), 1 / math.sqrt(draws)
    size = len(differences) + 2
    centre = math.fsum(differences) / size
    sums = [*_cluster_sums([each - centre for each in differences], clusters), pseudo - centre, -pseudo - centre]
    error = math.sqrt(math.fsum(each * each for each in sums)) / size
    half = t_quantile(len(set(clusters)) - 1) * error
    return mean, max(-1.0, min(mean, centre - half)), min(1.0, max(mean, centre + half))


def mcnemar(wins: int, losses: int) -> float:
    """Exact two-sided p of as uneven a split of the problems that one of two candidates alone got right."""
    from scipy import stats  # noqa: PLC0415

    return float(stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def permutation(differences: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Two-sided p of a mean difference as large, if in every cluster it were chance which candidate is which.

    All swaps are counted where there are at most `RESAMPLES`, else as many are drawn, always the same. Sums are
    compared after 12 decimals: equal ones must not differ by the order of their terms.

    Args:
        differences: of each problem between two candidates, in any unit.
        clusters: the cluster of each problem, as for `interval`; all differences of a cluster are swapped together.
    """
    from scipy import stats  # noqa: PLC0415

    sums = [each for each in _cluster_sums(differences, clusters) if abs(each) > 1e-12]
    if len(sums) < 2:
        return 1.0
    test = stats.permutation_test(
        (np.array(sums),),
        lambda drawn, axis: np.round(drawn.sum(axis=axis), 12),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=1_000,
        rng=np.random.default_rng(SEED),
    )
    return float(test.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of a family of tests, raised so that any error among them has the level of one (Holm 1979)."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def _check(correct: int, drawn: int, k: int) -> None:
    if not (0 <= correct <= drawn and 1 <= k <= drawn):
        raise ValueError(f"{k} of {drawn} samples, of which {correct} are correct, cannot be taken")


def _cluster_sums(values: Sequence[float], clusters: Sequence[Hashable]) -> list[float]:
    """The sum of the values of each cluster, in the order in which they come."""
    members: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        members.setdefault(cluster, []).append(value)
    return [math.fsum(each) for each in members.values()]

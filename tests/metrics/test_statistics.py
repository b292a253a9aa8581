import itertools
import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.metrics.statistics import interval, majority, mean_interval, paired_difference, pass_at_k, t_quantile, wilson


@given(st.integers(1, 7), st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_correct_sample(drawn, data):
    correct, k = data.draw(st.integers(0, drawn)), data.draw(st.integers(1, drawn))
    subsets = list(itertools.combinations([True] * correct + [False] * (drawn - correct), k))
    assert pass_at_k(correct, drawn, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@pytest.mark.parametrize(("correct", "drawn", "k"), [(3, 2, 1), (-1, 2, 1), (1, 2, 3), (1, 2, 0), (0, 0, 1)])
def test_pass_at_k_refuses_what_is_not_defined(correct, drawn, k):
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(correct, drawn, k)


@pytest.mark.parametrize(
    ("extracted", "verdicts", "right"),
    [
        (["4", "4", "5"], ["correct", "correct", "wrong"], True),
        (["5", "4", "5"], ["wrong", "correct", "wrong"], False),
        (["4", "5"], ["correct", "wrong"], True),
        (["5", "4"], ["wrong", "correct"], False),
        ([None, None, "4"], ["wrong", "wrong", "correct"], True),
        ([" 4", "4 ", "5"], ["correct", "correct", "wrong"], True),
        ([None], ["truncated"], False),
        (["5", "5", "4"], ["undecided", "undecided", "correct"], False),
    ],
)
def test_majority(extracted, verdicts, right):
    assert majority(extracted, verdicts) is right


def test_wilson_against_published_values():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_with_one_sample_per_problem_the_interval_is_wilsons():
    assert interval([1.0, 0.0, 0.0, 1.0, 0.0], 5) == wilson(0.4, 5)


def test_effective_size_on_a_hand_computed_example():
    # Mean 0.5, variance of the rates 0.0625 * 4 / 3, so SE² = 1/48 and p(1-p)/SE² = 12 of 16 samples.
    assert interval([0.25, 0.75, 0.25, 0.75], 16) == wilson(0.5, 12)


def test_samples_that_agree_within_problems_count_once_per_problem():
    assert interval([1.0, 0.0] * 5, 40) == wilson(0.5, 10)


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_rates_without_spread_count_once_per_problem(rate):
    assert interval([rate] * 6, 24) == wilson(rate, 6)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_the_interval_holds_the_mean_and_stays_in_range(correct):
    rates = [count / 4 for count in correct]
    low, high = interval(rates, 4 * len(rates))
    assert 0 <= low <= fmean(rates) + 1e-12
    assert fmean(rates) - 1e-12 <= high <= 1
    narrow, wide = wilson(fmean(rates), 4 * len(rates)), wilson(fmean(rates), len(rates))
    assert wide[1] - wide[0] + 1e-12 >= high - low >= narrow[1] - narrow[0] - 1e-12


def test_no_problem_is_an_error():
    with pytest.raises(ValueError, match="no problem was answered"):
        interval([], 0)


def _sampled(generator, problems, draws, skill):
    return [sum(generator.random() < p for _ in range(draws)) / draws for p in skill[:problems]]


@pytest.mark.parametrize("shape", [(0.5, 0.5), (2.0, 2.0), (1.0, 6.0)])
def test_coverage_of_the_interval_over_simulated_benchmarks(shape):
    generator = random.Random(5)
    mean, covered, runs = shape[0] / sum(shape), 0, 1500
    for _ in range(runs):
        skill = [generator.betavariate(*shape) for _ in range(30)]
        low, high = interval(_sampled(generator, 30, 4, skill), 120)
        covered += low <= mean <= high
    assert 0.93 <= covered / runs <= 0.985


def test_coverage_of_the_paired_difference_over_simulated_benchmarks():
    generator, covered, runs = random.Random(6), 0, 400
    for _ in range(runs):
        skill = [generator.betavariate(1, 2) for _ in range(30)]
        base = _sampled(generator, 30, 4, skill)
        better = _sampled(generator, 30, 4, [p + 0.3 * (1 - p) for p in skill])
        _, low, high = paired_difference(better, base)
        covered += low <= 0.3 * (1 - 1 / 3) <= high
    assert 0.92 <= covered / runs <= 0.98


def test_paired_difference_on_a_hand_computed_example():
    # Differences 0.5, 0, 0.5, 0: mean 0.25, SE 0.25/√3 and t(0.975, 3) = 3.182446.
    mean, low, high = paired_difference([1.0, 0.5, 0.5, 0.0], [0.5, 0.5, 0.0, 0.0])
    assert mean == 0.25
    assert high == pytest.approx(0.25 + 3.182446 * 0.25 / math.sqrt(3), abs=1e-6)
    assert low == pytest.approx(0.25 - 3.182446 * 0.25 / math.sqrt(3), abs=1e-6)


def test_pairing_narrows_the_difference_of_like_candidates():
    base = [n / 20 for n in range(20)]
    _, low, high = paired_difference([rate + (0.05 if n % 2 else 0) for n, rate in enumerate(base)], base)
    assert high - low < 0.05


@pytest.mark.parametrize("rates", [[0.0] * 10, [1.0] * 10, [0.5]])
def test_equal_differences_do_not_claim_certainty(rates):
    mean, low, high = paired_difference(rates, [0.0] * len(rates))
    assert -1 <= low < mean + 1e-12
    assert high <= 1
    assert high - low > 0.1


def test_different_numbers_of_problems_cannot_be_paired():
    with pytest.raises(ValueError, match="zip"):
        paired_difference([0.5], [0.5, 0.5])


def test_mean_of_independent_estimates():
    mean, low, high = mean_interval([(0.5, 0.2, 0.6), (0.7, 0.3, 1.0)])
    assert mean == pytest.approx(0.6)
    assert low == pytest.approx(0.6 - 0.25)  # √(0.3² + 0.4²) / 2
    assert high == pytest.approx(0.6 + math.sqrt(0.1**2 + 0.3**2) / 2)
    assert mean_interval([(0.5, 0.2, 0.6)]) == pytest.approx((0.5, 0.2, 0.6))


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.706205), (2, 4.302653), (5, 2.570582), (29, 2.045230), (1000, 1.962339)]
)
def test_t_quantiles_against_tables(freedom, value):
    assert t_quantile(0.975, freedom) == pytest.approx(value, abs=1e-6)

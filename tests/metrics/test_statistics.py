import itertools
import math
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats import contingency_tables, multitest, proportion

from limo.metrics.statistics import (
    all_at_k,
    holm,
    interval,
    majority,
    mcnemar,
    mean_interval,
    paired_difference,
    pass_at_k,
    permutation,
    t_quantile,
    wilson,
)

Z = stats.norm.ppf(0.975)
SHARES = st.lists(st.integers(0, 4), min_size=2, max_size=25).map(lambda counts: [count / 4 for count in counts])


def alone(rates):
    """Clusters of problems that have nothing to do with each other."""
    return list(range(len(rates)))


@given(st.integers(1, 7), st.data())
def test_pass_at_k_and_all_at_k_are_shares_of_subsets(drawn, data):
    correct, k = data.draw(st.integers(0, drawn)), data.draw(st.integers(1, drawn))
    subsets = list(itertools.combinations([True] * correct + [False] * (drawn - correct), k))
    assert pass_at_k(correct, drawn, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))
    assert all_at_k(correct, drawn, k) == pytest.approx(sum(map(all, subsets)) / len(subsets))


@pytest.mark.parametrize(("correct", "drawn", "k"), [(3, 2, 1), (-1, 2, 1), (1, 2, 3), (1, 2, 0), (0, 0, 1)])
@pytest.mark.parametrize("measure", [pass_at_k, all_at_k])
def test_what_is_not_defined_at_k_is_refused(measure, correct, drawn, k):
    with pytest.raises(ValueError, match="cannot be taken"):
        measure(correct, drawn, k)


@pytest.mark.parametrize(
    ("answers", "correct", "share"),
    [
        (["4", "4", "5"], [True, True, False], 1),
        (["5", "5", "4"], [False, False, True], 0),
        (["4", "5", "6"], [True, False, False], 1 / 3),  # a tie of three: whichever was drawn first is no reason
        (["5", "6", "4"], [False, False, True], 1 / 3),
        (["4", "5", "5", "4"], [True, False, False, True], 0.5),
        ([None, None, "4"], [False, False, True], 1),
        ([None, None, None], [False, False, False], 0),
        (["4", "5"], [True, False], None),
        ([], [], None),
    ],
)
def test_a_majority_shares_ties_and_needs_three_samples(answers, correct, share):
    assert majority(answers, correct) == (share if share is None else pytest.approx(share))


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.booleans()), min_size=3, max_size=9), st.randoms())
def test_a_majority_does_not_depend_on_the_order_of_the_samples(samples, generator):
    moved = generator.sample(samples, len(samples))
    assert majority(*zip(*samples, strict=True)) == pytest.approx(majority(*zip(*moved, strict=True)))


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilsons_interval_is_that_of_statsmodels(correct, size):
    correct = min(correct, size)
    expected = proportion.proportion_confint(correct, size, method="wilson")
    assert wilson(correct / size, size, Z) == pytest.approx(expected, abs=1e-12)


def test_with_one_sample_per_problem_the_interval_is_wilsons_to_students_t():
    assert interval([1.0, 0.0, 0.0, 1.0, 0.0], 5, range(5)) == wilson(0.4, 5, t_quantile(4))


def test_effective_size_on_a_hand_computed_example():
    # Mean 0.5, variance of the rates 0.0625 * 4 / 3, so SE² = 1/48 and p(1-p)/SE² = 12 of 16 samples.
    assert interval([0.25, 0.75, 0.25, 0.75], 16, range(4)) == pytest.approx(wilson(0.5, 12, t_quantile(3)))


def test_samples_that_agree_within_problems_count_once_per_problem():
    assert interval([1.0, 0.0] * 5, 40, range(10)) == wilson(0.5, 10, t_quantile(9))


@given(SHARES)
def test_copies_of_a_problem_count_as_one_with_its_weight(rates):
    """Two copies of every problem, known as such, say what one says."""
    alike = interval([*rates, *rates], 8 * len(rates), [*alone(rates), *alone(rates)])
    once = interval(rates, 8 * len(rates), alone(rates))
    assert alike == pytest.approx(once)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=4, max_size=40))
def test_the_standard_error_is_the_cluster_robust_one_of_statsmodels(problems):
    rates, clusters = [count / 8 for count, _ in problems], [cluster for _, cluster in problems]
    groups, mean = len(set(clusters)), fmean(rates)
    if groups < 2 or mean in (0, 1):
        return
    fitted = OLS(np.array(rates), np.ones(len(rates))).fit()
    # Its correction G/(G-1) · (N-1)/(N-K) is G/(G-1) for a mean.
    robust = fitted.get_robustcov_results("cluster", groups=np.unique(clusters, return_inverse=True)[1])
    error = float(robust.bse[0])
    size = mean * (1 - mean) / error**2 if error > 1e-9 else math.inf
    bounded = min(max(size, groups), 8 * len(rates))
    expected = wilson(mean, bounded, t_quantile(groups - 1))
    assert interval(rates, 8 * len(rates), clusters) == pytest.approx(expected, abs=1e-9)


def test_one_cluster_says_nothing_about_others():
    assert interval([0.25, 0.75, 0.5], 12, ["stem"] * 3) == (0, 1)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_all_or_none_is_correct_each_problem_counts_once(rate):
    assert interval([rate] * 6, 24, range(6)) == wilson(rate, 6, t_quantile(5))


@pytest.mark.parametrize("rate", [0.2, 0.6, 0.7])
def test_equal_rates_give_nearly_the_interval_of_nearly_equal_rates(rate):
    """The noise of their sum must not decide between two formulas."""
    equal, nearly = interval([rate] * 50, 500, range(50)), interval([rate] * 49 + [rate + 0.1], 500, range(50))
    assert equal == pytest.approx(nearly, abs=0.01)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=20))
def test_the_interval_holds_the_mean_and_stays_in_range(correct):
    rates = [count / 4 for count in correct]
    low, high = interval(rates, 4 * len(rates), alone(rates))
    assert 0 <= low <= fmean(rates) + 1e-12
    assert fmean(rates) - 1e-12 <= high <= 1
    quantile = t_quantile(len(rates) - 1)
    narrow, wide = (wilson(fmean(rates), size, quantile) for size in (4 * len(rates), len(rates)))
    assert wide[1] - wide[0] + 1e-12 >= high - low >= narrow[1] - narrow[0] - 1e-12


def test_no_problem_is_an_error():
    with pytest.raises(ValueError, match="no problem was answered"):
        interval([], 0, [])


def bonett_price(differences, draws):
    """The interval as published, with t: two pseudo-observations, no clusters."""
    values = np.array([*differences, 1 / math.sqrt(draws), -1 / math.sqrt(draws)])
    centre = values.mean()
    error = math.sqrt(((values**2).mean() - centre**2) / len(values))
    half = stats.t.ppf(0.975, len(differences) - 1) * error
    return max(-1, centre - half), min(1, centre + half)


@given(SHARES, st.randoms())
def test_the_paired_difference_is_bonett_and_prices(base, generator):
    rates = [generator.randrange(5) / 4 for _ in base]
    mean, low, high = paired_difference(rates, base, 4, alone(rates))
    expected = bonett_price([a - b for a, b in zip(rates, base, strict=True)], 4)
    assert mean == pytest.approx(fmean(rates) - fmean(base), abs=1e-12)
    assert (low, high) == pytest.approx((min(mean, expected[0]), max(mean, expected[1])), abs=1e-9)


@given(SHARES, st.randoms())
def test_swapping_two_candidates_flips_the_sign_to_the_last_bit(base, generator):
    rates = [generator.randrange(8) / 7 for _ in base]
    clusters = [generator.randrange(1 + len(base) // 2) for _ in base]
    mean, low, high = paired_difference(rates, base, 7, clusters)
    assert paired_difference(base, rates, 7, clusters) == (-mean, -high, -low)
    differences = [a - b for a, b in zip(rates, base, strict=True)]
    assert permutation(differences, clusters) == permutation([-each for each in differences], clusters)


def test_float_noise_is_no_certainty():
    mean, low, high = paired_difference([0.6, 0.8, 0.4, 1.0], [0.4, 0.6, 0.2, 0.8], 5, range(4))
    assert mean == pytest.approx(0.2)
    assert low < 0 < mean < 0.4 < high


def test_one_more_right_answer_moves_the_limits_by_little():
    """500 problems with equal answers, and with one more: the limits must not jump."""
    _, low, high = paired_difference([1.0] * 500, [1.0] * 500, 1, range(500))
    _, near_low, near_high = paired_difference([1.0] * 500, [0.0] + [1.0] * 499, 1, range(500))
    assert (near_low, near_high) == pytest.approx((low + 0.002, high + 0.002), abs=0.0025)
    assert (low, high) == pytest.approx((-0.0055, 0.0055), abs=0.0005)


def test_clusters_widen_the_difference_of_problems_that_move_together():
    rates, base = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0] * 4, [0.5] * 24
    clusters = [n // 3 for n in range(24)]
    _, low, high = paired_difference(rates, base, 2, clusters)
    _, alone_low, alone_high = paired_difference(rates, base, 2, range(24))
    assert high - low > 1.5 * (alone_high - alone_low)


def test_pairing_narrows_the_difference_of_like_candidates():
    base = [n / 20 for n in range(20)]
    _, low, high = paired_difference(
        [rate + (0.05 if n % 2 else 0) for n, rate in enumerate(base)], base, 16, range(20)
    )
    assert high - low < 0.1


@pytest.mark.parametrize("rates", [[0.0] * 10, [1.0] * 10, [0.5]])
def test_equal_differences_do_not_claim_certainty(rates):
    mean, low, high = paired_difference(rates, [0.0] * len(rates), 2, alone(rates))
    assert -1 <= low < mean + 1e-12
    assert mean - 1e-12 <= high <= 1
    assert high - low > 0.1


def test_different_numbers_of_problems_cannot_be_paired():
    with pytest.raises(ValueError, match="zip"):
        paired_difference([0.5], [0.5, 0.5], 1, range(1))


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_that_of_statsmodels(wins, losses):
    expected = contingency_tables.mcnemar([[5, wins], [losses, 7]], exact=True).pvalue
    assert mcnemar(wins, losses) == pytest.approx(expected)


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=9))
def test_few_pairs_are_swapped_in_every_way(differences):
    swaps = itertools.product([1, -1], repeat=len(differences))
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in swaps]
    expected = sum(abs(each) >= abs(sum(differences)) for each in sums) / len(sums)
    assert permutation([d / 3 for d in differences], alone(differences)) == pytest.approx(expected)


def test_with_one_draw_and_all_swaps_the_permutation_test_is_mcnemars():
    assert permutation([1] * 9 + [-1] * 3 + [0] * 8, range(20)) == pytest.approx(mcnemar(9, 3))


def test_many_pairs_give_about_the_p_of_the_t_test_and_always_the_same():
    differences = np.random.default_rng(3).normal(0.1, 1, 300)
    found = permutation(differences, range(300))
    assert found == permutation(differences, range(300))
    assert found == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)


def test_a_cluster_is_swapped_as_a_whole():
    assert permutation([1.0] * 8, [n // 4 for n in range(8)]) == 0.5
    assert permutation([1.0] * 8, ["one"] * 8) == 1


@settings(max_examples=8)  # statsmodels takes a seventh of a second for each
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holms_p_values_are_those_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multitest.multipletests(p_values, method="holm")[1])


def test_mean_of_independent_estimates():
    mean, low, high = mean_interval([(0.5, 0.2, 0.6), (0.7, 0.3, 1.0)])
    assert mean == pytest.approx(0.6)
    assert low == pytest.approx(0.6 - 0.25)  # √(0.3² + 0.4²) / 2
    assert high == pytest.approx(0.6 + math.sqrt(0.1**2 + 0.3**2) / 2)
    assert mean_interval([(0.5, 0.2, 0.6)]) == pytest.approx((0.5, 0.2, 0.6))


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.706205), (2, 4.302653), (5, 2.570582), (29, 2.045230), (10**9, 1.959964)]
)
def test_t_quantiles_against_tables(freedom, value):
    assert t_quantile(freedom) == pytest.approx(value, abs=1e-6)

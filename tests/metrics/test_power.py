import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.metrics.power import Spread, error, estimated, expected, smallest
from limo.metrics.statistics import mcnemar, permutation


def test_the_spread_of_pass_rates_on_a_hand_computed_example():
    spread = expected([(0.0, 0.25), (0.5, 0.5), (1.0, 0.25)])
    assert (spread.between, spread.within) == (0.125, 0.125)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 9)), min_size=1, max_size=6))
def test_between_and_within_add_up_to_the_spread_of_one_draw(weighted):
    total = sum(weight for _, weight in weighted)
    pairs = [(rate, weight / total) for rate, weight in weighted]
    spread, mean = expected(pairs), sum(rate * share for rate, share in pairs)
    assert spread.between + spread.within == pytest.approx(mean * (1 - mean))


def test_the_spread_that_is_seen_in_draws_is_without_bias():
    generator, true = np.random.default_rng(1), expected([(0.2, 0.5), (0.7, 0.5)])
    seen = [estimated((generator.binomial(3, [0.2, 0.7] * 40) / 3).tolist(), 3) for _ in range(400)]
    assert np.mean([each.between for each in seen]) == pytest.approx(true.between, abs=0.004)
    assert np.mean([each.within for each in seen]) == pytest.approx(true.within, abs=0.004)


def test_one_draw_or_one_problem_tells_no_spread():
    assert estimated([0.0, 1.0, 1.0], 1) is None
    assert estimated([0.5], 4) is None


def test_more_draws_help_only_against_chance_within_problems():
    spread = Spread(0.17, 0.065)
    few, many = (smallest([error(spread, 0.8, draws, 30)], [30], [draws]) for draws in (4, 10**6))
    assert (few, many) == (pytest.approx(0.176, abs=0.003), pytest.approx(0.138, abs=0.003))
    assert smallest([error(spread, 0.8, 4, 3000)], [3000], [4]) == pytest.approx(few / 10, rel=0.1)


def test_the_mean_over_like_benchmarks_sees_less():
    one = error(Spread(0.1, 0.1), 0.8, 1, 200)
    assert smallest([one] * 4, [200] * 4, [4] * 4) == pytest.approx(smallest([one], [200], [4]) / 2, rel=0.02)


def test_what_cannot_be_shown_is_a_whole_difference():
    assert smallest([0.2, 0.01], [1, 500], [1, 1]) == 1
    assert smallest([0.9], [4], [1]) == 1
    assert smallest([0.0], [30], [1]) == 0


def found(generator, problems, draws, gain):
    """Whether the test that is reported finds a candidate better that solves every problem by `gain` likelier."""
    rates = np.array([0.15, 0.65])
    ours = generator.integers(0, 2, problems)
    theirs = np.where(generator.random(problems) < 0.8, ours, generator.integers(0, 2, problems))
    differences = (generator.binomial(draws, rates[ours] + gain) - generator.binomial(draws, rates[theirs])) / draws
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    p = mcnemar(wins, losses) if draws == 1 else permutation(differences.tolist(), range(problems))
    return p < 0.05 and differences.sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize(("problems", "draws"), [(30, 4), (30, 16), (100, 1), (100, 4), (500, 1)])
def test_simulated_runs_find_the_smallest_difference_in_four_of_five(problems, draws):
    generator, gain = np.random.default_rng([problems, draws]), 0.1
    for _ in range(30):  # the spread of p + gain hangs on the gain: the two candidates' mean is taken
        spreads = [expected([(0.15 + more, 0.5), (0.65 + more, 0.5)]) for more in (0.0, gain)]
        spread = Spread(*(math.fsum(part) / 2 for part in zip(*((s.between, s.within) for s in spreads), strict=True)))
        gain = smallest([error(spread, 0.8, draws, problems)], [problems], [draws])
    runs = 4_000
    assert sum(found(generator, problems, draws, gain) for _ in range(runs)) / runs == pytest.approx(0.8, abs=0.02)

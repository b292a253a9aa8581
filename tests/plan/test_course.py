from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.generation.band import settled
from limo.plan.course import course, mixed


@st.composite
def bands(draw):
    draws = draw(st.integers(1, 9))
    low = draw(st.integers(0, draws))
    return draws, low, draw(st.integers(low, draws))


def enumerated(rate, draws, low, high, lookahead):
    """The same by going through all 2^draws outcomes of a full draw."""
    drawn = started = 0.0
    verdicts = {"keep": 0.0, "easy": 0.0, "hard": 0.0}
    for outcome in product(("correct", "wrong"), repeat=draws):
        correct = outcome.count("correct")
        weight = rate**correct * (1 - rate) ** (draws - correct)
        stop = next(n for n in range(draws + 1) if settled(outcome[:n], draws, low, high))
        drawn += weight * stop
        started += weight * (min(draws, stop + lookahead - 1) if stop else 0)
        verdicts["easy" if correct > high else "hard" if correct < low else "keep"] += weight
    return drawn, started, verdicts


@given(bands(), st.floats(0, 1), st.integers(1, 12))
def test_it_is_what_going_through_all_outcomes_gives(band, rate, lookahead):
    drawn, started, verdicts = enumerated(rate, *band, lookahead)
    found = course(rate, *band, lookahead)
    assert found.decided == pytest.approx(drawn)
    assert found.paid == pytest.approx(started)
    assert (found.keep, found.easy, found.hard) == pytest.approx(tuple(verdicts.values()))


@given(bands(), st.floats(0, 1), st.integers(1, 8))
def test_paid_lies_between_decided_and_full_and_grows_with_the_look_ahead(band, rate, lookahead):
    found, wider = course(rate, *band, lookahead), course(rate, *band, lookahead + 1)
    assert found.decided <= found.paid + 1e-9
    assert found.paid <= wider.paid + 1e-9 <= band[0] + 2e-9
    if lookahead == 1:
        assert found.paid == pytest.approx(found.decided)


# Simulated independently, 20,000 trials each, for "at most 3 of 32 correct".
@pytest.mark.parametrize(
    ("rate", "drawn"), [(0.0, 29.0), (0.02, 29.6), (0.05, 29.9), (0.1, 27.7), (0.2, 19.3), (0.4, 10.0), (0.7, 5.7)]
)
def test_the_issue_28_band_needs_the_draws_that_a_simulation_found(rate, drawn):
    assert course(rate, 32, 0, 3, 1).decided == pytest.approx(drawn, abs=0.15)


def test_a_screen_stops_at_the_first_success():
    found = course(0.5, 4, 0, 0, 2)
    assert found.decided == pytest.approx(1 * 0.5 + 2 * 0.25 + 3 * 0.125 + 4 * 0.125)
    assert found.paid == pytest.approx(2 * 0.5 + 3 * 0.25 + 4 * 0.25)
    assert found.keep == pytest.approx(0.5**4)


def test_a_mixture_weighs_by_its_shares():
    one, two = course(0.0, 4, 0, 0, 2), course(1.0, 4, 0, 0, 2)
    found = mixed([(0.0, 0.25), (1.0, 0.75)], 4, 0, 0, 2)
    assert found.decided == pytest.approx(0.25 * one.decided + 0.75 * two.decided) == pytest.approx(1.75)
    assert found.keep == pytest.approx(0.25)
    assert found.easy == pytest.approx(0.75)

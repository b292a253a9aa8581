from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.graph.schemas import BALLOT, CHECKED, MEASURED
from limo.metrics.ballots import figures
from limo.quality.votes import OWN, TRIED, accepted, pairs, votes
from tests.chains.world import chain, loaded, table

JUDGE = {"model": "tiny", "engine": "cpu", "max_tokens": 9, "neighbours": 1, "min_agreement": 0.6}


def paired(count, neighbours, **changes):
    rows = [chain("p1", f"chain {number}", **changes) for number in range(count)]
    p = loaded(chain_judges={"strict": {**JUDGE, "neighbours": neighbours}})
    return pairs(table(rows, CHECKED), table(rows, MEASURED), p)


def ballots(asked, prefers, count=4, clean=None, **changes):
    """Ballots on chains a < b < c …, each with each in both orders; `prefers` says of (first, second) which."""
    names = "abcdefgh"[:count]
    rows = [
        {
            **dict.fromkeys(BALLOT),
            "asked": asked,
            "id": min(first, second),
            "first": first,
            "second": second,
            "first_characters": ord(first),
            "second_characters": ord(second),
            "clean": clean,
            "said": prefers(first, second),
            "key": None,
            **changes,
        }
        for first in names
        for second in names
        if first != second
    ]
    return table(rows, BALLOT)


def better(first, second):
    return "first" if first > second else "second"


@given(st.integers(0, 9), st.integers(1, 5))
def test_each_pair_is_compared_once_and_each_chain_about_as_often(count, neighbours):
    found = paired(count, neighbours)
    assert found.unique(["one", "other"]).height == found.height
    assert (found["one"] < found["other"]).all()
    met = Counter(found["one"].to_list() + found["other"].to_list())
    assert set(met.values()) <= {min(2 * neighbours, count - 1)}
    assert len(met) == (count if count > 1 else 0)


def test_a_judge_of_fewer_neighbours_makes_some_of_the_same_comparisons():
    few, many = paired(9, 1), paired(9, 3)
    assert many.filter(pl.col("turn") <= 1).equals(few)


@pytest.mark.parametrize("changes", [{"verdict": "wrong"}, {"loop": 9}, {"false": 1}])
def test_wrong_and_gated_chains_are_compared_with_none(changes):
    assert paired(4, 2, **changes).is_empty()


def test_without_a_judge_there_are_no_pairs():
    rows = [chain("p1", "a"), chain("p1", "b")]
    assert pairs(table(rows, CHECKED), table(rows, MEASURED), loaded()).is_empty()


def test_a_chain_that_wins_in_both_orders_has_the_votes():
    said = votes([ballots(OWN, better)])
    assert said.rows() == [("a", 0.0), ("b", pytest.approx(1 / 3)), ("c", pytest.approx(2 / 3)), ("d", 1.0)]


def test_judges_that_contradict_each_other_cancel_out():
    said = votes([ballots(OWN, better), ballots(OWN, lambda a, b: "second" if a > b else "first")])
    assert said["votes"].to_list() == [0.5] * 4


@pytest.mark.parametrize("said", ["first", "second", "unparsed", "too_long"])
def test_who_always_says_the_same_has_no_consistent_vote_and_is_refused(said):
    tried = ballots(TRIED, lambda *_: said, clean="a", count=2)
    assert not accepted(tried, 0.51)
    found = figures(tried, 0.51)
    assert (found["accepted"], found["labelled"]["agreement"]["share"]) == (False, 0.5)
    assert found["labelled"]["consistent"]["share"] == 0
    assert votes([ballots(OWN, lambda *_: said)])["votes"].to_list() == [0.5] * 4
    assert votes([tried]).is_empty()


def test_agreement_is_with_the_clean_chain():
    assert accepted(ballots(TRIED, better, count=2, clean="b"), 1.0)
    assert not accepted(ballots(TRIED, better, count=2, clean="a"), 0.51)


def test_position_and_length_that_move_a_judge_are_figures():
    by_length = figures(ballots(OWN, better), 0.6)["pairs"]
    assert (by_length["consistent"]["share"], by_length["first"]["share"], by_length["longer"]["share"]) == (1, 0.5, 1)
    by_place = figures(ballots(OWN, lambda *_: "first"), 0.6)["pairs"]
    assert (by_place["consistent"]["share"], by_place["first"]["share"], by_place["longer"]) == (0, 1, None)
    assert by_place["said"] == {"first": 12}

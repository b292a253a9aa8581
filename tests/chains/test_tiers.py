from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo import params
from limo.base.tables import kept, reasons
from limo.chains.tiers import tier
from limo.graph.schemas import QUESTIONS, SCORED, TIERS
from tests.chains.world import PARAMS, chain, problem, table

STAND = params.Gates(**PARAMS["gates"])


def settings(**changes):
    return params.Tiers(**{"min_chains": 5, "max_tokens": 100, "overlength": "refuse", **changes})


def scored_chains(scores, identifier="p01"):
    return [chain(identifier, f"chain {n}", score=score, tokens=10 + n) for n, score in enumerate(scores)]


def tiered(rows, questions=(1, 2, 3), **changes):
    return tiered_for(rows, table([problem(n) for n in questions], QUESTIONS), **changes)


def tiered_for(rows, questions, **changes):
    scored = table(rows, SCORED)
    parts = tier(lambda columns: scored.select(columns).iter_slices(3), questions, settings(**changes), STAND)
    return pl.concat(parts)


def test_every_reason_of_rejection_is_named_and_nothing_is_lost():
    rows = [
        chain("p01", "good"),
        chain("p01", "wrong", verdict="wrong", score=None),
        chain("p01", "unclear", verdict="undecided", score=None),
        chain("p01", "cut", verdict="truncated", score=None, stop="length"),
        chain("p01", "cut after its answer", stop="length"),
        chain("p01", "long", tokens=101),
    ]
    found = tiered(rows)
    assert found.schema == TIERS
    assert found["rejected"].to_list() == [
        None,
        "wrong answer",
        "undecided",
        "truncated",
        "truncated",
        "overlength: 101 tokens > 100",
    ]
    assert found["truncated"].to_list() == [False, False, False, True, True, True]
    assert kept(found).height + sum(reasons(found).values()) == len(rows)


def test_overlength_chains_may_be_allowed_but_stay_marked():
    found = tiered([chain("p01", "long", tokens=101)], overlength="allow")
    assert found.select("rejected", "truncated", "best").rows() == [(None, True, True)]


def test_best_per_question_and_global_rank():
    rows = [
        *scored_chains([0.1, 0.7], "p01"),
        *scored_chains([0.9, 0.2], "p02"),
        *scored_chains([0.99], "p09"),  # not selected: usable for the random control, never best
    ]
    found = tiered(rows)
    assert found.filter("best").sort("rank").select("id", "score", "rank").rows() == [("p02", 0.9, 1), ("p01", 0.7, 2)]
    stray = found.filter(pl.col("id") == "p09")
    assert stray.select("selected", "best", "rank", "level", "rejected").rows() == [(False, False, None, None, None)]


def test_a_question_that_select_rejected_is_not_selected():
    questions = table([problem(1, rejected="redundant: p02")], QUESTIONS)
    found = tiered_for(scored_chains([0.5]), questions)
    assert found["selected"].to_list() == [False]


def test_of_equal_scores_the_shorter_chain_is_best():
    rows = [chain("p01", "a", tokens=9), chain("p01", "b", tokens=7), chain("p01", "c", tokens=8)]
    assert tiered(rows).filter("best")["chain"].to_list() == ["b"]


def test_too_few_chains_make_no_levels():
    assert tiered(scored_chains([0.1, 0.2, 0.3, 0.4]))["level"].null_count() == 4


@pytest.mark.parametrize(
    ("chains", "expected"), [(5, [1, 2, 3, 4, 5]), (6, [1, 1, 2, 3, 4, 5]), (7, [1, 1, 2, 3, 3, 4, 5])]
)
def test_levels_follow_the_position_by_score(chains, expected):
    found = tiered(scored_chains([n / 10 for n in range(chains)]))
    assert found.sort("score")["level"].to_list() == expected


@given(st.lists(st.integers(0, 4), min_size=5, max_size=40))
def test_levels_are_all_there_balanced_and_ordered_by_score(scores):
    found = tiered(scored_chains([score / 4 for score in scores]))
    sizes = [found.filter(pl.col("level") == level).height for level in range(1, 6)]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
    bounds = [found.filter(pl.col("level") == level)["score"] for level in range(1, 6)]
    assert all(low.max() <= high.min() for low, high in pairwise(bounds))
    assert found.filter("best")["level"].to_list() == [5]


@given(st.permutations(range(8)))
def test_row_order_changes_nothing(order):
    rows = [*scored_chains([0.1, 0.5, 0.5, 0.5, 0.9]), *scored_chains([0.9, 0.9, 0.1], "p02")]
    shuffled = tiered([rows[place] for place in order])
    assert shuffled.sort("chain_id").equals(tiered(rows).sort("chain_id"))

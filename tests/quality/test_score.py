from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo import params
from limo.graph.schemas import CHECKED, MEASURED, SCORED
from limo.quality.features import count_tokens, counted, keyword_pattern
from limo.quality.score import scale, score
from limo.quality.votes import VOTES
from tests.chains.world import PARAMS, chain, table

SCALERS = ("rank", "minmax", "winsorised")
NUMBERS = st.lists(st.floats(0, 1e6, allow_subnormal=False) | st.integers(0, 5).map(float), min_size=1, max_size=60)


def words(texts, add_special_tokens):
    assert add_special_tokens is False
    return {"input_ids": [text.split() for text in texts]}


def scored_of(rows, votes=(), **changes):
    given = table(rows, MEASURED), table(votes, VOTES), settings(**changes)
    return pl.concat(score(lambda: table(rows, CHECKED).iter_slices(2), *given, "strip", words))


def settings(**changes):
    return params.Score.model_validate({**PARAMS["score"], **changes})


@pytest.mark.parametrize("scaler", SCALERS)
@given(values=NUMBERS)
def test_scaled_values_lie_in_the_unit_interval_and_keep_order_and_ties(scaler, values):
    scaled = scale(pl.Series(values), scaler).to_list()
    assert all(0 <= z <= 1 for z in scaled)
    in_order = sorted(zip(values, scaled, strict=True))
    for (low, low_z), (high, high_z) in pairwise(in_order):
        assert low_z <= high_z
        assert low != high or low_z == high_z


def test_scalers_on_a_hand_computed_example():
    values = pl.Series([1.0, 2.0, 2.0, 5.0])
    assert scale(values, "rank").to_list() == [0, 0.5, 0.5, 1]
    assert scale(values, "minmax").to_list() == [0, 0.25, 0.25, 1]
    # The 5 % and 95 % quantiles are 1.15 and 4.55, so 2 lies at 0.85 / 3.4.
    assert scale(values, "winsorised").to_list() == [0, 0.25, 0.25, 1]


def test_an_outlier_squeezes_minmax_but_not_the_winsorised_scaler():
    values = pl.Series([float(i) for i in range(100)] + [1e9])
    assert scale(values, "minmax")[99] < 1e-6
    assert scale(values, "winsorised")[50] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("scaler", SCALERS)
def test_a_trait_that_tells_nothing_is_neutral(scaler):
    assert scale(pl.Series([3, 3, 3]), scaler).to_list() == [0.5, 0.5, 0.5]
    assert scale(pl.Series([3]), scaler).to_list() == [0.5]


def test_keywords_are_whole_lower_cased_words():
    found = keyword_pattern("verify", ["check", "let me check", "Re-check"]).findall(
        "check checking unchecked let me check, re-check; check"
    )
    assert found == ["check", "let me check", "re-check", "check"]


@pytest.mark.parametrize("bad", [[], ["check", " "]])
def test_a_keyword_list_without_words_is_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"score\.verify"):
        keyword_pattern("verify", bad)


def test_features_of_a_chain():
    found = counted(["Check: perhaps it might. Therefore, CHECK", "nothing here"], settings(), words)
    assert found.rows() == [(6, 2, 2, 1), (2, 0, 0, 0)]


def test_tokens_of_more_texts_than_one_batch_stay_in_order():
    texts = ["a " * (number % 7) for number in range(600)]
    assert count_tokens(texts, words) == [number % 7 for number in range(600)]


def test_the_score_is_the_weighted_sum_of_globally_scaled_traits():
    rows = [
        chain("p1", "check one two three"),  # tokens 4, verify 1/4
        chain("p2", "perhaps since two"),  # tokens 3, explore 1/3, connect 1/3
        chain("p3", "a wrong one that is by far the longest", verdict="wrong"),
        chain("p3", "one two"),  # tokens 2
    ]
    scored = scored_of(rows)
    assert scored.schema == SCORED
    assert scored["length_z"].to_list() == [1, 0.5, None, 0]
    assert scored["verify_z"].to_list() == [1, 0.25, None, 0.25]
    assert scored["explore_z"].to_list() == [0.25, 1, None, 0.25]
    assert scored["score"].to_list() == [
        pytest.approx(0.3 + 0.2 + 0.25 * 0.25 * 2),
        pytest.approx(0.15 + 0.2 * 0.25 + 0.25 * 2),
        None,
        pytest.approx(0.2 * 0.25 + 0.25 * 0.25 * 2),
    ]
    assert scored["tokens"].to_list() == [4, 3, 9, 2]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["wrong", "correct"])), min_size=1, max_size=12))
def test_a_score_depends_on_no_row_order_and_weights_bound_it(kinds):
    rows = [
        chain(f"p{number}", f"{'check ' * kind}{number} end", verdict=verdict)
        for number, (kind, verdict) in enumerate(kinds)
    ]
    if all(verdict == "wrong" for _, verdict in kinds):
        with pytest.raises(ValueError, match="none of"):
            scored_of(rows)
        return
    forward = scored_of(rows)
    backward = scored_of(rows[::-1])
    assert forward.sort("chain_id").equals(backward.sort("chain_id"))
    assert forward["score"].null_count() == sum(verdict == "wrong" for _, verdict in kinds)
    assert forward["score"].drop_nulls().is_between(0, 1).all()


def test_a_weight_of_zero_removes_its_trait():
    rows = [chain("p1", "check one"), chain("p2", "one two")]
    weights = {"length": 1.0, "verify": 0.0, "explore": 0.0, "connect": 0.0}
    scored = scored_of(rows, recipe="custom", weights=weights)
    assert scored["score"].to_list() == [0.5, 0.5]
    assert scored["verify_z"].to_list() == [1, 0]


def test_a_custom_recipe_may_weigh_votes_and_a_chain_without_any_stands_in_the_middle():
    rows = [chain(f"p{number}", f"chain {number}") for number in range(3)]
    votes = [{"chain_id": row["chain_id"], "votes": share} for row, share in zip(rows, (0.25, 0.75), strict=False)]
    scored = scored_of(rows, votes, recipe="custom", weights={"votes": 1.0})
    assert scored["votes"].to_list() == [0.25, 0.75, None]
    assert scored["score"].to_list() == [0, 1, 0.5]
    with pytest.raises(ValueError, match="no judge of chain_judges has voted"):
        scored_of(rows, recipe="custom", weights={"votes": 1.0})

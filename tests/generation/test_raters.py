import polars as pl
import pytest

from limo import params
from limo.generation import raters
from limo.generation.band import ratings
from limo.graph.schemas import RATED, RATING, SCREENED
from tests.chains.world import problem, table

BAND = {"kind": "recorded", "engine": "recorded", "sources": None, "draws": 8, "min_correct": 1, "max_correct": 4}
# Correct of drawn by three raters, and what each rule says: kept, or too easy, too hard, not recorded, by whom.
HAND = [
    # a       b       c       strongest       every           mean
    ((2, 8), (3, 8), (1, 8), ("kept", "b"), ("kept", "b"), ("kept", "b")),
    ((5, 8), (0, 8), (1, 8), ("easy", "a"), ("easy", "a"), ("kept", "a")),
    ((0, 8), (0, 8), (0, 8), ("hard", "a"), ("hard", "a"), ("hard", "a")),
    ((0, 8), (2, 8), (1, 8), ("kept", "b"), ("hard", "a"), ("kept", "b")),
    ((8, 8), (7, 8), (8, 8), ("easy", "a"), ("easy", "a"), ("easy", "a")),
    ((1, 2), (2, 8), (0, 0), ("kept", "a"), ("none", "c"), ("kept", "a")),
    ((0, 0), (0, 0), (0, 0), ("none", "a"), ("none", "a"), ("none", "a")),
]
BEGINS = {"kept": None, "easy": "too easy: ", "hard": "too hard: ", "none": "not recorded: "}


def rating(place: int, rater: params.RecordedRater) -> pl.DataFrame:
    problems = pl.DataFrame({"id": [f"p{number:02}" for number in range(len(HAND))]})
    rows = [(f"p{number:02}", *hand[place], place == 2) for number, hand in enumerate(HAND) if hand[place][1]]
    schema = {"id": pl.String, "correct": pl.Int64, "drawn": pl.Int64, "claimed": pl.Boolean}
    counts = pl.DataFrame(rows, schema=schema, orient="row").with_columns(unasked=pl.lit(None, pl.String))
    found = ratings(counts, problems, rater)
    assert found.schema == RATING
    return found


def decided(rule: str, names: str = "abc") -> pl.DataFrame:
    p = params.Rate.model_validate(
        {"rule": rule, "raters": {name: {**BAND, "path": f"data/recorded/{name}.parquet"} for name in names}}
    )
    screened = table([problem(number) for number in range(len(HAND))], SCREENED).drop("rejected")
    return raters.decide(screened, {name: rating("abc".index(name), p.raters[name]) for name in names}, p)


@pytest.mark.parametrize(("rule", "place"), [("strongest", 3), ("every", 4), ("mean", 5)])
def test_a_rule_decides_on_a_hand_table_of_three(rule, place):
    found = decided(rule)
    assert found.schema == RATED
    for row, hand in zip(found.to_dicts(), HAND, strict=True):
        outcome, rater = hand[place]
        begins = BEGINS[outcome]
        assert (row["rejected"] or "").startswith(begins or "")
        assert (row["rejected"] is None) == (begins is None)
        assert row["rater"] == rater
        assert (row["rate_correct"], row["rate_drawn"]) == hand["abc".index(rater)]
        assert [(each["rater"], each["correct"], each["drawn"]) for each in row["raters"]] == [
            (name, *hand[number]) for number, name in enumerate("abc")
        ]


def test_one_rater_decides_by_its_band_alone():
    found = decided("only", "a")
    assert found["rejected"].to_list()[:2] == [None, "too easy: 5 correct of 8 drawn"]
    assert raters.counts(found) == {"fewer recorded than asked": 2}


def test_counts_that_a_publisher_claims_stay_marked():
    found = decided("every")
    assert [each["claimed"] for each in found["raters"][0]] == [False, False, True]


def test_a_problem_is_decided_by_the_raters_that_are_for_it():
    names = {"a": ["p00", "p03", "p04"], "b": ["p00", "p01", "p02", "p05", "p06"]}
    p = params.Rate.model_validate(
        {"rule": "every", "raters": {name: {**BAND, "path": f"data/recorded/{name}.parquet"} for name in names}}
    )
    screened = table([problem(number) for number in range(len(HAND))], SCREENED).drop("rejected")
    each = {name: rating("ab".index(name), p.raters[name]).filter(pl.col("id").is_in(names[name])) for name in names}
    found = raters.decide(screened, each, p)
    assert found["rater"].to_list() == ["b", "b", "b", "a", "a", "b", "b"]
    assert [len(listed) for listed in found["raters"]] == [2, 1, 1, 1, 1, 1, 1]
    assert [reason and reason.partition(":")[0] for reason in found["rejected"]] == [
        *(None, "too hard", "too hard", "too hard", "too easy", None, "not recorded"),
    ]
    with pytest.raises(AssertionError, match="no rater"):
        raters.decide(screened, {**each, "b": each["b"].head(2)}, p)


def test_only_is_for_one_rater():
    with pytest.raises(ValueError, match="rule only is for one rater"):
        decided("only", "ab")

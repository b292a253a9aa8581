import polars as pl
import pytest

from limo import params
from limo.base import tables
from limo.generation.band import ratings, screened, settled
from limo.graph.schemas import SCREENED
from tests.generation.test_attempts import RULE, _problems


@pytest.mark.parametrize(
    ("verdicts", "draws", "low", "high", "expected"),
    [
        ([], 4, 1, 3, False),
        (["wrong"] * 3, 4, 1, 3, False),
        (["wrong"] * 4, 4, 1, 3, True),
        (["correct", "wrong"], 4, 1, 3, True),
        (["correct"], 4, 0, 0, True),
        (["undecided", "truncated"], 3, 2, 3, True),
        ([], 4, 0, 4, True),
    ],
)
def test_sampling_stops_as_soon_as_the_rest_can_change_nothing(verdicts, draws, low, high, expected):
    assert settled(verdicts, draws, low, high) is expected


RECORD = params.RecordedRater(
    kind="recorded",
    path="data/recorded/log.parquet",
    engine="recorded",
    sources=None,
    draws=4,
    min_correct=1,
    max_correct=2,
)


def _counts(counts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    rows = [(name, *pair, False) for name, pair in counts.items()]
    schema = {"id": pl.String, "correct": pl.Int64, "drawn": pl.Int64, "claimed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(unasked=pl.lit(None, pl.String))


def test_the_band_keeps_and_rejects_with_counts():
    counts = _counts({"c": (3, 3), "a": (1, 4), "d": (0, 4), "b": (2, 4), "e": (1, 3)})
    banded = screened(ratings(counts, _problems("abcde"), RULE), _problems("abcde"))
    assert banded.schema == SCREENED
    assert banded.select("id", "screen_correct", "screen_drawn", "screen_stopped", "rejected").rows() == [
        ("a", 1, 4, False, None),
        ("b", 2, 4, False, None),
        ("c", 3, 3, True, "too easy: 3 correct of 3 drawn"),
        ("d", 0, 4, False, "too hard: 0 correct of 4 drawn"),
        ("e", 1, 3, True, None),
    ]
    assert tables.kept(banded).height + sum(tables.reasons(banded).values()) == 5
    assert tables.reasons(banded) == {"too easy": 1, "too hard": 1}


def test_a_problem_without_attempts_is_never_passed_over():
    with pytest.raises(AssertionError, match="a problem has no attempt"):
        ratings(_counts({"a": (0, 1)}), _problems("ab"), RULE)


def test_a_band_holds_for_what_is_recorded_and_says_that_it_was_less():
    found = ratings(_counts({"a": (1, 2), "b": (0, 3), "c": (3, 3)}), _problems("abcd"), RECORD)
    assert found.select("id", "correct", "drawn", "asked", "stopped", "rejected").rows() == [
        ("a", 1, 2, 4, False, None),
        ("b", 0, 3, 4, False, "too hard: 0 correct of 3 drawn"),
        ("c", 3, 3, 4, False, "too easy: 3 correct of 3 drawn"),
        ("d", 0, 0, 4, False, "not recorded: no attempt of log"),
    ]

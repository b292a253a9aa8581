import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.metrics.comparisons import compare, pair
from limo.metrics.statistics import holm, mcnemar, mean_interval, paired_difference


def answered(clusters=None, **benchmarks):
    """Problems by benchmark: of each problem the number of correct samples and of all."""
    return {
        name: pl.DataFrame(
            {
                "source_id": [f"p{n}" for n in range(len(counts))],
                "cluster": clusters or [f"p{n}" for n in range(len(counts))],
                "verdict": [["correct"] * right + ["wrong"] * (drawn - right) for right, drawn in counts],
            }
        )
        for name, counts in benchmarks.items()
    }


def test_one_draw_is_tested_by_mcnemar_and_wins_are_counted():
    ours, theirs = answered(sums=[(1, 1)] * 6 + [(0, 1)] * 3), answered(sums=[(1, 1)] + [(0, 1)] * 7 + [(1, 1)])
    found = pair(ours, theirs, "a and b")["sums"]
    assert (found["wins"], found["losses"], found["ties"], found["test"]) == (5, 1, 3, "mcnemar")
    assert found["p"] == pytest.approx(mcnemar(5, 1))
    rates = [1.0] * 6 + [0.0] * 3, [1.0] + [0.0] * 7 + [1.0]
    assert (found["difference"], found["low"], found["high"]) == paired_difference(*rates, 1, range(9))


def test_several_draws_and_clusters_are_tested_by_permutation():
    several = pair(answered(sums=[(2, 2)] * 5), answered(sums=[(1, 2)] * 5), "a and b")["sums"]
    assert (several["test"], several["p"]) == ("permutation", 2 / 2**5)
    stems = ["x", "x", "y", "y", "z"]
    ours, theirs = answered(stems, sums=[(1, 1)] * 5), answered(stems, sums=[(0, 1)] * 5)
    clustered = pair(ours, theirs, "a and b")["sums"]
    assert (clustered["test"], clustered["p"]) == ("permutation", 2 / 2**3)


def test_equal_rates_of_different_numbers_of_draws_are_a_tie():
    found = pair(answered(sums=[(2, 4), (3, 10)]), answered(sums=[(8, 16), (6, 20)]), "a and b")["sums"]
    assert (found["wins"], found["losses"], found["ties"], found["p"]) == (0, 0, 2, 1)


def test_the_mean_weighs_benchmarks_alike_and_swaps_all_their_problems():
    ours, theirs = answered(sums=[(2, 2)] * 4, stories=[(1, 2)]), answered(sums=[(1, 2)] * 4, stories=[(0, 2)])
    found = pair(ours, theirs, "a and b")
    assert found["mean"]["difference"] == 0.5
    parts = [(found[name]["difference"], found[name]["low"], found[name]["high"]) for name in ("sums", "stories")]
    assert (found["mean"]["difference"], found["mean"]["low"], found["mean"]["high"]) == mean_interval(parts)
    assert (found["mean"]["wins"], found["mean"]["p"]) == (5, 2 / 2**5)


@given(st.integers(1, 4), st.randoms())
def test_swapping_two_candidates_flips_every_sign_exactly(draws, generator):
    def drawn(problems):
        return [(generator.randrange(draws + 1), draws) for _ in range(problems)]

    ours, theirs = (answered(sums=drawn(7), stories=drawn(12)) for _ in range(2))
    there, back = pair(ours, theirs, "a and b"), pair(theirs, ours, "b and a")
    for benchmark, found in there.items():
        swapped = back[benchmark]
        assert (swapped["difference"], swapped["low"], swapped["high"]) == (
            -found["difference"],
            -found["high"],
            -found["low"],
        )
        assert (swapped["wins"], swapped["losses"]) == (found["losses"], found["wins"])
        assert (swapped["p"], swapped["test"]) == (found["p"], found["test"])


def test_p_values_are_adjusted_within_a_family_and_not_beyond():
    generator = random.Random(1)
    tables = {name: answered(sums=[(generator.randrange(5), 4) for _ in range(20)]) for name in "abc"}
    apart = compare(tables, {"one": {"a": ["b"]}, "two": {"a": ["c"]}})
    together = compare(tables, {"both": {"a": ["b", "c"]}})
    assert [(row["family"], row["other"], row["benchmark"]) for row in together] == [
        ("both", "b", "sums"),
        ("both", "b", "mean"),
        ("both", "c", "sums"),
        ("both", "c", "mean"),
    ]
    assert [row["p"] for row in apart] == [row["p"] for row in together]
    assert [row["p_holm"] for row in together] == holm([row["p"] for row in together])
    assert [row["p_holm"] for row in apart[:2]] == holm([row["p"] for row in apart[:2]])


def test_other_problems_than_the_others_are_refused():
    ours, theirs = answered(sums=[(1, 1)] * 2), answered(sums=[(1, 1)] * 3)
    with pytest.raises(ValueError, match="a and b answered different problems of sums"):
        pair(ours, theirs, "a and b")

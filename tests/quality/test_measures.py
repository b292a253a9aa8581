import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.graph.schemas import MEASURES
from limo.quality.likeness import words
from limo.quality.measures import boxed, measure, rank_correlation
from limo.quality.repeats import loop, repeated, sentences
from limo.quality.scripts import foreign

CHAIN = """A crate holds 6 rows of 8 bottles.

So the crate holds 6 × 8 = 48 bottles.

A quarter of the bottles are green: 48 / 4 = 12 green bottles.

Hence 48 - 12 = 35 bottles are clear."""


def test_the_measures_of_a_small_chain_by_hand():
    found = measure(CHAIN, "A crate has 6 rows of 8 bottles, a quarter green. How many are clear?", "35")
    assert found["steps"] == 4
    assert (found["computed"], found["false"], found["sound"]) == (0.5, 1, pytest.approx(2 / 3))
    # Of 11 numbers only the 35 comes from nowhere.
    assert found["grounded"] == pytest.approx(10 / 11)
    assert found["support"] == 1
    assert (found["boxes"], found["loop"], found["repeats"], found["foreign"]) == (0, 1, 0, 0)


def test_what_is_not_defined_is_null():
    found = measure("No.", "Why?", None)
    assert {name for name, value in found.items() if value is None} == {
        *("flow", "known", "grounded", "sound", "adapt", "support")
    }


@given(st.text(max_size=300), st.text(max_size=50))
def test_every_text_has_all_measures_in_their_bounds(chain, question):
    found = measure(chain, question, None)
    assert [*found] == [name for name in MEASURES if name != "thought"]
    shares = ("flow", "known", "grounded", "computed", "sound", "repeats", "foreign")
    assert all(found[name] is None or 0 <= found[name] <= 1 for name in shares)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("We add the tens and the ones. " * 12, 12),
        ("Some words come first, many of them. " + "So it is seven. " * 20, 20),
        ("Count.\n" + "x = 7\n" * 9, 9),
        ("tails, heads, tails, tails, heads and tails are six throws of a coin", 1),
        ("1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 = 16", 1),
    ],
)
def test_a_passage_in_a_row_is_counted(text, times):
    assert loop(text, words(text)) == times


def test_repeats_are_sentences_that_stood_before():
    once = "The angle is right because its sides are equal. Its height is then half of its base."
    assert repeated(sentences(once)) == 0
    assert repeated(sentences(f"{once} {once}")) == pytest.approx(0.5)
    assert repeated(sentences("Yes. Yes. Yes.")) == 0


@pytest.mark.parametrize(
    ("chain", "answer", "different"),
    [
        (r"\boxed{7}, I say \boxed{7.0}", "7", 1),
        (r"\boxed{9} no, \boxed{7}", "7", 2),
        (r"\boxed{2} and \boxed{3}", "2, 3", 1),
        (r"\boxed{\frac{1}{2}} is \boxed{0.5}", "0.5", 1),
        ("seven", "7", 0),
    ],
)
def test_boxes_with_another_answer_conflict(chain, answer, different):
    assert boxed(chain, answer) == different


def test_letters_of_another_script_are_foreign_but_formulas_are_not():
    assert foreign("Sum of α and β is π") == 0
    assert foreign("我们把 x 和 y 相加，得到 \\frac{1}{2}") == 0
    assert foreign("The sum 加起来 is 七") == pytest.approx(4 / 10)


def test_rank_correlation_shares_ranks_and_needs_two_values():
    assert rank_correlation([1, 2, 3], [5, 6, 9]) == pytest.approx(1)
    assert rank_correlation([1, 1, 2], [3, 3, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None

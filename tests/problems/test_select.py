from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from limo.graph.schemas import QUESTIONS
from limo.params import Select
from limo.problems.select import select
from tests.problems.rows import rated

THINGS = ["apples", "kites", "drums", "lamps", "boats", "coins", "hats", "shells", "maps", "bells", "cakes", "rugs"]
ROWS = [
    *[(f"Count the {thing} that Omar sold during week {n}.", "stories", 1) for n, thing in enumerate(THINGS)],
    *[(f"Solve {n}x = {n * n + 1} for {thing}.", "algebra", 3) for n, thing in enumerate(THINGS[:3], start=2)],
    ("What is the area of a disc of radius 2?", "geometry", 2),
    ("Is zero a number?", None, None),
]


def _balance(size: int, max_similarity: float) -> Select:
    return Select(rule="balance", rows=size, difficulty="level", max_similarity=max_similarity)


def test_all_takes_every_question() -> None:
    questions = select(rated(*ROWS), Select(difficulty="level", rule="all", rows=1, max_similarity=0.1))
    assert questions.schema == QUESTIONS
    assert questions.height == questions["rejected"].null_count() == len(ROWS)


def test_balance_takes_turns_between_domains_and_levels() -> None:
    questions = select(rated(*ROWS), _balance(10, 1.0))
    chosen = Counter(questions.filter(questions["rejected"].is_null())["domain"])
    # One of each of four bins, two rounds of two, then the stories alone.
    assert chosen == {"stories": 5, "algebra": 3, "geometry": 1, None: 1}
    assert set(questions["rejected"].drop_nulls()) == {"beyond size: 10"}


def test_balance_skips_what_resembles_a_chosen_question() -> None:
    same = [("Tom buys red apples at the old market on the hill, how many?", "stories", 1)] * 1
    near = [("Tom buys red apples at the old market on the hill, how many in all?", "stories", 1)]
    other = [("Is zero a number?", "logic", 1)]
    questions = select(
        rated(*same, *near, *other), Select(difficulty="level", rule="balance", rows=3, max_similarity=0.6)
    )
    chosen = questions.filter(questions["rejected"].is_null())
    (reason,) = questions["rejected"].drop_nulls()
    assert sorted(chosen["domain"]) == ["logic", "stories"]
    similarity, match = reason.removeprefix("redundant: ").split(" to ")
    assert 0.6 <= float(similarity) < 1
    assert match in chosen["id"].to_list()


@given(st.permutations(ROWS), st.integers(1, 20), st.sampled_from([0.0, 0.3, 0.8, 1.0]))
def test_the_choice_depends_on_no_order_and_accounts_for_every_row(
    rows: list[tuple[str, str | None, int | None]], size: int, max_similarity: float
) -> None:
    p = Select(difficulty="level", rule="balance", rows=size, max_similarity=max_similarity)
    questions = select(rated(*rows), p)
    assert_frame_equal(questions, select(rated(*ROWS), p))
    assert questions.height == len(ROWS)
    assert 1 <= questions["rejected"].null_count() <= size


@pytest.mark.parametrize("rule", ["all", "balance"])
def test_nothing_in_nothing_out(rule: str) -> None:
    assert select(rated(), Select(difficulty="level", rule=rule, rows=3, max_similarity=0.8)).is_empty()

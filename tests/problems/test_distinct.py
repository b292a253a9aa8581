import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.params import Near
from limo.problems import distinct as module
from limo.problems.arrays import Ragged, windows
from limo.problems.canonical import canonical, problem_id
from limo.problems.core import core
from limo.problems.distinct import Problems, distinct
from limo.problems.groups import grouped
from limo.problems.tokens import words, words_all
from tests.problems.rows import POOL_PARAMS

NEAR = POOL_PARAMS.near
PIECES = (
    "Find the  least 2n-1 2n+1 $x^2$ x^{2} 5,000m 1,234,567 \\frac12 \\text{for} [asy]draw((0,0));[/asy] (A) 1 (B) 2 "
    "(C) 3 Please answer in the form m/n. 求 和 ½ ② a_1 ABC xy twelve not Problem 3. \\left( é \u0000 \u202e . , : ! \\"
).split(" ")
TEXTS = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(PIECES)), max_size=10).map(" ".join)


def seen(problems: Problems) -> list[tuple[object, ...]]:
    """What a comparison sees of every problem, whatever the codes are."""
    return [
        (identity, problems.core(place), int(problems.forms[place]), problems.bands[:, place].tolist())
        for place, identity in enumerate(problems.ids)
    ]


@given(st.lists(TEXTS, max_size=8))
def test_many_texts_are_taken_apart_as_each_is_alone(texts: list[str]) -> None:
    ids, problems = distinct(texts, NEAR, 1, "test")
    assert ids == [problem_id(text) for text in texts]
    assert problems.ids == sorted(set(ids))
    alone = {identity: core(canonical(text)) for identity, text in zip(ids, texts, strict=True)}
    assert [problems.core(place) for place in range(len(problems.ids))] == [
        replace(alone[identity], form=[]) for identity in problems.ids
    ]
    assert [bool(form) for form in problems.forms] == [bool(alone[identity].form) for identity in problems.ids]


@given(TEXTS)
def test_both_ways_to_find_words_agree(text: str) -> None:
    # Of scripts with combining marks, which Python counts as no letters, mathematics has none.
    spelled = canonical(text).encode("ascii", "ignore").decode()
    (tokens,) = words_all(pl.Series([spelled]))
    assert [each.lower() for each in tokens] == [each.lower() for each in words(spelled)]


def test_neither_order_nor_batches_nor_processes_change_the_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"Tom has {a} apples, buys {b} more and sells $\\frac{a}{b}$." for a in range(9) for b in range(9)] * 2
    expected = seen(distinct(texts, NEAR, 1, "test")[1])
    shuffled = random.Random(1).sample(texts, len(texts))
    monkeypatch.setattr(module, "_BATCH", 25)
    for workers in (1, 2, 4):
        ids, problems = distinct(shuffled, NEAR, workers, "test")
        assert seen(problems) == expected
        assert ids == [problem_id(text) for text in shuffled]


def test_no_texts_are_no_problems() -> None:
    ids, problems = distinct([], NEAR, 1, "test")
    assert (ids, problems.ids, problems.bands.shape) == ([], [], (32, 0))


def test_hostile_texts_are_taken_in() -> None:
    texts = ["", "\x00", "{" * 5000, "\\left(" * 3000, "$" * 10_001, "x" * 10_000_000, "\u202e17\u202c", "\\frac" * 999]
    ids, problems = distinct(texts * 2, NEAR, 1, "test")
    assert ids[: len(texts)] == ids[len(texts) :]
    assert len(problems.ids) >= 5


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=6), st.integers(1, 4))
def test_windows_are_the_runs_of_each_row(rows: list[list[int]], size: int) -> None:
    hashes = np.arange(1, 7, dtype=np.uint64)
    offsets = np.cumsum([0, *map(len, rows)])
    owners, runs = windows(
        Ragged(np.array([code for row in rows for code in row], dtype=np.uint32), offsets), hashes, size
    )
    expected = [
        (owner, tuple(row[start : start + size]))
        for owner, row in enumerate(rows)
        for start in range(max(1, len(row) - size + 1))
    ]
    assert owners.tolist() == [owner for owner, _ in expected]
    names: dict[tuple[int, ...], int] = {}
    assert all(names.setdefault(run, value) == value for (_, run), value in zip(expected, runs.tolist(), strict=True))
    assert len(set(names.values())) == len(names)


def test_problems_with_other_numbers_share_no_band() -> None:
    _, problems = distinct(["Tom has 3 apples and 4 pears.", "Tom has 3 apples and 5 pears."], NEAR, 1, "test")
    assert not (problems.bands[:, 0] == problems.bands[:, 1]).any()
    near = Near(shingle=2, permutations=64, bands=32, threshold=0.5)
    _, problems = distinct(["Tom has 3 apples and 4 pears.", "Tim has 3 apples and 4 pears."], near, 1, "test")
    assert (problems.bands[:, 0] == problems.bands[:, 1]).any()


def test_no_bucket_is_taken_for_another_whose_places_have_the_same_sum() -> None:
    bands = np.array([[1, 2, 2, 1, 3, 4], [5, 6, 7, 8, 9, 9]], dtype=np.uint64)
    pairs = {(0, 3), (1, 2)}  # 0 + 3 = 1 + 2
    groups = grouped(bands, np.arange(6), lambda one, other: (one, other) in pairs)
    assert groups.tolist() == [0, 1, 1, 0, 4, 5]

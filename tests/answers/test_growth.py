import re
from collections.abc import Callable
from typing import Any

import pytest

from limo.answers.boxes import boxes
from limo.answers.compare.decide import compare
from limo.answers.compare.symbolic import admissible
from limo.answers.extract import extract, gold_answer, looping
from limo.answers.hints import QUESTION, Hints, _hints, hints_of
from limo.answers.parse.forms import TooComplexError
from limo.answers.parse.readings import LENGTH, readings
from limo.answers.parse.spelling import compact, normal
from limo.answers.parse.tokens import tokens
from limo.problems.answer_type import kind
from tests.answers.test_hostile import BAIT
from tests.growth import lines, steep, steeper

PIECES = [
    *BAIT,
    "1",
    "{}",
    "(A) (B) ",
    "A B ",
    "A) B) C) ",
    r"\textbf{(A)} ",
    r"\boxed{1}, ",
    "$a$ ",
    "and, ",
    "1 234 ",
]
LISTED = Hints(3, choice=True, options={"A": "1", "B": "2"})


def read(text: str) -> None:
    """All that is done to a response of any length."""
    for hints in (LISTED, Hints(1, choice=False, options={})):
        for stop in ("eos", "length", None):
            extract(text, "flexible", hints, stop)
    boxes(text)
    looping(text)
    gold_answer(text)
    admissible(text)
    compare(text, "7", {})
    kind(text)


def asked(text: str) -> None:
    """All that is done to a question, of which the end counts, and to a reference answer, of which the start does."""
    for question, gold in ((text, "7"), ("", text)):
        _hints.cache_clear()
        hints_of(question, gold, "")


def parsed(text: str) -> None:
    """All that is done to an answer of at most LENGTH characters."""
    tokens(normal(text))
    compact(text)
    try:
        readings.__wrapped__(text)  # without its cache
    except TooComplexError:
        return


@pytest.mark.parametrize(
    ("work", "length"), [(read, 50_000), (asked, QUESTION), (parsed, LENGTH)], ids=["read", "asked", "parsed"]
)
def test_no_repeated_piece_costs_more_than_in_proportion(work: Callable[[str], Any], length: int) -> None:
    assert steep(work, PIECES, length) == []


def test_nested_boxes_cost_no_more_than_in_proportion() -> None:
    assert not steeper(boxes, lambda size: r"\boxed{" * (size // 8) + "1" + "}" * (size // 8), 1_000_000)


def test_work_with_the_square_of_a_text_is_seen() -> None:
    def of(size: int) -> str:
        return "a" * size

    assert lines(boxes, of(10) + "box}") == lines(boxes, of(1_000) + "box}") > 3
    assert steeper(lambda text: re.search("a*b", text), of, 20_000)
    assert not steeper(lambda text: re.search("b", text), of, 20_000)

import polars as pl
import pytest

from limo.problems.canonical import canonical
from limo.problems.core import core
from limo.problems.decisive import facts, normal
from limo.problems.language import languages
from limo.problems.tokens import words
from limo.problems.verifiable import unverifiable
from tests.answers.test_hostile import BAIT
from tests.growth import steep

PIECES = [
    *BAIT, "[asy]", "[i]", "[img]", "![", "![](", "(proposed", "(AMC", "*A", "(5 points", "problem 1. ",
    "step by step ", "put your answer ", "can be written ", "twelve ", "xy ", r"\text{\text{", r"\frac{1}{",
]  # fmt: skip


def spelled(text: str) -> None:
    """A problem's one spelling, and its words as facts, each of which is looked up once and then remembered."""
    tokens = words(canonical(text))
    facts(tokens)
    facts(normal(tokens))


def judged(text: str) -> None:
    """What the pool asks of a problem and its answer."""
    core(text)
    languages(pl.Series([text]))
    unverifiable(text, "7")
    unverifiable("How many?", text)


@pytest.mark.parametrize("work", [spelled, judged])
def test_no_repeated_piece_costs_more_than_in_proportion(work):
    assert steep(work, PIECES, 40_000) == []

import numpy as np
import polars as pl
import pytest

from limo.problems.arrays import Ragged
from limo.problems.distinct import distinct
from limo.problems.subject import SUBJECTS, classify, spelled, subjects
from tests.problems.rows import POOL_PARAMS

PROBLEMS = {
    "Two fair dice are rolled. What is the probability that the sum is 9?": "combinatorics",
    "In triangle ABC, the angle at B is a right angle. Find the area of the circumscribed circle.": "geometry",
    "Find the remainder when the product of the first ten primes is divided by 7.": "number theory",
    r"Compute $\sin 60^\circ \cos 30^\circ + \tan 45^\circ$.": "precalculus",
    r"Find all roots of the polynomial $x^3 - 6x^2 + 11x - 6$.": "algebra",
    "Write the decimal 0.25 as a common fraction.": "arithmetic",
}


def texts(questions: list[str]) -> tuple[Ragged, list[str]]:
    """The tokens of whole questions, in their order, and the vocabulary."""
    ids, problems = distinct(questions, POOL_PARAMS.near, 1, "test")
    places = [problems.ids.index(identity) for identity in ids]
    return problems.whole.take(np.array(places, dtype=np.int64)), problems.vocabulary


def test_words_decide_where_the_source_has_no_label() -> None:
    assert dict(zip(PROBLEMS, classify(*texts(list(PROBLEMS))), strict=True)) == PROBLEMS
    assert classify(*texts(["", "求", "blorptang"])) == ["other"] * 3


def test_a_label_decides_first() -> None:
    questions, labels = list(PROBLEMS)[:3], ["Intermediate Algebra", "Counting & Probability", None]
    named = subjects(*texts(questions), pl.Series(labels, dtype=pl.String))
    assert named == ["algebra", "combinatorics", "number theory"]


@pytest.mark.parametrize(
    ("label", "subject"),
    [
        ("Prealgebra", "arithmetic"),
        ("number_theory", "number theory"),
        ("Number Theory", "number theory"),
        ("counting_and_probability", "combinatorics"),
        ("word problems", "word problems"),
    ],
)
def test_labels_in_their_usual_spelling(label: str, subject: str) -> None:
    assert spelled(label) == subject


def test_nothing_is_of_no_subject() -> None:
    assert classify(*texts([])) == []
    assert set(classify(*texts(["Find x."]))) <= {*SUBJECTS, "other"}

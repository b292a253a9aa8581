import pytest

from limo.problems.canonical import canonical
from limo.problems.core import core
from limo.problems.decisive import normal
from limo.problems.tokens import words

PROBLEM = "Two fair dice are rolled. What is the probability that the sum of both numbers is 9?"


@pytest.mark.parametrize(
    "text",
    [
        PROBLEM,
        PROBLEM + " Express your answer as a common fraction.",
        PROBLEM + r" The answer can be written as $\frac{m}{n}$ with coprime m, n. Find m+n.",
        "2003 AMC 12, Problem 7: " + PROBLEM,
        PROBLEM + " [asy] draw((0,0)--(1,1)); [/asy]",
        PROBLEM + " (A) 1/9 (B) 1/6 (C) 1/12 (D) 5/36",
        PROBLEM + r" $\textbf{(A)}\ 1/9 \qquad \textbf{(B)}\ 1/6 \qquad \textbf{(C)}\ 1/12$",
        PROBLEM + " *Proposed by A. Nyone*",
        "[4 points] " + PROBLEM,
    ],
)
def test_what_publishers_add_is_no_part_of_the_problem(text: str) -> None:
    parts = core(canonical(text))
    assert parts.tokens == core(canonical(PROBLEM)).tokens
    assert parts.whole == normal(words(canonical(text)))


def test_the_form_of_the_answer_is_kept_apart() -> None:
    assert core(canonical(PROBLEM)).form == []
    assert "m" in core(canonical(PROBLEM + " Please give m+n, the answer is m/n.")).form


@pytest.mark.parametrize(
    "text",
    ["Which of these is prime? (A) 4 (B) 6 (C) 7", "Please find the value of 3+4.", "[asy] draw((0,0)); [/asy]", "?"],
)
def test_a_text_of_nothing_else_is_left_whole(text: str) -> None:
    parts = core(canonical(text))
    assert parts.tokens == parts.whole


PIECES = ["A) ", "(A) B) ", "[i] ", "[asy] ", "*proposed by ", "(source ", "please ", "the answer is ", "x"]


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_texts_take_bounded_time_and_long_ones_are_not_taken_apart(piece: str) -> None:
    core(canonical(piece * (19_000 // len(piece))))
    assert core(canonical(piece + "abc 1" * 10_000)).tokens == []

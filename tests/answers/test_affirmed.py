"""Yes-or-no questions: what the last sentence of a response says, however it says it."""

import pytest

from limo.answers.affirmed import affirmed
from limo.answers.verify import Case, verify_many

TILED = "Is it possible to tile a floor of 7 by 9 with dominoes?"
SQUARE = "Let m = 3k + 2. Is m always a perfect square?"
MEET = "If two lines are parallel, do they also meet?"
ROOTS = "Are there integer solutions to the equation x^2 + 3 = 5y?"


@pytest.mark.parametrize(
    ("question", "response", "yes"),
    [
        (TILED, "Each domino covers two. Therefore it is not possible to tile a floor of 7 by 9 with dominoes.", False),
        (TILED, "So it is impossible to tile the floor of 7 by 9 with dominoes, because 63 is odd.", False),
        (TILED, "Hence it is possible to tile the floor of 7 by 9 with dominoes.", True),
        (TILED, "No, since 63 is odd.", False),
        (TILED, "Yes, it can be done.", True),
        (TILED, 'So the answer to "Is it possible to tile a floor of 7 by 9 with dominoes?" is no.', False),
        (SQUARE, "Therefore m is always a perfect square.", True),
        (SQUARE, "Therefore m is not always a perfect square.", False),
        (MEET, "If two lines are parallel, they also meet.", True),
        (ROOTS, "Thus there are no integer solutions to the equation $x^2 + 3 = 5y$.", False),
        (ROOTS, "The equation x^2 + 3 = 5y has integer solutions.", True),
        ("Does there exist a real t with t^2 < t?", "So there exists a real t with t^2 < t.", True),
        ("Does there exist a real t with t^2 < t?", "So there does not exist a real t with t^2 < t.", False),
    ],
)
def test_the_last_sentence_affirms_or_denies_what_is_asked(question: str, response: str, yes: bool) -> None:
    assert affirmed(response, question) is yes
    gold, other = ("yes", "no") if yes else ("no", "yes")
    cases = [Case(each, response, question=question, stop="eos") for each in (gold, other, gold.title())]
    assert [verdict.verdict for verdict in verify_many(cases)] == ["correct", "wrong", "correct"]


@pytest.mark.parametrize(
    ("question", "response"),
    [
        (TILED, "It may be possible to tile a floor of 7 by 9 with dominoes."),
        (TILED, "It is possible to tile a floor of 8 by 9 with dominoes."),
        (TILED, "It is not impossible to tile the floor of 7 by 9 with dominoes."),
        (TILED, "Whether it is possible to tile a floor of 7 by 9 with dominoes is unclear."),
        (TILED, "It is possible to tile a floor of 7 by 9 with dominoes only if one is cut."),
        (SQUARE, "Therefore m is sometimes a perfect square."),
        (SQUARE, "Therefore m is always a perfect cube."),
        (SQUARE, "So k is a perfect square."),
        (ROOTS, "There are no other integer solutions to the equation x^2 + 3 = 5y."),
        (ROOTS, "There are no positive integer solutions to the equation x^2 + 3 = 5y."),
        (ROOTS, "There are no integer solutions to the equation x^2 + 3 = 4y."),
        ("Is 91 prime?", "So 91 is composite."),
        ("Is 91 not prime?", "So 91 is prime."),
        (MEET, "We are given that two lines are parallel."),
        ("", "Therefore it is not possible."),
    ],
)
def test_what_is_not_plain_is_left_open(question: str, response: str) -> None:
    assert affirmed(response, question) is None
    verdicts = verify_many([Case(gold, response, question=question, stop="eos") for gold in ("yes", "no")])
    assert [verdict.verdict for verdict in verdicts] == ["undecided", "undecided"]


@pytest.mark.parametrize(
    ("gold", "response", "verdict"),
    [
        ("No integer solutions", "Thus there are no integer solutions to the equation x^2 + 3 = 5y.", "correct"),
        ("no such values", "Thus the equation x^2 + 3 = 5y has no integer solutions.", "correct"),
        ("None", "Thus x^2 + 3 = 5y has no integer solutions.", "correct"),
        ("No integer solutions", "There are no integer solutions for x > 4.", "undecided"),
        ("No integer solutions", "The integer solutions to the equation x^2 + 3 = 5y are all even.", "undecided"),
    ],
)
def test_that_there_is_none_is_read_where_nothing_is_the_answer(gold: str, response: str, verdict: str) -> None:
    question = "Find all integer solutions to the equation x^2 + 3 = 5y."
    assert verify_many([Case(gold, response, question=question, stop="eos")])[0].verdict == verdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.problems.canonical import canonical
from limo.problems.core import Core, core
from limo.problems.leaks import within
from limo.problems.look import same

THRESHOLD = 0.5


def parts(text: str) -> Core:
    return core(canonical(text))


def rule(left: str, right: str) -> str | None:
    look = same(parts(left), parts(right), THRESHOLD)
    assert (look is None) == (same(parts(right), parts(left), THRESHOLD) is None)
    return look and look.rule


TRAIN = (
    "A train leaves at 9:00 and travels 240 km in 3 hours. A bus needs 5 hours for the same way. How much faster is it?"
)
SUM = r"Let $a$ and $b$ be positive integers with $a+b=12$. Find the largest value of $ab$."


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (TRAIN, TRAIN.replace("leaves", "starts").replace("needs", "takes")),
        (SUM, r"If positive integers $a, b$ satisfy $a + b = 12$, what is the maximum value of $a b$?"),
        (SUM, SUM + " Express your answer as an integer."),
        (SUM, SUM + r" [asy] draw((0,0)--(3,4)); [/asy]"),
        (SUM, "(AMC 2011, Problem 7) " + SUM),
        (SUM, SUM + r" \textbf{(A)}\ 30 \qquad \textbf{(B)}\ 36 \qquad \textbf{(C)}\ 40"),
        (
            "Ann has 3 cats. Bob has 5 dogs and 2 birds in his house. How many animals are there in all?",
            "Bob has 5 dogs and 2 birds in his house. Ann has 3 cats. How many animals are there in all?",
        ),
        ("What is the sum of the first twelve odd numbers?", "Find the sum of the first 12 odd numbers."),
    ],
)
def test_one_problem_in_other_words(left: str, right: str) -> None:
    assert rule(left, right) == "reworded"


def test_renamed_variables_are_one_problem() -> None:
    assert (
        rule(SUM, SUM.replace("$a$", "$m$").replace("$b$", "$n$").replace("a+b", "m+n").replace("ab", "mn"))
        == "renamed"
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (TRAIN, TRAIN.replace("240", "250")),
        (TRAIN, TRAIN.replace("3 hours", "5 hours").replace("needs 5", "needs 3")),
        (SUM, SUM.replace("largest", "smallest")),
        (SUM, SUM.replace("a+b", "a-b")),
        (SUM, SUM.replace("positive integers", "integers")),
        (SUM, SUM.replace("ab$.", "a$.")),
        (
            "Ann is 12 and Bob is 15 years old. How old was Ann 3 years ago?",
            "Ann is 12 and Bob is 15 years old. How old was Bob 3 years ago?",
        ),
        (
            "Find the area of a regular hexagon with side 6 and perimeter 36.",
            "Find the area of a regular octagon with side 6 and perimeter 36.",
        ),
        ("Which of these is prime? (A) 4 (B) 6 (C) 7", "Which of these is prime? (A) 8 (B) 9 (C) 11"),
        (
            "Find x in the diagram. [asy] draw((0,0)--(3,4)); label((1,2)); [/asy]",
            "Find x in the diagram. [asy] draw((7,8)--(5,9)); label((6,6)); [/asy]",
        ),
        ("What is the greatest common divisor of 12 and 18?", "What is the least common multiple of 12 and 18?"),
    ],
)
def test_another_fact_is_another_problem(left: str, right: str) -> None:
    assert rule(left, right) is None


def test_a_problem_inside_a_longer_text_is_found_from_either_side() -> None:
    longer = f"A farm has 14 cows and 77 hens. {TRAIN} Then tell how many legs the 14 cows have."
    assert within(parts(TRAIN), parts(longer), THRESHOLD) is not None
    assert within(parts(TRAIN.replace("240", "250")), parts(longer), THRESHOLD) is None
    assert within(parts("Which of these is true?"), parts(longer + " Which of these is true?"), THRESHOLD) is None


TOKENS = st.lists(
    st.sampled_from("the sum of apples and pears is 3 4 5 + - x y least most".split()), min_size=1, max_size=30
)


@given(TOKENS, TOKENS)
def test_the_look_is_symmetric_and_scores_lie_between_0_and_1(left: list[str], right: list[str]) -> None:
    one, other = parts(" ".join(left)), parts(" ".join(right))
    forth, back = same(one, other, THRESHOLD), same(other, one, THRESHOLD)
    assert forth == back
    assert forth is None or 0 <= forth.score <= 1


@given(TOKENS, st.data())
def test_a_changed_number_is_never_the_same_problem(tokens: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(tokens)))
    left, right = ([*tokens[:place], number, *tokens[place:]] for number in ("17", "19"))
    assert same(parts(" ".join(left)), parts(" ".join(right)), THRESHOLD) is None


def test_capitals_throughout_are_no_other_problem() -> None:
    assert rule(TRAIN, TRAIN.upper()) == "reworded"
    assert rule(TRAIN, TRAIN.upper().replace("240", "250")) is None

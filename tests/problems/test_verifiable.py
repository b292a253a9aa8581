import polars as pl
import pytest

from limo.problems.verifiable import faults, placeholder, unverifiable

GOOD = [
    ("What is 2 + 3?", "5"),
    ("Find the least n with $n! > 1000$.", "7"),
    ("Which one is right? (A) 3 (B) 4 (C) 5", "B"),
    ("Prove that n is even and find n, if n^2 = 16 and n > 0.", "4"),
    ("Let (a) and (b) be points. How far apart are they if (a) is 3 and (b) is 5?", "2"),
    ("On which day is the party?", r"\text{Tuesday}"),
    ("Solve $x > 0$ over the reals.", r"\{x \mid x > 0\}"),
    ("What is the empty set?", "∅"),
]
BAD = [
    ("What is 2 + 3?", None, "no answer"),
    ("What is 2 + 3?", " ", "no answer"),
    ("What is 2 + 3?", "N/A", "no answer"),
    ("Prove that among 502 numbers there are two whose sum or difference is divisible by 1000.", "3", "proof request"),
    ("Show that $n^2$ is even.", "n^2", "proof request"),
    ("Find all n.", "Proof.", "proof request"),
    ("证明 n 是偶数", "n", "proof request"),
    ("Let n = 6. (a) Find n/2. (b) Find n/3.", "3", "several parts"),
    ("已知 n = 6. (1)求 n/2; (2)求 n/3.", "3", "several parts"),
    ("Determine:\na) How many are red?\nb) How many are blue?", "3", "several parts"),
    ("Find the area. ![Image](https://example.org/a.png)", "3", "linked figure"),
    ("What is 2 + 3?", r"\frac{1}{2", "unbalanced answer"),
    ("What is 2 + 3?", r"\; \;", "answer without content"),
    ("What is 2 + 3?", "See the solution below.", "no answer"),
    (
        "Who wins?",
        "The first player wins " + "whenever the number of coins is not divisible by four and " * 3,
        "answer is prose",
    ),
]


@pytest.mark.parametrize(("question", "answer"), GOOD)
def test_a_problem_with_one_checkable_value_passes(question: str, answer: str) -> None:
    assert unverifiable(question, answer) is None


@pytest.mark.parametrize(("question", "answer", "reason"), BAD)
def test_what_cannot_be_checked_has_a_reason(question: str, answer: str | None, reason: str) -> None:
    assert unverifiable(question, answer) == reason


@pytest.mark.parametrize(
    "answer",
    ["notfound", "Not found.", "N.A.", r"$\text{N/A}$", "TBD", "tba", "略", "答案略", "见解析", "详见解析。", "-", "—",
     "?", "...", "____", "**None**", "To be determined", "unknown", r"\boxed{\text{no answer}}", "Answers may vary",
     "暂无答案", "(see solution)", "证明见解析", "Answer unavailable", "see picture"],
)  # fmt: skip
def test_what_stands_for_an_answer_that_is_not_there_is_none(answer: str) -> None:
    assert placeholder(answer)
    assert unverifiable("What is 2 + 3?", answer) == "no answer"


@pytest.mark.parametrize(
    "answer",
    ["no solution", "undefined", "does not exist", "无解", "不存在", "0", "-1", "A", r"\emptyset", r"\infty", "∅",
     "north", "nan + 1", "n", "not prime", "none of the numbers below 7", "见 3 人", "省略 2 个", "+", r"\text{none}",
     "[]", "{}"],
)  # fmt: skip
def test_an_answer_that_says_something_is_one(answer: str) -> None:
    assert not placeholder(answer)


def test_columns_say_what_each_row_says() -> None:
    rows = [*GOOD, *((question, answer) for question, answer, _ in BAD)]
    rows += [(question, "12") for question, _ in rows] + [("What is 2 + 3?", answer) for _, answer in rows]
    questions, answers = (pl.Series(column, dtype=pl.String) for column in zip(*rows, strict=True))
    assert faults(questions, answers) == [unverifiable(*row) for row in rows]

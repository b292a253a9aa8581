import pytest

from limo.answers.hints import hints_of

OPTIONS = {"A": "12", "B": "13", "C": "14"}


@pytest.mark.parametrize(
    "question",
    [
        "How many? (A) 12 (B) 13 (C) 14",
        "How many?\nA. 12\nB. 13\nC. 14",
        "How many?\nA) 12\nB) 13\nC) 14",
        r"How many? $\textbf{(A)}\ 12 \qquad \textbf{(B)}\ 13 \qquad \textbf{(C)}\ 14$",
        "共有几个？ A．12 B．13 C．14",
        "共有几个？（A）12 （B）13 （C）14",
    ],
)
def test_options_are_read(question: str) -> None:
    hints = hints_of(question, "B", "")
    assert dict(hints.options) == OPTIONS
    assert hints.choice


@pytest.mark.parametrize("question", ["", "Let A be a set and B its complement.", "Find A. Then stop.", "f(A) = B"])
def test_letters_are_not_options(question: str) -> None:
    assert hints_of(question, "12", "").options == {}


def test_a_letter_is_a_choice_only_where_it_may_be_one() -> None:
    assert hints_of("", "B", "").choice
    assert hints_of("Which matrix is singular, A or B?", "B", "").choice is False
    assert hints_of("Which matrix is singular, A or B?", "B", "choice").choice
    assert hints_of("", "12", "").choice is False


@pytest.mark.parametrize(
    ("gold", "values"),
    [
        ("5", 1),
        ("1, 2", 2),
        ("1 and 2", 2),
        (r"1 \text{ or } 2", 2),
        ("1, 2, 或 3", 3),
        ("(1, 2)", 1),
        (r"\{1, 2\}", 1),
        ("(1,2),(3,4)", 2),
        ("12,345", 1),
        ("12{,}345", 1),
    ],
)
def test_how_many_values_a_gold_lists(gold: str, values: int) -> None:
    assert hints_of("", gold, "").values == values

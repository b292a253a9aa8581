import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.problems.answer_type import kind


@pytest.mark.parametrize(
    ("expected", "answers"),
    [
        ("integer", ["5", "$-12$", "x = 5", "1,234", "3!", r"\sqrt{9}", "10\\%", "5 cm", "101_2"]),
        ("fraction", [r"\frac{3}{4}", "0.25", "-1/3", "2.5 m"]),
        ("expression", [r"2\sqrt{3}", r"\pi", "x^2+1", "y = 2x + 1", "3+2i", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"]),
        ("interval", ["(1,2]", r"(-\infty,3)", "x > 3", r"x \in [-2,7]", r"(-\infty,-8)\cup(8,\infty)"]),
        ("set", [r"\{1,2\}", "1, 2, 3", r"\emptyset", "x=1 or x=2"]),
        ("tuple", ["(1,2)", "2:3", "[1,2]"]),
        ("choice", ["A", "(B)", r"\text{(C)}", "$D$"]),
        ("text", ["Tuesday", "", "\\", "1/0", "9^{9^{9^9}}", "{" * 4000]),
    ],
)
def test_kinds(expected: str, answers: list[str]) -> None:
    assert {answer: kind(answer) for answer in answers} == dict.fromkeys(answers, expected)


@given(st.text(max_size=60) | st.text("0123456789()[]{}\\,=<>^_ xfracsqrt", max_size=40))
def test_every_text_has_a_kind(answer: str) -> None:
    assert kind(answer)


@given(st.integers(-(10**12), 10**12))
def test_every_integer_is_one(number: int) -> None:
    assert kind(str(number)) == kind(f"{number:,}") == kind(f"${number}$") == "integer"

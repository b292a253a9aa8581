from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from limo.answers.compare import UndecidableError, normal, number, quick, symbolic

QUICK = [
    ("42", "42.", "correct"),
    ("$42$", r"\(42\)", "correct"),
    ("1,000", "1000", "correct"),
    ("0.5", r"\frac12", "correct"),
    ("1/2", r"\dfrac{1}{2}", "correct"),
    (r"3\frac{1}{2}", "7/2", "correct"),
    ("1 1/2", "1.5", "correct"),
    (r"3 \times 10^{8}", "3e8", "correct"),
    ("-3", "−3", "correct"),
    (r"10\%", "0.1", "correct"),
    ("10", r"10\%", "correct"),
    ("x=3", "3", "correct"),
    (r"5\text{ cm}", "5", "correct"),
    ("90", r"90^\circ", "correct"),
    ("(B)", "B", "correct"),
    ("yes", r"\text{Yes}", "correct"),
    (r"\left( 1, 2 \right]", "(1,2]", "correct"),
    ("1:2:3", "2:4:6", "correct"),
    ("1:2", "1:3", "wrong"),
    ("5", "500", "wrong"),
    ("1/3", "0.333", "wrong"),
    ("3", "-3", "wrong"),
    ("B", "C", "wrong"),
    ("n", "N", "wrong"),
    ("2n+1", "2N+1", "wrong"),
    ("Tuesday", "Friday", "wrong"),
    ("7", "unknown", "wrong"),
    ("7", "seven", None),
    ("5 cm", "5 inches", None),
    ("1,234", "1, 234", None),
    ("x+1", "1+x", None),
    ("1/0", "1", None),
    ("7" * 5000, "7" * 5001, None),
    ("1e999999999", "1", None),
    ("", "1", None),
]
SYMBOLIC = [
    ("x^2-1", "(x-1)(x+1)", True),
    (r"\frac{3\sqrt{2}}{2}", r"\frac{3}{\sqrt{2}}", True),
    (r"\{1,2\}", r"\{2,1\}", True),
    ("[1,2]", r"1\le x\le 2", True),
    ("x^2+y^2=1", "2x^2+2y^2=2", True),
    (r"1-1/\mathrm{e}", "1-e^{-1}", True),
    ("sqrt(8)", r"2\sqrt{2}", True),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1\\3\end{pmatrix}", False),
    ("(1,2]", "(1,2)", False),
    (r"\sin x", r"\cos x", False),
    # Equal for Math-Verify 0.9.0, which rounds to decimal places or reads part of the text.
    (r"\frac{1}{2004!}", r"\frac{1}{2006!}", False),
    ("1/2^{99}", "1/2^{98}", False),
    (r"(2^{2005}+1)/(3\cdot 2^{2006})", r"1/(3\cdot 2^{2006})", False),
    (r"1-1/\mathrm{e}", r"1+1/\mathrm{e}", False),
    ("2^{-99}x", "2^{-98}x", False),
]


@pytest.mark.parametrize(("gold", "found", "verdict"), QUICK)
def test_quick_decides_what_needs_no_algebra(gold: str, found: str, verdict: str | None) -> None:
    assert quick(gold, found) == verdict
    assert quick(found, gold) == (None if (gold, found) == ("7", "unknown") else verdict)


@pytest.mark.parametrize(("gold", "found", "equal"), SYMBOLIC)
def test_symbolic_in_both_orders(gold: str, found: str, equal: bool) -> None:
    assert symbolic(gold, found) is equal
    assert symbolic(found, gold) is equal


@pytest.mark.parametrize(
    ("gold", "found"),
    [(r"1,2,\ldots,n", r"1,3,\ldots,2n-1"), ("5 cm", "5 m"), ("no solution", "3"), (r"\frac{1}{2", "3")],
)
def test_symbolic_refuses_what_math_verify_would_misread(gold: str, found: str) -> None:
    with pytest.raises(UndecidableError):
        symbolic(gold, found)


@given(st.fractions(), st.fractions())
def test_fractions_are_compared_exactly(one: Fraction, other: Fraction) -> None:
    def spell(value: Fraction) -> str:
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"

    assert quick(str(one), spell(other)) == ("correct" if one == other else "wrong")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_numbers_keep_their_value_with_separators(value: object) -> None:
    assert number(normal(f"${value:,}$")) == Fraction(str(value))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_are_compared_without_an_error(gold: str, found: str) -> None:
    assert quick(gold, found) in {"correct", "wrong", None}
    assume(normal(gold))
    assert quick(gold, gold) == "correct"

import pytest

from limo.answers.compare.symbolic import UndecidableError, admissible, symbolic


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [
        (r"\frac{3\sqrt{2}}{2}", r"\frac{3}{\sqrt{2}}", True),
        (r"\int_0^1 x\,dx", r"\frac{1}{2}", True),
        (r"\sum_{k=1}^{3} k", "6", True),
        (r"\sum_{k=1}^{3} k", "7", False),
        (r"\sin x", r"\cos x", False),
    ],
)
def test_in_both_orders(gold: str, answer: str, equal: bool) -> None:
    assert symbolic(gold, answer) is equal
    assert symbolic(answer, gold) is equal


@pytest.mark.parametrize(
    "answer",
    [
        r"1,2,\ldots,n",
        r"5\text{ cm}",
        "no solution",
        "9^{9^{9^9}}",
        "(1+x)^{200000}",
        "1000!",
        "1" * 40,
        "(" * 9 + "x" + ")" * 9,
        "x" * 300,
    ],
)
def test_what_is_large_or_no_formula_is_refused_by_its_text(answer: str) -> None:
    assert not admissible(answer)
    with pytest.raises(UndecidableError):
        symbolic(answer, "3")


@pytest.mark.parametrize(("gold", "answer"), [("373=373", "12=3*4"), (r"\frac{1}{2", "3")])
def test_statements_and_fragments_are_refused(gold: str, answer: str) -> None:
    with pytest.raises(UndecidableError):
        symbolic(gold, answer)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.quality import equalities as module
from limo.quality.equalities import another_arithmetic, equalities


def found(step):
    return [equality.holds for equality in equalities(step, another=another_arithmetic(step))]


@pytest.mark.parametrize(
    "step",
    [
        "Together 8 + 5 = 13.",
        "1. 8+5=13",
        "- 8 + 5 = 13",
        r"so $8 \times 5 = 40$ holds",
        r"\[ \frac{9}{12} = \frac{3}{4} \]",
        r"\begin{aligned} a &= 8 + 5 \\ &= 13 \end{aligned}",
        "8 + 5\n= 13",
        "**8 × 5 = 40**",
        "2**5 = 32",
        "he pays $8 + $5 = $13",
        "8 apples + 5 apples = 13 apples",
        "1,200 + 34 = 1234",
        "20 / 7 = 2.857",
        "20 / 7 = 2.85714...",
        r"\sqrt{2} = 1.414",
        "40% + 15% = 55%",
        "3 / 12 * 100 = 25%",
        r"\boxed{8 + 5 = 13}",
        "So f(8) = 8 + 5 = 13",
        r"6\left(\frac{1}{9}\right) = \frac{2}{3}",
        "8² + 6² = 100",
        "it is 8 + 5 = 13!",
    ],
)
def test_a_true_equality_is_seen_in_prose_markdown_and_latex(step):
    assert found(step) == [True]


@pytest.mark.parametrize(
    "step",
    [
        "8 + 5 = 14",
        "The rest is 20 - 6 = 13.",
        "20 / 7 = 2.87",
        r"$\frac{1}{2} + \frac{1}{3} = \frac{2}{5}$",
        "84 ÷ 2 = 41",
    ],
)
def test_a_false_equality_is_called_false(step):
    assert found(step) == [False]


@pytest.mark.parametrize(
    "step",
    [
        "x = 3",
        "8 = 8",
        "x + 3 = 7",
        "20% of 50 = 5 * 2",
        r"\sum_{i=1}^{4} 3 = 12",
        "22 / 7 ≈ 3",
        "20 / 6 = 3 remainder 2",
        "the ratio is 3:4 = 6:8",
        "(3, 4) = (1, 2) + (2, 3)",
        "log 100 = 2",
        r"\cos 60^\circ = 1/2",
        "1 + 2 + ... + 9 = 45",
    ],
)
def test_what_is_no_equality_of_numbers_states_nothing(step):
    assert found(step) == []


@pytest.mark.parametrize(
    "step",
    [
        "If 8 + 5 = 14, we are done",
        "Is 8 + 5 = 14?",
        "2^6 = 4, reckoned mod 10",
        "1 hour + 30 minutes = 90 minutes",
        "2 + 3 + 4 = 2 + 3",
        "Suppose that 8 + 5 = 12",
        "1/2 ÷ 3/4 = 8/3",
    ],
)
def test_a_condition_a_unit_and_another_arithmetic_make_nothing_false(step):
    assert False not in found(step)


def test_each_equality_of_a_chain_is_recomputed():
    assert found("12 + 8 = 20 - 5 = 15") == [False, True]


@given(st.integers(-500, 500), st.integers(-500, 500), st.integers(-3, 3))
def test_sums_are_true_exactly_where_they_are(first, second, off):
    assert found(f"We get ({first}) + ({second}) = {first + second + off}.") == [off == 0]


@given(st.text(alphabet="0123456789+-*/=^(){}[]\\ .,$%!x\nabc", max_size=200))
def test_no_text_breaks_the_reader(text):
    assert set(found(text)) <= {True, False, None}


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9^9 = 3 + 4",
        "99999! = 5",
        "(" * 5000 + "1 = 1 + 1",
        "=" * 20_000,
        "1 + " * 20_000 + "1 = 5",
        "2 = 1 + 1 " * 5000,
        r"\[" * 20_000 + "1 = 2 + 3",
        f"{'7' * 20_000} = 3 * 4",
        "1.5^(0.1^0.1) = 2^10000",
    ],
)
def test_hostile_sides_end(text):
    assert set(found(text)) <= {True, False, None}


PIECES = [
    "=",
    "3",
    "12",
    "x",
    "n",
    "ab",
    " ",
    "+",
    "-",
    "*",
    "**",
    "^",
    "(",
    ")",
    "{",
    "}",
    "$",
    r"\(",
    r"\)",
    "²",
    "\n",
    ".",
    "x ",
]


@given(
    st.lists(st.sampled_from([*PIECES, r"\text{m}", r"\frac{1}{2}", r"\pi", "×", "apples", "3 x 4", "don't", ",", "%"]))
)
def test_a_step_that_is_left_unread_states_nothing(pieces):
    with pytest.MonkeyPatch.context() as patch:
        read = found("".join(pieces))
        patch.setattr(module, "_may_state", lambda _: True)
        assert found("".join(pieces)) == read

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from limo.problems.canonical import canonical, problem_id
from limo.problems.tokens import words

LATEX = st.lists(
    st.sampled_from(
        [
            *string.ascii_letters,
            *string.digits,
            *r"+-*/=<>^_{}()[]|!,.:;?$ \%&~'",
            r"\frac",
            r"\dfrac",
            r"\left",
            r"\right",
            r"\text{",
            r"\mathrm{",
            r"\,",
            r"\!",
            r"\\",
            r"\cdot",
            r"\vec",
            r"\sqrt",
            r"\le",
            r"\boxed{}",
            "²",
            "½",
            "①",
            "−",
            "×",
            "≤",
            "π",
            "。",
            "求",
            " step by step",
            "Let's think",
            "Problem 3. ",
            "12. ",
            "\n",
        ]
    ),
    max_size=40,
).map("".join)

SAME = [
    ("Find $x$ if $2x = 4$.", r"Find \(x\) if \[2x=4\]."),
    (r"Compute $\dfrac{1}{2}+\tfrac12$.", r"Compute $\frac{1}{2} + \frac{1}{2}$."),
    (r"Is $\left(3, 4\right)$ on $y=x+1$?", "Is $(3,4)$ on $y = x + 1$?"),
    (r"Is $3 \times 4 \leq 5\!$?", "Is 3×4 ≤ 5?"),
    (r"Find $n$ with $n\ge 2\text{ and }n\ne 3$.", "Find n with n ≥ 2 and n ≠ 3."),
    ("What is x² − 1?", "What is $x^2-1$?"),
    (r"There are 10,\!000 cats and 1{,}000 dogs.", "There are 10,000 cats and 1,000 dogs."),
    ("12. Find the sum.", "Find the sum."),
    ("Problem 7: Find the sum.", "Find the sum."),
    ("Find the sum. Let's think step by step.", "Find the sum."),
    (
        "Find the sum. Let's think step by step and output the final answer within \\boxed{}.",
        "Find the sum.",
    ),
    ("Find the sum. Please reason step by step, and put your final answer within \\boxed{}.", "Find the sum."),
    ("Find\tthe   sum.\n", "Find the sum."),
    ("The angle is $90^\\circ$.", "The angle is 90°."),
]

DIFFERENT = [
    ("Find 2n-1.", "Find 2n+1."),
    ("Find x²3.", "Find x23."),
    ("How much is 2½?", "How much is 21/2?"),
    ("Is ①② right?", "Is 12 right?"),
    ("Simplify x^{2}3.", "Simplify x^23."),
    ("Solve x < 3.", "Solve x > 3."),
    ("Solve x < 3.", "Solve x ≤ 3."),
    ("Find n.", "Find N."),
    ("Take {1,234}.", "Take {1, 234}."),
    ("Find (2+3)*4.", "Find 2+3*4."),
    ("Find 3!.", "Find 3."),
    ("Find 5 mod 3.", "Find 5.3 mod 3."),
    ("(2) + 3 = ?", "(5) + 3 = ?"),
    (r"Find $\vec{a}\cdot\vec{b}$.", r"Find $\vec{a}\times\vec{b}$."),
    (r"Rows: $1 & 2 \\ 3 & 4$", "Rows: $1 & 2 & 3 & 4$"),
    (r"Find $\sin x$.", r"Find $\cos x$."),
    ("Find $x_1$.", "Find $x^1$."),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_spellings_of_one_problem_share_an_id(left: str, right: str) -> None:
    assert problem_id(left) == problem_id(right), (canonical(left), canonical(right))


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_problems_keep_different_ids(left: str, right: str) -> None:
    assert problem_id(left) != problem_id(right), canonical(left)


@given(st.text() | LATEX)
@example(r"\text{a \text{b \mathrm{c}} {d}")
@example(r"10,\!\!000 $\\$ \left\left. \pi\!r <\,=")
def test_canonical_is_idempotent(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


NUMBERS = st.integers(0, 9999).map(str)
EXPRESSION = st.tuples(
    NUMBERS, st.sampled_from("nxk"), st.sampled_from(["+", "-", "*", "/", "^", "=", "<", ">"]), NUMBERS
)


@given(EXPRESSION, EXPRESSION, st.booleans())
def test_expressions_share_an_id_only_when_they_are_the_same(
    left: tuple[str, ...], right: tuple[str, ...], spaced: bool
) -> None:
    number, variable, sign, other = right
    gap = " " if spaced else ""
    plain = f"What is {''.join(left)} worth?"
    typeset = f"12. What is ${number}{variable}{gap}{sign}{gap}{other}$ worth? "
    assert (problem_id(plain) == problem_id(typeset)) == (left == right)


def test_words_keep_numbers_operators_and_variables_as_tokens() -> None:
    text = canonical(r"Find $\frac{1}{2}x^2 - 3,000.5$ for triangle ABC. 求和")
    assert words(text) == [
        *["find", "1", "/", "2", "x", "^", "2", "-", "3,000.5", "for", "triangle", "ABC", "求", "和"]
    ]


def test_long_hostile_texts_take_linear_time() -> None:
    for piece in ["\\text{", "{", "12. ", "please ", "let's think step by step. ", "$", "\\frac{", "^", "and ", "(1) "]:
        assert isinstance(canonical(piece * 20_000), str)

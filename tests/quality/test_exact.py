from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.answers.compare.value import evaluate
from limo.answers.parse.expression import expression
from limo.answers.parse.tokens import tokens
from limo.quality.equalities import _computation, _size
from limo.quality.exact import exact

numerals = st.integers(0, 10**9 - 1).map(str) | st.from_regex(r"[0-9]{0,3}\.[0-9]{1,4}", fullmatch=True)
powers = st.from_regex(r"[0-9]{1,4} \^ (?:[0-9]|\{ [0-9] \})", fullmatch=True)


def larger(parts):
    return (
        st.tuples(parts, st.sampled_from("+-*/"), parts).map(" ".join)
        | st.tuples(parts, parts).map(r"\frac {{ {0[0]} }} {{ {0[1]} }}".format)
        | parts.map("( {} )".format)
        | parts.map("- {}".format)
    )


sides = st.recursive(numerals | powers, larger, max_leaves=8)


@given(sides)
def test_a_value_is_the_one_that_the_parser_of_answers_finds(side):
    found = exact(side)
    if found is None:
        return
    node = expression(tokens(side))
    assert Fraction(found.top, found.bottom) == evaluate(node, {}, 30)
    assert found.computed == _computation(node)
    assert _size(node) is not None


@pytest.mark.parametrize("side", ["7 + 8 * ( 9 - 2 ) / 3", r"\frac { 1 } { 2 } - 2 ^ { 3 }", "- .5 + 1.25"])
def test_plain_sides_need_no_parser(side):
    assert exact(side) is not None


@pytest.mark.parametrize(
    "side",
    ["", "3 ( 4 )", "1 1 / 2", "2 ^ 3 ^ 2", "12345 ^ 2", "( 1 + 2 ) ^ 2", "4 / ( 3 - 3 )", r"\frac { 1 } { 0 }",
     "3 * - 4", "( 3", "x + 1", "7 !", r"\frac 1 2", "1234567890"],
)  # fmt: skip
def test_what_may_be_read_otherwise_is_left_to_the_parser(side):
    assert exact(side) is None

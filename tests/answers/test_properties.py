import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from limo.answers.compare.decide import compare

Draw = Callable[[st.SearchStrategy[Any]], Any]
Pair = tuple[str, str]
RELAXED = settings(deadline=None)
SMALL = st.integers(-9, 9)
COUNT = st.integers(1, 9)
FEW = st.integers(2, 9)
VALUES = st.lists(st.integers(-99, 99), min_size=2, max_size=6, unique=True)


def verdict(one: str, other: str) -> str:
    return compare(one, other, {})[0]


# Expression trees: a whole number, the name of a variable, or (operation, argument, ...).

TREES = st.recursive(
    st.one_of(SMALL, st.sampled_from(["x", "y", "t"]), st.tuples(st.just("root"), st.integers(2, 30))),
    lambda part: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul"]), part, part),
        st.tuples(st.just("div"), part, COUNT),
        st.tuples(st.just("pow"), part, st.integers(2, 3)),
    ),
    max_leaves=6,
)
SPELLINGS = {
    "add": ["(%s+%s)", r"\left(%s + %s\right)", "{(%s)+%s}"],
    "sub": ["(%s-(%s))", r"\left[%s - {(%s)}\right]", "(%s+(-1)(%s))"],
    "mul": [r"((%s)\cdot(%s))", r"((%s) \times (%s))", "((%s)*(%s))", "((%s)(%s))"],
    "div": [r"\frac{%s}{%s}", r"\dfrac{%s}{%s}", r"{\tfrac {%s} {%s}}", "((%s)/(%s))"],
    "pow": ["((%s)^%s)", r"\left(%s\right)^{%s}", "((%s)**%s)"],
}


def at(tree: Any, point: dict[str, float]) -> float:
    if not isinstance(tree, tuple):
        return point[tree] if isinstance(tree, str) else float(tree)
    name, left, *rest = tree
    one = at(left, point)
    if name == "root":
        return one**0.5
    other = at(rest[0], point)
    results = {"add": one + other, "sub": one - other, "mul": one * other, "div": one / (other or 1)}
    return one**other if name == "pow" else results[name]


def differ(one: Any, other: Any) -> bool:
    """Whether two trees differ clearly somewhere."""
    for point in ({"x": 1.37, "y": 2.71, "t": 0.59, "n": 1.83}, {"x": -0.83, "y": 1.19, "t": 3.07, "n": 0.71}):
        left, right = at(one, point), at(other, point)
        if abs(left - right) > 1e-6 * (1 + max(abs(left), abs(right))):
            return True
    return False


def spell(draw: Draw, tree: Any) -> str:
    """One of the spellings of a tree, sums and products in either order."""
    if not isinstance(tree, tuple):
        return str(tree) if isinstance(tree, str) or tree >= 0 else f"({tree})"
    name, *arguments = tree
    if name == "root":
        return draw(st.sampled_from([r"\sqrt{%d}", r"\sqrt[2]{%d}", "sqrt(%d)", "{%d}^{1/2}"])) % arguments[0]
    parts = [spell(draw, each) for each in arguments]
    if name in {"add", "mul"} and draw(st.booleans()):
        parts.reverse()
    return draw(st.sampled_from(SPELLINGS[name])) % tuple(parts)


def changed(draw: Draw, tree: Any) -> Any:
    """A tree with one leaf replaced, one sign flipped or one operation exchanged."""
    if isinstance(tree, str):
        return draw(st.sampled_from(sorted({"x", "y", "t", "n"} - {tree})))
    if not isinstance(tree, tuple):
        return draw(st.sampled_from([-tree or 1, tree + 1, tree * 100 or 100, tree - 1]))
    name, *arguments = tree
    if name == "root":
        return (name, arguments[0] + draw(COUNT))
    if name in {"add", "sub"} and draw(st.booleans()):
        return ("sub" if name == "add" else "add", *arguments)
    if name in {"div", "pow"} and draw(st.booleans()):
        return (name, arguments[0], arguments[1] + 1)
    side = draw(st.integers(0, 1 if name in {"add", "sub", "mul"} else 0))
    arguments[side] = changed(draw, arguments[side])
    return (name, *arguments)


def signed(number: int) -> str:
    return f"+{number}" if number >= 0 else str(number)


def fraction(draw: Draw, number: Fraction, scale: int = 1) -> str:
    top, bottom = abs(number.numerator) * scale, number.denominator * scale
    sign = "-" if number < 0 else ""
    forms = [rf"\frac{{{top}}}{{{bottom}}}", rf"\dfrac{{{top}}}{{{bottom}}}", f"{top}/{bottom}", f"({top})/({bottom})"]
    whole, rest = divmod(abs(number.numerator), number.denominator)
    if whole and rest:
        forms += [rf"{whole}\frac{{{rest}}}{{{number.denominator}}}", f"{whole} {rest}/{number.denominator}"]
    if number.denominator in {1, 2, 4, 5, 8, 10, 20, 25, 40, 50}:
        forms += [plain(abs(number)), plain(abs(number) * 100) + r"\%", plain(abs(number) * 100) + "%"]
    return sign + draw(st.sampled_from(forms))


def plain(number: Fraction) -> str:
    """A fraction with a finite decimal, without exponent."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def grouped(draw: Draw, number: int) -> str:
    mark = draw(st.sampled_from(["", ",", "{,}", r"\,", " "]))
    return f"{number:,}".replace(",", mark)


def power_of_ten(draw: Draw, mantissa: str, power: int) -> str:
    times = draw(st.sampled_from([r" \times ", r"\cdot ", "*", "×", r"\times"]))
    return draw(st.sampled_from([f"{mantissa}e{power}", f"{mantissa}E{power}", f"{mantissa}{times}10^{{{power}}}"]))


def interval(draw: Draw, low: int, high: int, ends: str) -> str:
    """The numbers between two ends, which are in the set where `ends` has a square bracket."""
    x = draw(st.sampled_from(["x", "t"]))
    less = draw(st.sampled_from([r"\le", r"\leq", r"\leqslant"])) + " "
    left, right = (less if mark in "[]" else "<" for mark in ends)
    brackets = f"{ends[0]}{low},{high}{ends[1]}"
    return draw(
        st.sampled_from(
            [
                brackets,
                rf"\left{ends[0]} {low}, {high} \right{ends[1]}",
                rf"{x} \in {brackets}",
                f"{low}{left}{x}{right}{high}",
                f"{x}{'>' if left == '<' else '>='}{low} and {x}{'<' if right == '<' else '<='}{high}",
            ]
        )
    )


def matrix(draw: Draw, rows: list[list[int]]) -> str:
    body = draw(st.sampled_from([r"\\", r" \\ "])).join(" & ".join(map(str, row)) for row in rows)
    kind = draw(st.sampled_from(["pmatrix", "bmatrix", "matrix", "array"]))
    if kind in {"pmatrix", "bmatrix"}:
        return rf"\begin{{{kind}}} {body} \end{{{kind}}}"
    columns = "{" + "c" * len(rows[0]) + "}" if kind == "array" else ""
    return rf"\left( \begin{{{kind}}}{columns} {body} \end{{{kind}}} \right)"


def line(draw: Draw, a: int, b: int, c: int) -> str:
    """The equation ax + by = c."""
    return draw(
        st.sampled_from([f"{a}x{signed(b)}y={c}", f"{c} = {a}x {signed(b)}y", f"{b}y{signed(a)}x{signed(-c)}=0"])
    )


UNITS = [("km", 1000, "m"), ("m", 100, "cm"), ("hours", 60, "minutes"), ("kg", 1000, "g"), ("cm", 10, "mm")]


def measured(draw: Draw, number: int, unit: str) -> str:
    return draw(
        st.sampled_from([rf"{number} \text{{ {unit}}}", rf"{number}\mathrm{{{unit}}}", rf"{number}\,\text{{{unit}}}"])
    )


# Pairs that are equal by construction.


@st.composite
def respelled(draw: Draw) -> Pair:
    tree = draw(TREES)
    return spell(draw, tree), spell(draw, tree)


@st.composite
def expanded(draw: Draw) -> Pair:
    a, b, c, d = (draw(SMALL.filter(bool)) for _ in range(4))
    whole = draw(st.sampled_from([f"({a}x{signed(b)})({c}x{signed(d)})", rf"({d}{signed(c)}x)\cdot({a}x{signed(b)})"]))
    terms = [f"{signed(a * c)}x^2", f"{signed(a * d + b * c)}x", signed(b * d)]
    return whole, "".join(draw(st.permutations(terms))).removeprefix("+")


@st.composite
def implicit(draw: Draw) -> Pair:
    a, b = draw(FEW), draw(st.integers(2, 50))
    spelled = draw(st.sampled_from([r"%d\sqrt{%d}", r"%d \cdot \sqrt{%d}", r"%d*\sqrt {%d}", "%dsqrt(%d)"]))
    root = draw(st.sampled_from([rf"\sqrt{{{a * a * b}}}", spelled % (a, b), rf"\frac{{{a * b}}}{{\sqrt{{{b}}}}}"]))
    return root, spelled % (a, b)


@st.composite
def same_fraction(draw: Draw) -> Pair:
    number = Fraction(draw(st.integers(-200, 200)), draw(st.integers(1, 60)))
    return fraction(draw, number, draw(COUNT)), fraction(draw, number)


@st.composite
def same_decimal(draw: Draw) -> Pair:
    digits, places, power = draw(st.integers(1, 10**6)), draw(st.integers(1, 5)), draw(st.integers(-12, 20))
    mantissa = plain(Fraction(digits, 10**places))
    if draw(st.booleans()):
        return mantissa + "0" * draw(st.integers(1, 5)) if "." in mantissa else mantissa + ".0", mantissa
    return power_of_ten(draw, mantissa, power), power_of_ten(draw, mantissa, power)


@st.composite
def same_integer(draw: Draw) -> Pair:
    number = draw(st.integers(-(10**15), 10**15))
    return grouped(draw, number), draw(st.sampled_from([str(number), grouped(draw, number), rf"{number}.00"]))


@st.composite
def decimal_of_a_fraction(draw: Draw) -> Pair:
    number = Fraction(draw(st.integers(1, 900)), draw(st.sampled_from([3, 7, 9, 11, 13, 17, 19])))
    assume(number.denominator > 1)
    digits = draw(st.integers(3, 9))
    places = digits - len(str(int(number))) if number >= 1 else digits
    assume(places > 0 and number > Fraction(1, 10))
    cut = Fraction(int(number * 10**places), 10**places)
    spelled = draw(st.sampled_from([f"{float(number):.{places}f}", f"{float(cut):.{places}f}"]))
    return fraction(draw, number), spelled


@st.composite
def reordered(draw: Draw) -> Pair:
    values = draw(VALUES)
    opening, closing = draw(st.sampled_from([(r"\{", r"\}"), ("", ""), (r"\left\{", r"\right\}")]))
    return (
        f"{opening}{', '.join(map(str, values))}{closing}",
        f"{opening}{','.join(map(str, draw(st.permutations(values))))}{closing}",
    )


@st.composite
def reordered_in_words(draw: Draw) -> Pair:
    one, other = draw(st.lists(SMALL, min_size=2, max_size=2, unique=True))
    joined = draw(st.sampled_from([r"%s \text{ or } %s", r"x=%s \text{ and } x=%s", "%s and %s", "x = %s or x = %s"]))
    return f"{one}, {other}", joined % (other, one)


@st.composite
def same_measure(draw: Draw) -> Pair:
    large, factor, small = draw(st.sampled_from(UNITS))
    number = draw(st.integers(1, 500))
    return measured(draw, number, large), measured(draw, number * factor, small)


@st.composite
def unit_on_one_side(draw: Draw) -> Pair:
    number = draw(st.integers(1, 500))
    return str(number), draw(
        st.sampled_from([measured(draw, number, "cm"), rf"{number}\%", f"{number}%", rf"{number}^\circ"])
    )


@st.composite
def same_interval(draw: Draw) -> Pair:
    low, high = sorted(draw(st.lists(SMALL, min_size=2, max_size=2, unique=True)))
    ends = draw(st.sampled_from(["()", "(]", "[)", "[]"]))
    return f"{ends[0]}{low},{high}{ends[1]}", interval(draw, low, high, ends)


@st.composite
def half_line(draw: Draw) -> Pair:
    end = draw(SMALL)
    x = draw(st.sampled_from("xt"))
    return draw(
        st.sampled_from(
            [
                (rf"[{end},\infty)", rf"{x} \geq {end}"),
                (rf"\left({end}, +\infty\right)", f"{end}<{x}"),
                (rf"(-\infty,{end}]", f"{x}<={end}"),
                (rf"(-\infty,{end})", rf"{end} > {x}"),
                (rf"(-\infty,{end})\cup({end},\infty)", rf"{x}\neq {end}"),
            ]
        )
    )


@st.composite
def same_line(draw: Draw) -> Pair:
    a, b, c = draw(SMALL.filter(bool)), draw(SMALL.filter(bool)), draw(SMALL)
    factor = draw(st.integers(-5, 5).filter(bool))
    return line(draw, a, b, c), line(draw, a * factor, b * factor, c * factor)


@st.composite
def same_matrix(draw: Draw) -> Pair:
    width, height = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    rows = [[draw(SMALL) for _ in range(width)] for _ in range(height)]
    return matrix(draw, rows), matrix(draw, rows)


@st.composite
def with_noise(draw: Draw) -> Pair:
    a, b = draw(st.integers(-99, 99)), draw(FEW)
    answers = [
        rf"\left({a},{b}\right)",
        rf"\frac{{{a}}}{{{b}}}",
        rf"x^{{{b}}}{signed(a)}",
        f"{a}",
        rf"\sqrt{{{b}}}",
        rf"{b}\pi",
    ]
    answer = draw(st.sampled_from(answers))
    wrapped = (
        draw(st.sampled_from(["$%s$", "$$%s$$", r"\(%s\)", r"\[ %s \]", " %s ", "%s.", r"\displaystyle %s", "$ %s $."]))
        % answer
    )
    return answer, draw(
        st.sampled_from([wrapped, wrapped.replace(r"\left", "").replace(r"\right", ""), wrapped.replace(",", r",\; ")])
    )


@st.composite
def named(draw: Draw) -> Pair:
    number = fraction(draw, Fraction(draw(SMALL), draw(COUNT)))
    return number, draw(
        st.sampled_from(["x=%s", "y = %s", r"\text{The answer is }%s", r"a_1 = %s", r"\theta=%s"])
    ) % number


@st.composite
def same_ratio(draw: Draw) -> Pair:
    a, b, factor = draw(COUNT), draw(COUNT), draw(COUNT)
    return f"{a}:{b}", f"{a * factor} : {b * factor}"


@st.composite
def two_signs(draw: Draw) -> Pair:
    a, b = draw(SMALL), draw(st.sampled_from([2, 3, 5, 6, 7]))
    roots = [rf"{a}+\sqrt{{{b}}}", rf"{a}-\sqrt{{{b}}}"]
    return rf"{a} \pm \sqrt{{{b}}}", ", ".join(draw(st.permutations(roots)))


EQUAL = [
    respelled, expanded, implicit, same_fraction, same_decimal, same_integer, decimal_of_a_fraction, reordered,
    reordered_in_words, same_measure, unit_on_one_side, same_interval, half_line, same_line, same_matrix, with_noise,
    named, same_ratio, two_signs,
]  # fmt: skip


# Pairs that are different by construction.


@st.composite
def one_place_changed(draw: Draw) -> Pair:
    tree = draw(TREES)
    other = changed(draw, tree)
    assume(differ(tree, other))
    return spell(draw, tree), spell(draw, other)


@st.composite
def variable_renamed(draw: Draw) -> Pair:
    a, b, power = draw(SMALL.filter(bool)), draw(SMALL), draw(COUNT)
    one, other = draw(st.sampled_from([("n", "N"), ("x", "y"), ("a", "b"), ("m", "M"), ("x", r"\alpha"), ("k", "K")]))
    form = draw(
        st.sampled_from([f"{a}%s^{{{power}}}{signed(b)}", rf"\frac{{{b}+%s}}{{{power}}}", rf"\sqrt{{%s{signed(b)}}}"])
    )
    return form % one, form % other


@st.composite
def integer_changed(draw: Draw) -> Pair:
    number = draw(st.integers(1, 10**15))
    digits = str(number)
    place = draw(st.integers(0, len(digits) - 1))
    digit = draw(st.sampled_from([each for each in "123456789" if each != digits[place]]))
    other = [
        -number,
        number * 100,
        number + 1,
        int(digits[:place] + digit + digits[place + 1 :]),
    ]
    return grouped(draw, number), draw(st.sampled_from([*map(str, other), f"{number}.001", f"{number}.4"]))


@st.composite
def fraction_changed(draw: Draw) -> Pair:
    top, bottom = draw(st.integers(1, 99)), draw(st.integers(2, 99))
    number = Fraction(top, bottom)
    # A percent sign may be left out, so that x100 is told only between forms without one.
    other = draw(st.sampled_from([-number, number * 100, Fraction(top + 1, bottom), Fraction(top, bottom + 1)]))
    forms = [rf"\frac{{{other.numerator}}}{{{other.denominator}}}", f"{other.numerator}/{other.denominator}"]
    return rf"\frac{{{top}}}{{{bottom}}}", draw(st.sampled_from(forms))


@st.composite
def bad_rounding(draw: Draw) -> Pair:
    number = Fraction(draw(st.integers(1, 900)), draw(st.sampled_from([3, 7, 9, 11, 13, 17, 19])))
    assume(number.denominator > 1 and number > Fraction(1, 10))
    places = draw(st.integers(1, 6))
    off = Fraction(draw(st.sampled_from([-3, -2, 2, 3])), 10**places)
    one = f"{float(round(number, places) + off):.{places}f}"
    rough = f"{float(number):.1f}" if number < 1 else f"{float(number):.0f}"
    return rf"\frac{{{number.numerator}}}{{{number.denominator}}}", one if draw(st.booleans()) else rough


@st.composite
def power_changed(draw: Draw) -> Pair:
    mantissa, power = plain(Fraction(draw(st.integers(1, 10**6)), 1000)), draw(st.integers(-20, 20))
    other = power + draw(st.integers(-9, 9).filter(bool))
    return power_of_ten(draw, mantissa, power), power_of_ten(draw, mantissa, other)


@st.composite
def list_changed(draw: Draw) -> Pair:
    values = draw(VALUES)
    opening, closing = draw(st.sampled_from([(r"\{", r"\}"), ("", "")]))
    place = draw(st.integers(0, len(values) - 1))
    other = (
        [*values[:place], *values[place + 1 :]]
        if draw(st.booleans())
        else [*values[:place], 1000, *values[place + 1 :]]
    )
    return (
        f"{opening}{', '.join(map(str, values))}{closing}",
        f"{opening}{', '.join(map(str, draw(st.permutations(other))))}{closing}",
    )


@st.composite
def tuple_permuted(draw: Draw) -> Pair:
    values = draw(VALUES)
    other = draw(st.permutations(values))
    assume(list(other) != values)
    return f"({', '.join(map(str, values))})", f"({', '.join(map(str, other))})"


@st.composite
def bound_changed(draw: Draw) -> Pair:
    low, high = sorted(draw(st.lists(SMALL, min_size=2, max_size=2, unique=True)))
    ends, other = draw(st.lists(st.sampled_from(["()", "(]", "[)", "[]"]), min_size=2, max_size=2, unique=True))
    if draw(st.booleans()):
        return interval(draw, low, high, ends), interval(draw, low, high, other)
    return interval(draw, low, high, ends), interval(draw, low, high + draw(COUNT), ends)


@st.composite
def direction_changed(draw: Draw) -> Pair:
    end = draw(SMALL)
    senses = draw(st.lists(st.sampled_from(["<", ">", r"\le", r"\ge", "="]), min_size=2, max_size=2, unique=True))
    return f"x {senses[0]} {end}", f"x {senses[1]} {end}"


@st.composite
def line_changed(draw: Draw) -> Pair:
    a, b, c = draw(SMALL.filter(bool)), draw(SMALL.filter(bool)), draw(SMALL.filter(bool))
    other = draw(st.sampled_from([(-a, b, c), (a, b, c + 1), (a, b, -c), (a * 100, b, c), (a, b + 10, c)]))
    return line(draw, a, b, c), line(draw, *other)


@st.composite
def matrix_changed(draw: Draw) -> Pair:
    rows = [[draw(SMALL) for _ in range(2)] for _ in range(2)]
    other = [list(row) for row in rows]
    other[draw(st.integers(0, 1))][draw(st.integers(0, 1))] += draw(COUNT)
    turned = [list(column) for column in zip(*rows, strict=True)]
    return matrix(draw, rows), matrix(draw, other if turned == rows or draw(st.booleans()) else turned)


@st.composite
def other_unit(draw: Draw) -> Pair:
    one, other = draw(
        st.lists(st.sampled_from(["m", "cm", "km", "kg", "g", "minutes", "hours"]), min_size=2, max_size=2, unique=True)
    )
    number = draw(st.integers(1, 500))
    return measured(draw, number, one), measured(draw, number, other)


@st.composite
def percent_misplaced(draw: Draw) -> Pair:
    number = draw(st.integers(2, 99))
    return rf"{number}\%", draw(
        st.sampled_from([str(number * 100), rf"{number * 100}\%", rf"{number + 1}\%", plain(Fraction(number, 10))])
    )


@st.composite
def other_name(draw: Draw) -> Pair:
    number = draw(SMALL)
    return f"x={number}", draw(
        st.sampled_from([f"y={number}", f"x={number + 1}", f"x={-number or 7}", str(number * 100 or 100)])
    )


@st.composite
def ratio_turned(draw: Draw) -> Pair:
    a, b = draw(st.lists(COUNT, min_size=2, max_size=2, unique=True))
    return f"{a}:{b}", f"{b}:{a}"


@st.composite
def tiny_difference(draw: Draw) -> Pair:
    """Values that agree in many digits."""
    k = draw(st.integers(20, 400))
    one = draw(st.sampled_from([r"\sqrt{2}", r"\pi", "1", r"\frac{1}{3}", "e", "x"]))
    tiny = draw(st.sampled_from([f"10^{{-{k}}}", f"e^{{-{k}}}", rf"\frac{{1}}{{10^{{{k}}}}}", f"2^{{-{4 * k}}}"]))
    return f"{one}+{tiny}", one


@st.composite
def huge_neighbours(draw: Draw) -> Pair:
    k = draw(st.integers(2, 9))
    factor = draw(st.sampled_from(["", r"\pi", r"\sqrt{3}", "e"]))
    power = draw(st.sampled_from([f"({k}^{{20}})^{{10}}", rf"{k}^{{100}} \cdot {k}^{{100}}", f"{k}^{{200}}"]))
    return f"{factor}({power}+1)", f"{factor}({power})"


UNEQUAL = [
    one_place_changed, variable_renamed, integer_changed, fraction_changed, bad_rounding, power_changed, list_changed,
    tuple_permuted, bound_changed, direction_changed, line_changed, matrix_changed, other_unit, percent_misplaced,
    other_name, ratio_turned, tiny_difference, huge_neighbours,
]  # fmt: skip


@pytest.mark.parametrize("pairs", EQUAL, ids=lambda pairs: pairs.__name__)
@RELAXED
@given(data=st.data())
def test_equal_by_construction_is_correct(pairs: Callable[[], st.SearchStrategy[Pair]], data: st.DataObject) -> None:
    one, other = data.draw(pairs())
    assert (verdict(one, other), verdict(other, one)) == ("correct", "correct")


@pytest.mark.parametrize("pairs", UNEQUAL, ids=lambda pairs: pairs.__name__)
@RELAXED
@given(data=st.data())
def test_different_by_construction_is_wrong(pairs: Callable[[], st.SearchStrategy[Pair]], data: st.DataObject) -> None:
    one, other = data.draw(pairs())
    assert (verdict(one, other), verdict(other, one)) == ("wrong", "wrong")


PIECES = (
    r"1 2 3 0 12 0.5 3.14 1,000 x y n N e i C \pi \theta \infty \frac{1}{2} \frac12 \sqrt{2} \sqrt ^ "
    r"^{2} _ _1 { } _{10} ( ) [ ] \{ \} \left( \right) + - * / = < > \le \ge \ne \approx , ; : . ! | "
    r"% \% ^\circ \pm \cup \cap \in \mid \setminus \dots \text{cm} \text{and} and or cm km hours "
    r"dollars \$ $ yes no A B none \emptyset \sin \ln \log \begin{pmatrix} \end{pmatrix} & \\ \cdot "
    r"\times \overline{AB} ² ½ 元 或 ⑦ √ π 🙂"
).split()
TEXTS = st.one_of(st.text(max_size=20), st.lists(st.sampled_from([*PIECES, " "]), min_size=1, max_size=9).map("".join))


@given(TEXTS, TEXTS)
@example("0,{}=", r"1\text{,1}")
def test_exchanging_two_texts_changes_no_verdict(one: str, other: str) -> None:
    assert verdict(one, other) == verdict(other, one)


@given(TEXTS)
def test_a_text_equals_itself(text: str) -> None:
    if text.strip():
        assert verdict(text, f"  {text}\n") == verdict(f" {text}", text) == "correct"


@given(TEXTS)
def test_dollars_around_a_text_never_make_it_wrong(text: str) -> None:
    if "$" not in text and re.search(r"[0-9A-Za-z]", re.sub(r"\\[A-Za-z]+|\\.", "", text)) and not text.endswith("\\"):
        assert verdict(text, f"${text}$") != "wrong"


def _pairs(seed: int, count: int) -> list[Pair]:
    rng = random.Random(seed)
    texts = ["".join(rng.choices(PIECES, k=rng.randint(1, 6))) for _ in range(60)]
    values = [
        "1/3",
        "0.333",
        r"\frac{2}{6}",
        "33.3%",
        "2.0",
        "2",
        "x^2-1",
        "(x-1)(x+1)",
        "[1,2]",
        r"1\le x\le2",
        "2^{-99}",
    ]
    pool = [*texts, *values]
    return [(rng.choice(pool), rng.choice(pool)) for _ in range(count)]


FRESH = """
import json, sys
from limo.answers.compare.decide import compare
print(json.dumps([compare(one, other, {}) for one, other in json.load(sys.stdin)]))
"""


def test_no_verdict_depends_on_what_was_compared_before() -> None:
    pairs = _pairs(1, 800)
    here = [compare(*pair, {}) for pair in pairs]
    order = random.Random(2).sample(range(len(pairs)), len(pairs))
    heavy = [(r"\pi+7^{900}", r"\pi+7^{901}"), ("(1/3)!", "(1/4)!"), ("9^{9^{9^9}}", "1"), ("(", ")")]
    sent = json.dumps([*heavy, *(pairs[k] for k in order)])
    for seed in ("1", "2"):  # of the order in which sets are walked through
        answered = subprocess.run(
            [sys.executable, "-c", FRESH],
            input=sent,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        there = json.loads(answered.stdout)[len(heavy) :]
        assert [tuple(each) for each in there] == [here[k] for k in order]

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from limo.answers.compare import compare

LETTERS = "xyab"
NUMBERS = st.integers(2, 99)
VALUES = st.fractions(min_value=-50, max_value=50, max_denominator=60)


def same(one: str, other: str) -> bool:
    """Whether two answers are called equal, in both orders."""
    verdicts = {compare(one, other, {})[0], compare(other, one, {})[0]}
    assert len(verdicts) == 1, (one, other)
    return verdicts == {"correct"}


def differ(one: str, other: str) -> bool:
    verdicts = {compare(one, other, {})[0], compare(other, one, {})[0]}
    assert len(verdicts) == 1, (one, other)
    return verdicts == {"wrong"}


def latex(value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    if value.denominator == 1:
        return str(value)
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


# An expression as a tree, printed in one of two very different spellings.
LEAVES = st.one_of(st.sampled_from(LETTERS), st.integers(1, 9))
TREES = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.tuples(st.sampled_from("+-*/"), part, part),
        st.tuples(st.just("^"), part, st.integers(2, 3)),
        st.tuples(st.just("r"), st.integers(2, 30), st.none()),
    ),
    max_leaves=7,
)


def spell(tree: object, style: str) -> str:
    if not isinstance(tree, tuple):
        return str(tree)
    sign, left, right = tree
    if sign == "r":
        return rf"\sqrt{{{left}}}" if style == "latex" else f"sqrt({left})"
    one, other = spell(left, style), spell(right, style)
    if sign == "^":
        return rf"\left({one}\right)^{{{other}}}" if style == "latex" else f"({one})**{other}"
    if style == "latex":
        forms = {"+": "{0} + {1}", "-": r"{0} - \left({1}\right)", "*": r"\left({0}\right)\left({1}\right)"}
        return rf"\dfrac{{{one}}}{{{other}}}" if sign == "/" else forms[sign].format(one, other)
    # The other spelling turns sums and products round.
    return {
        "+": f"({other})+({one})",
        "-": f"-({other})+({one})",
        "*": f"({other})*({one})",
        "/": f"({one})/({other})",
    }[sign]


@given(TREES)
def test_an_expression_equals_itself_rewritten(tree: object) -> None:
    one, other = spell(tree, "latex"), spell(tree, "plain")
    verdict, rule = compare(one, other, {})
    # Only what has no value anywhere (division by zero) or too many digits may stay open.
    assert verdict == "correct" or rule in {"no value", "too large"}
    assert compare(other, one, {})[0] == verdict


@given(TREES, st.integers(1, 9))
def test_an_expression_differs_from_itself_and_more(tree: object, more: int) -> None:
    verdict, _ = compare(spell(tree, "latex"), spell(("+", tree, more), "plain"), {})
    assert verdict != "correct"


@given(VALUES)
def test_spellings_of_one_number(value: Fraction) -> None:
    assert same(latex(value), f"{value.numerator}/{value.denominator}")
    assert same(latex(value), rf"${latex(value * 3)}\div 3$")
    assert same(latex(value), f"x = {latex(value)}")
    percent = value * 100
    if percent.denominator == 1:
        assert same(latex(value), rf"{percent}\%")
    if value > 1 and value.denominator > 1:
        whole = value.numerator // value.denominator
        assert same(latex(value), rf"{whole} {latex(value - whole)}")


@given(VALUES, VALUES)
def test_different_numbers(one: Fraction, other: Fraction) -> None:
    assume(one != other)
    assert differ(latex(one), latex(other))
    if one:
        assert differ(latex(one), latex(-one))
        assert differ(latex(one), latex(one * 100))


@given(st.integers(1, 10**12))
def test_separators_and_powers_of_ten_keep_a_number(number: int) -> None:
    assert same(str(number), f"{number:,}")
    assert same(str(number), f"{number:,}".replace(",", "{,}"))
    assert same(f"{number}e-3", rf"{number} \times 10^{{-3}}")
    assert differ(str(number), str(number + 1))


@given(st.integers(10_000, 99_999), st.integers(-8, 8))
def test_a_rounded_value_counts_and_the_next_one_does_not(digits: int, power: int) -> None:
    assume(digits % 100 not in {0, 50})
    fine = f"{digits}e{power}"
    nearest = (digits + 50) // 100 if digits % 100 > 50 else digits // 100
    assert same(f"{nearest / 100:.2f}e{power + 4}", fine) or digits % 100 == 0
    assert differ(f"{(nearest + 2) / 100:.2f}e{power + 4}", fine)


@given(st.lists(VALUES, min_size=2, max_size=5, unique=True), st.randoms(use_true_random=False))
def test_sets_and_lists_have_no_order(values: list[Fraction], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (", ".join(map(latex, each)) for each in (values, shuffled))
    assert same(rf"\{{{one}\}}", rf"\{{{other}\}}")
    assert same(one, " and ".join(map(latex, shuffled)))
    assert differ(one, ", ".join(map(latex, values[:-1])))
    assert differ(rf"\{{{one}\}}", rf"\{{{', '.join(map(latex, [*values[:-1], values[-1] + 1]))}\}}") or (
        values[-1] + 1 in values
    )


@given(VALUES, VALUES, VALUES)
def test_tuples_have_an_order(a: Fraction, b: Fraction, c: Fraction) -> None:
    point = f"({latex(a)}, {latex(b)}, {latex(c)})"
    assert same(point, rf"\left( {latex(a)},\; {latex(b)},\; {latex(c)} \right)")
    assert same(point, rf"\begin{{pmatrix}} {latex(a)} \\ {latex(b)} \\ {latex(c)} \end{{pmatrix}}")
    if a != b:
        assert differ(point, f"({latex(b)}, {latex(a)}, {latex(c)})")


@given(VALUES, VALUES, st.sampled_from("(["), st.sampled_from(")]"))
def test_intervals_with_their_ends(a: Fraction, b: Fraction, opening: str, closing: str) -> None:
    assume(a < b)
    interval = f"{opening}{latex(a)},{latex(b)}{closing}"
    low = "<" if opening == "(" else r"\le"
    high = "<" if closing == ")" else r"\leq"
    assert same(interval, f"{latex(a)} {low} x {high} {latex(b)}")
    assert same(interval, rf"x \in {interval}")
    turned = {"(": "[", "[": "("}[opening]
    assert differ(interval, f"{turned}{latex(a)},{latex(b)}{closing}")
    assert differ(interval, f"{opening}{latex(a)},{latex(b + 1)}{closing}")


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(2, 9))
def test_equations_up_to_a_factor(a: int, b: int, c: int, factor: int) -> None:
    line = f"{a}x + {b}y = {c}"
    assert same(line, f"{a * factor}x = {c * factor} - {b * factor}y")
    assert same(line, rf"y = \frac{{{c} - {a}x}}{{{b}}}")
    assert differ(line, f"{a}x + {b}y = {c + 1}")
    assert differ(line, f"{a}x + {b}z = {c}")


@given(
    NUMBERS, st.sampled_from([("cm", "m", 100), ("g", "kg", 1000), ("minutes", "hours", 60), ("cents", "dollars", 100)])
)
def test_units_are_converted(number: int, units: tuple[str, str, int]) -> None:
    small, large, factor = units
    assert same(rf"{number * factor}\text{{ {small}}}", rf"{number}\text{{ {large}}}")
    assert differ(rf"{number}\text{{ {small}}}", rf"{number}\text{{ {large}}}")
    assert same(rf"{number}\text{{ {small}}}", str(number))


@given(NUMBERS, st.permutations(LETTERS))
def test_a_variable_renamed_is_another_answer(number: int, letters: list[str]) -> None:
    assert differ(f"{number}{letters[0]} + 1", f"{number}{letters[1]} + 1")
    assert differ(f"{letters[0]} = {number}", f"{letters[1]} = {number}")


@given(
    NUMBERS,
    st.sampled_from(["$ {} $", r"\( {} \)", r"\left( {} \right)", r"\text{{{}}}", "{}.", "**{}**", r"{}\,", "${}$."]),
)
def test_what_stands_around_an_answer_does_not_matter(number: int, around: str) -> None:
    assert same(around.format(number), str(number))


@given(st.text(max_size=40))
def test_every_text_equals_itself(text: str) -> None:
    assume(text.strip())
    assert compare(text, text, {}) == ("correct", "literal")


@given(st.text(alphabet="0123456789+-*/^_{}()[]\\,.<>=|!% abfrcsqtxyz", max_size=40), st.text(max_size=20))
def test_both_orders_of_any_two_texts(one: str, other: str) -> None:
    assert compare(one, other, {})[0] == compare(other, one, {})[0]

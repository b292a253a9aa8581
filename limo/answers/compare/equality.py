"""Two quantities → whether they are equal: values, rounding, units; used by the rest of compare."""

from collections.abc import Iterable
from fractions import Fraction

from limo.answers.compare.arithmetic import NoValueError, TooLargeError
from limo.answers.compare.identity import identical
from limo.answers.compare.value import Decision, equal_at, rational
from limo.answers.parse.forms import Quantity
from limo.answers.parse.numerals import Node, variables
from limo.answers.parse.units import PhysicalUnit, unit

# Rounding counts as equal from this many significant digits on; between decimals from two, if they are this close.
DIGITS = 3
DECIMAL_DIGITS = 2
CLOSE = Fraction(1, 200)
_DOUBLE = (16, 17)  # significant digits of a double-precision number, written to the last
_NOISE = Fraction(1, 10**6)  # what is no noise however large a number is


def all_equal(decisions: Iterable[Decision]) -> Decision:
    """All parts: wrong as soon as one is, undecided when one is undecided."""
    doubt = False
    for equal, rule in decisions:
        if equal is False:
            return False, f"part: {rule}"
        doubt |= equal is None
    return (None if doubt else True), "parts"


def quantities(one: Quantity, other: Quantity) -> Decision:
    """Compare two values with their units (docs/answers.md, "Comparison")."""
    if one.unit == other.unit:
        return values(one.node, other.node)
    if "%" in {one.unit, other.unit}:
        return _percent(one, other)
    if _angle(one) or _angle(other):
        return _angles(one, other)
    if not one.unit or not other.unit:
        equal, rule = values(one.node, other.node)
        return equal, "unit left out" if equal else rule
    return _converted(one, other)


def values(one: Node, other: Node) -> Decision:
    """Compare two expressions: exactly where both are rational, else at more digits than either holds.

    A decimal may stand for the value that it is the rounding (or the cut) of; see `rounded`.
    """
    if one == other:
        return True, "literal"
    if "based" in {one[0], other[0]}:
        return _based(one, other)
    infinite = [_infinity(node) for node in (one, other)]
    if any(infinite):
        return infinite[0] == infinite[1], "infinity"
    if variables(one) or variables(other):
        return identical(one, other)
    try:
        equal = equal_at(one, other, {}, real=False)
        if equal:
            return True, "value"
        return (True, "rounding") if rounded(one, other) or _machine_number(one, other) else (False, "value")
    except TooLargeError:
        return None, "too large"
    except NoValueError:
        return None, "no value"


def rounded(one: Node, other: Node) -> bool:
    """Whether the coarser of two numbers is the rounding or the cut of the finer one.

    Integers are exact, whatever stands on the other side. A decimal numeral needs DIGITS significant digits (or
    DECIMAL_DIGITS where both sides are decimals, which must then lie within CLOSE of each other, relatively). The
    rule is the same in both argument orders.
    """
    ends = [spelled(one), spelled(other)]
    if ends == [None, None]:
        return False
    finer = 0 if ends[0] is None or (ends[1] is not None and ends[0][1] < ends[1][1]) else 1
    coarse = ends[1 - finer]
    assert coarse is not None
    value, ulp = coarse
    digits = len(str(abs(int(value / ulp)))) if value else 0
    exact_side = ends[finer] is None
    if digits < (DIGITS if exact_side else DECIMAL_DIGITS) or _integer((one, other)[finer]):
        return False
    fine = rational((one, other)[finer])
    if fine is None:
        return False
    difference = abs(fine) - abs(value)
    if (fine < 0) != (value < 0) or (digits < DIGITS and abs(difference) >= CLOSE * abs(fine)):
        return False
    return abs(difference) <= ulp / 2 or (digits >= DIGITS and 0 <= difference < ulp)


def _machine_number(one: Node, other: Node) -> bool:
    """Whether one is a double in all its 16 or 17 digits, of which the last are noise, and the other is that value."""
    for written, value in ((spelled(one), other), (spelled(other), one)):
        if written is None or len(str(abs(int(written[0] / written[1])))) not in _DOUBLE:
            continue
        exact = rational(value)
        if exact is not None and abs(written[0] - exact) <= min(_NOISE, abs(exact) / 2**50):
            return True
    return False


def spelled(node: Node) -> tuple[Fraction, Fraction] | None:
    """Value and unit in the last place of a decimal numeral, a power of ten after it included; None for all else."""
    if node[0] == "neg":
        inner = spelled(node[1])
        return None if inner is None else (-inner[0], inner[1])
    if node[0] == "percent":
        inner = spelled(node[1])
        return None if inner is None else (inner[0] / 100, inner[1] / 100)
    if node[0] == "num":
        return (node[1], node[2]) if node[2] is not None else None
    if node[0] == "mul" and node[2][0] == "pow" and node[2][1][:2] == ("num", Fraction(10)):
        inner, power = spelled(node[1]), node[2][2]
        sign = -1 if power[0] == "neg" else 1
        power = power[1] if power[0] == "neg" else power
        if power[0] == "num" and power[1].denominator == 1 and power[1] <= 400:
            scale = Fraction(10) ** (sign * int(power[1]))
            if inner is None and node[1][0] == "num":
                inner = (node[1][1], Fraction(1))
            return None if inner is None else (inner[0] * scale, inner[1] * scale)
    return None


def _integer(node: Node) -> bool:
    return (node[0] == "num" and node[2] is None and node[1].denominator == 1) or (
        node[0] == "neg" and _integer(node[1])
    )


def _infinity(node: Node) -> str:
    if node == ("const", "inf"):
        return "+"
    if node[0] == "neg" and _infinity(node[1]):
        return "-"
    return ""


def _based(one: Node, other: Node) -> Decision:
    if one[0] == other[0]:
        return bool(one[1] == other[1]), "base"
    based, plain = (one, other) if one[0] == "based" else (other, one)
    # Without its subscript a number in another base is written with the same digits.
    digits = plain[0] == "num" and plain[2] is None and based[2].isdigit() and plain[1] == int(based[2])
    return digits, "base left out" if digits else "base"


def _percent(one: Quantity, other: Quantity) -> Decision:
    share, plain = (one, other) if one.unit == "%" else (other, one)
    if plain.unit and not plain.unit.replace("\\text{", "").startswith("percent"):
        named = unit(plain.unit)
        if values(share.node, plain.node)[0] is False or (named and named.known and named.dimensions):
            return False, "unit"
        return None, "unit"
    if values(share.node, plain.node)[0]:
        return True, "percent sign left out"
    equal, _ = values(("percent", share.node), plain.node)
    return equal, "percent"


def _angle(quantity: Quantity) -> bool:
    return quantity.unit == "degree" or "rad" in quantity.unit


def _angles(one: Quantity, other: Quantity) -> Decision:
    if not one.unit or not other.unit:
        if values(one.node, other.node)[0]:
            return True, "unit left out"
        turned = [("deg", side.node) if side.unit == "degree" else side.node for side in (one, other)]
        return values(turned[0], turned[1])[0], "angle"
    turned = [("deg", side.node) if side.unit == "degree" else side.node for side in (one, other)]
    return values(turned[0], turned[1])[0] if _angle(one) and _angle(other) else False, "angle"


def _converted(one: Quantity, other: Quantity) -> Decision:
    own, target = unit(one.unit), unit(other.unit)
    if own is None or target is None:
        return None if values(one.node, other.node)[0] else False, "unit"
    if own.dimensions == target.dimensions:
        if own.factor == target.factor:
            return values(one.node, other.node)
        # Bring the one with the smaller unit to the larger, so that written digits keep their meaning.
        scaled = _scaled(one.node, own, target), _scaled(other.node, target, target)
        return values(*scaled)[0], "unit conversion"
    if own.known and target.known:
        return False, "unit"
    return values(one.node, other.node)[0], "unit"


def _scaled(node: Node, own: PhysicalUnit, target: PhysicalUnit) -> Node:
    factor = own.factor / target.factor
    if factor == 1:
        return node
    literal = spelled(node)
    if literal:
        return ("num", literal[0] * factor, literal[1] * factor)
    return ("mul", node, ("num", factor, None))

"""A numeral as written → its node: exact value and last written place, and what a node is; used wherever nodes are."""

from fractions import Fraction
from typing import Any

# A node is a tuple: ("num", value, ulp) with ulp the unit of the last decimal place (None for an exact literal),
# ("var", name), ("const", name), or an operation's name followed by its arguments.
Node = tuple[Any, ...]


class NoExpressionError(ValueError):
    """The text is no expression that this grammar reads."""


def number_node(text: str) -> Node:
    """The node of a numeral: digits, decimals, e-notation; its ulp is the unit of its last written place."""
    mantissa, _, power = text.lower().partition("e")
    if len(text) > 4000 or len(power) > 5 or abs(int(power or 0)) > 4000:
        raise NoExpressionError("a numeral of too many digits")
    scale = Fraction(10) ** int(power or 0)
    if "." not in mantissa:
        return ("num", Fraction(mantissa) * scale, scale if power else None)
    return ("num", Fraction(mantissa + "0") * scale, Fraction(1, 10 ** len(mantissa.split(".")[1])) * scale)


def based_node(text: str) -> Node:
    """The node of a numeral with its base written below, such as 1011_2."""
    digits, _, base = text.partition("_")
    radix = int(base.strip(" {}"))
    digits = digits.strip().upper()
    if not 2 <= radix <= 16 or len(digits) > 500 or any(int(digit, 16) >= radix for digit in digits):
        raise NoExpressionError(f"{text!r} is no number in that base")
    return ("based", Fraction(int(digits, radix)), digits, radix)


def mixed_number(whole: Node, part: Node) -> Node | None:
    """3 1/2 and 3\\frac{1}{2} are mixed numbers where the fraction is a plain proper one."""
    if whole[0] != "num" or whole[2] is not None or part[0] != "div" or whole[1].denominator != 1:
        return None
    top, bottom = part[1], part[2]
    if top[0] != "num" or bottom[0] != "num" or top[2] is not None or bottom[2] is not None:
        return None
    return ("add", whole, part) if 0 < top[1] < bottom[1] and whole[1] > 0 else None


def variables(node: Node) -> frozenset[str]:
    """Names of the free variables."""
    if node[0] == "var":
        return frozenset([node[1]])
    names: frozenset[str] = frozenset()
    for child in node[1:]:
        if isinstance(child, tuple):
            names |= variables(child)
    return names


def renamed(node: Node, name: str, other: str) -> Node:
    """The expression with one variable under another name."""
    if node == ("var", name):
        return ("var", other)
    return tuple(renamed(child, name, other) if isinstance(child, tuple) else child for child in node)

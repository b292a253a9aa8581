"""An expression and a point → its value, and whether two are equal there; used by the rest of compare."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from limo.answers.compare.arithmetic import (
    CONSTANTS,
    OPERATIONS,
    Effort,
    NoValueError,
    TooLargeError,
    Value,
    floating,
    is_real,
    mp,
)
from limo.answers.parse.numerals import Node

Decision = tuple[bool | None, str]  # whether two answers are equal (None: undecided), and the rule that says so

DIGITS = 40  # of the first numeric comparison, beyond the digits of the largest exact part
ROUNDED_DIGITS = 50  # of a value that a decimal numeral is compared with
SEEN_DIGITS = 3_000  # larger exact parts are told apart by their leading digits, and never called equal


def evaluate(node: Node, point: Mapping[str, Value], digits: int) -> Value:
    """Value at a point: an exact Fraction where only rational operations occur, else an mpf or mpc of `digits` digits.

    Raises:
        TooLargeError, NoValueError: see there.
    """
    with mp.workdps(digits + 10):
        try:
            return _value(node, point)
        except (ZeroDivisionError, OverflowError) as error:
            raise NoValueError(str(error)) from error
        except (ValueError, mp.NoConvergence) as error:
            if isinstance(error, TooLargeError | NoValueError):
                raise
            raise NoValueError(str(error)) from error


def equal_at(one: Node, other: Node, point: Mapping[str, Value], *, real: bool) -> bool | None:
    """Whether two expressions have the same value at a point, however little they differ.

    The precision is raised until it covers all that meets in the expressions: the digits of their exact parts, terms
    of very different size, arguments near 0. Then the difference is taken at that precision and at twice that: rounding
    noise shrinks, a true difference does not. With `real`, None where a value is not real and no i is written.

    Raises:
        TooLargeError: of `evaluate`, or it would take more than SEEN_DIGITS digits.
        NoValueError: of `evaluate`.
    """
    digits, needed = 0, DIGITS
    while needed > digits:
        digits, Effort.bits = needed, 0
        values = [evaluate(node, point, digits) for node in (one, other)]
        if all(isinstance(value, Fraction) for value in values):
            return bool(values[0] == values[1])
        needed = DIGITS + Effort.bits * 3 // 10
        if needed > SEEN_DIGITS:
            raise TooLargeError("two values that would have to be told apart by too many digits")
    if real and any(not is_real(value) for value in values) and not (_imaginary(one) or _imaginary(other)):
        return None
    scale = max(abs(floating(value)) for value in values)
    difference = _difference(values[0], values[1], digits)
    if difference > max(scale, 1) * mp.mpf(10) ** (-digits // 2):
        return False
    finer = 2 * digits
    finer_difference = _difference(evaluate(one, point, finer), evaluate(other, point, finer), finer)
    return bool(finer_difference <= (difference or scale * mp.mpf(10) ** -digits) * mp.mpf(10) ** (-digits // 2))


def _imaginary(node: Node) -> bool:
    return node == ("const", "i") or any(isinstance(child, tuple) and _imaginary(child) for child in node[1:])


def _difference(one: Value, other: Value, digits: int) -> Any:
    with mp.workdps(digits + 10):
        return abs(floating(one) - floating(other))


def _value(node: Node, point: Mapping[str, Value]) -> Value:
    kind = node[0]
    if kind in {"num", "based"}:
        return node[1]
    if kind == "var":
        return point[node[1]]
    if kind == "const":
        if node[1] == "inf":
            raise NoValueError("infinity")
        return CONSTANTS[node[1]]()
    return OPERATIONS[kind](*(_value(child, point) if isinstance(child, tuple) else child for child in node[1:]))


def rational(node: Node) -> Fraction | None:
    """The value of an expression without variables to ROUNDED_DIGITS digits; None if not real or of extreme size."""
    value = evaluate(node, {}, ROUNDED_DIGITS)
    if isinstance(value, Fraction):
        return value
    if not is_real(value) or (value and abs(mp.mag(value)) > 14_000):
        return None
    return Fraction(mp.nstr(mp.re(value), ROUNDED_DIGITS))

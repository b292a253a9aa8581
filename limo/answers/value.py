from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

from limo.answers.arithmetic import (
    CONSTANTS,
    EXACT_BITS,
    OPERATIONS,
    NoValueError,
    TooLargeError,
    Value,
    floating,
    is_real,
    mp,
)
from limo.answers.numerals import Node

DIGITS = 40  # of the first numeric comparison, beyond the digits of the largest exact part
SEEN_DIGITS = 3_000  # larger exact parts are told apart by their leading digits, and never called equal


def variables(node: Node) -> frozenset[str]:
    """Names of the free variables."""
    if node[0] == "var":
        return frozenset([node[1]])
    names: frozenset[str] = frozenset()
    for child in node[1:]:
        if isinstance(child, tuple):
            names |= variables(child)
    return names


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


def size(node: Node) -> int:
    """Decimal digits of the largest exact part of an expression: what a numeric comparison must see beyond."""
    if node[0] in {"num", "based"}:
        return (node[1].numerator.bit_length() + node[1].denominator.bit_length()) * 3 // 10 + 1
    if node[0] == "pow" and node[1][0] == "num" and node[2][0] == "num":
        return min(int(size(node[1]) * abs(node[2][1])) + 1, EXACT_BITS)
    if node[0] == "fact" and node[1][0] == "num":
        return min(int(node[1][1] * size(node[1])), EXACT_BITS)
    return max([0, *(size(child) for child in node[1:] if isinstance(child, tuple))])


def points(names: frozenset[str]) -> list[dict[str, Fraction]]:
    """Fixed rational points: two with all coordinates positive, then three of mixed signs, from the names alone."""
    return [{name: _coordinate(name, k, positive=k < 2) for name in sorted(names)} for k in range(5)]


def whole_points(names: frozenset[str]) -> list[dict[str, Fraction]]:
    """Points with small positive whole coordinates, for expressions such as (-1)^n that have real values only there."""
    return [{name: Fraction(1 + (k + int(_hash(name, 0)) % 5) % 7) for name in sorted(names)} for k in range(7)]


def equal_at(one: Node, other: Node, point: Mapping[str, Value]) -> bool | None:
    """Whether two expressions have the same value at a point, to far more digits than their largest exact part has.

    Rounding noise shrinks with the working precision and a true difference does not, so the difference is taken at
    two precisions. None where a value is not real there and variables are meant to be (`point` not empty).

    Raises:
        TooLargeError, NoValueError: of `evaluate`.
    """
    needed = max(size(one), size(other))
    digits = DIGITS + min(needed, SEEN_DIGITS)
    values = [evaluate(node, point, digits) for node in (one, other)]
    if all(isinstance(value, Fraction) for value in values):
        return bool(values[0] == values[1])
    if point and any(not is_real(value) for value in values) and not (_imaginary(one) or _imaginary(other)):
        return None
    first = _difference(values[0], values[1], digits)
    if first == 0 and needed <= SEEN_DIGITS:
        return True
    scale = max(_modulus(value) for value in values)
    if scale and first > scale * mp.mpf(10) ** (-digits // 2):
        return False
    if needed > SEEN_DIGITS:
        raise TooLargeError("two values that agree in their leading digits and have too many more")
    finer = 2 * digits
    second = _difference(evaluate(one, point, finer), evaluate(other, point, finer), finer)
    return bool(second <= first * mp.mpf(10) ** (-digits // 2))


def _imaginary(node: Node) -> bool:
    return node == ("const", "i") or any(isinstance(child, tuple) and _imaginary(child) for child in node[1:])


def _coordinate(name: str, k: int, positive: bool) -> Fraction:
    number = int(_hash(name, k), 16)
    # Odd over a power of two: no odd root of a negative number turns real by chance.
    value = Fraction(2 * (23 + number % 150) + 1, 128)
    return value if positive or number // 7919 % 2 else -value


def _hash(name: str, k: int) -> str:
    digest = sha256(f"{name} {k}".encode()).hexdigest()[:12]
    return digest if k else str(int(digest, 16))


def _difference(one: Value, other: Value, digits: int) -> Any:
    with mp.workdps(digits + 10):
        return abs(floating(one) - floating(other))


def _modulus(value: Value) -> Any:
    return abs(floating(value))


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

"""Expressions → the points at which they are compared as functions; used by compare.equality and compare.relations."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import isqrt
from typing import Any

from limo.answers.parse.numerals import Node, variables

Point = Mapping[str, Fraction]

# Letters that count something wherever they stand under a floor, in a divisor or in a factorial.
WHOLE_NAMES = frozenset("n k m i j l N K M".split())
_REAL_NAMES = frozenset("x y z t u v w".split())
_DIVISORS = frozenset(["gcd", "lcm"])
_STEPS = frozenset(["floor", "ceil"])
_BRANCHES = _DIVISORS | _STEPS | {"abs", "max", "min", "root"}
_LARGEST = 10**6  # a constant beyond it is no place where a function bends
NEAR = 5  # points within 2.7 of 0, which come first
_CONSTANTS = 8
_MANY = 24  # points of each kind, whole and broken, at the scale of the constants
_SMALL = (*range(1, 17), 20, 32, 60, 64, 100, 128, 210, 1000)


def points(*nodes: Node) -> list[Point]:
    """Fixed rational points, from the expressions alone.

    Two with all coordinates positive and three of mixed signs, all within 2.7 of 0, tell functions apart that are given
    by one formula. Those that are not (floor, absolute value, maximum, even root, divisor) may agree on such a
    piece and nowhere else: they get `branch_points` as well.
    """
    names = sorted(_names(nodes))
    near: list[Point] = [{name: _coordinate(name, k, positive=k < 2) for name in names} for k in range(NEAR)]
    return [*near, *branch_points(*nodes)] if any(_has(node, _BRANCHES) for node in nodes) else near


def branch_points(*nodes: Node) -> list[Point]:
    """Points on every piece of expressions with branches: whole and broken, of both signs, up to the constants' square.

    Small whole numbers, powers of two and ten, the constants of the expressions, their doubles and their neighbours,
    since functions bend there; then numbers of all sizes.
    """
    names, constants = sorted(_names(nodes)), _constants(nodes)
    kinks = [number + step for number in constants for step in (-1, 0, 1)] + [2 * number for number in constants]
    whole = [Fraction(number) for number in dict.fromkeys([*_SMALL, *kinks])]
    spread = [_spread(k, max([10, *constants])) for k in range(_MANY)]
    below = [-value for value in (*whole[:8], *spread[::3])]
    values = [*whole, *map(_whole, spread), *spread, *below]
    return [
        {name: values[_number(name, k) % len(values) if place else k] for place, name in enumerate(names)}
        for k in range(len(values))
    ]


def whole_points(*nodes: Node) -> list[Point]:
    """Points with positive whole coordinates, for expressions such as (-1)^n that have real values only there."""
    names = sorted(_names(nodes))
    small: list[Point] = [{name: Fraction(1 + (k + _number(name, 0) % 5) % 7) for name in names} for k in range(7)]
    if not any(_has(node, _BRANCHES) for node in nodes):
        return small
    far = [point for point in branch_points(*nodes) if all(map(_positive_whole, point.values()))]
    return [*small, *far]


def counting(*nodes: Node) -> bool:
    """Whether only whole numbers count: divisors of letters, or letters of whole numbers that are rounded."""
    if any(_has(node, _DIVISORS) for node in nodes):
        return True  # of anything but whole numbers it has no value
    return any(_has(node, _STEPS) for node in nodes) and {name.split("_")[0] for name in _names(nodes)} <= WHOLE_NAMES


def stepped(*nodes: Node) -> bool:
    """Whether an expression rounds letters that may stand for whole numbers, though others use them for any number."""
    return not _names(nodes) & _REAL_NAMES and any(_has(node, _STEPS) for node in nodes)


def _positive_whole(value: Fraction) -> bool:
    return value > 0 and value.denominator == 1


def _names(nodes: Iterable[Node]) -> frozenset[str]:
    return frozenset[str]().union(*map(variables, nodes))


@lru_cache(maxsize=4096)
def _has(node: Node, kinds: frozenset[str]) -> bool:
    """Whether one of these operations is applied to a variable; a broken power and an inverse function are branches."""
    if variables(node) and (node[0] in kinds or (kinds is _BRANCHES and _broken(node))):
        return True
    return any(isinstance(child, tuple) and _has(child, kinds) for child in node[1:])


def _broken(node: Node) -> bool:
    if node[0] == "fn":
        return str(node[1]).startswith("arc")
    return node[0] == "pow" and node[2][0] == "div" and bool(variables(node[1]))


def _constants(nodes: Iterable[Node]) -> list[int]:
    """Whole numbers that stand in the expressions, and their roots: the smallest and the largest few."""
    found: set[int] = set()
    waiting: list[Any] = list(nodes)
    while waiting:
        node = waiting.pop()
        if node[0] == "num" and 1 < abs(node[1]) <= _LARGEST:
            found |= {abs(int(node[1])), isqrt(abs(int(node[1])))}
        waiting += [child for child in node[1:] if isinstance(child, tuple)]
    ordered = sorted(found - {1})
    return ordered if len(ordered) <= _CONSTANTS else [*ordered[: _CONSTANTS - 2], *ordered[-2:]]


def _spread(k: int, scale: int) -> Fraction:
    """A positive number between 1/4 and 32 scale^2, evenly spread over the powers of two."""
    exponent = k * ((8 * scale * scale).bit_length() + 2) // _MANY - 2
    return Fraction(2 * (64 + _number("spread", k) % 64) + 1, 128) * Fraction(2) ** exponent


def _whole(value: Fraction) -> Fraction:
    return Fraction(int(value) + 1)


def _coordinate(name: str, k: int, positive: bool) -> Fraction:
    number = _number(name, k)
    # Odd over a power of two: no odd root of a negative number turns real by chance.
    value = Fraction(2 * (23 + number % 150) + 1, 128)
    return value if positive or number // 7919 % 2 else -value


def _number(name: str, k: int) -> int:
    return int(sha256(f"{name} {k}".encode("utf-8", "surrogatepass")).hexdigest()[:12], 16)

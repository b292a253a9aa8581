"""An answer → the intervals of reals that it stands for, and their comparison; used by match and relations."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from limo.answers.compare.arithmetic import NoValueError, TooLargeError
from limo.answers.compare.equality import values
from limo.answers.compare.linear import FLIPPED, isolated
from limo.answers.compare.value import Decision, rational
from limo.answers.parse.forms import REALS, Answer, Quantity, Relation, Sequence, Union
from limo.answers.parse.numerals import Node, variables

_CALL = re.compile(r"[A-Za-z](?:_\w+)?'*\([a-z]\)")  # 0 < f(x) < 1 says where f(x) lies
PIECES = 200  # of a set; no answer has more
_INF: Node = ("const", "inf")


@dataclass(frozen=True)
class Range:
    """An interval with its ends as written and as numbers, and whether it holds them."""

    low: Node
    high: Node
    low_in: bool
    high_in: bool

    @property
    def ends(self) -> tuple[Any, Any]:
        """The ends as numbers."""
        return _number(self.low), _number(self.high)


def ranges(answer: Answer) -> tuple[Range, ...] | None:
    """The intervals that a set of reals consists of, in order and merged; None for what is no such set.

    Reads intervals, their unions, intersections and differences, finite sets inside those, inequalities in one
    variable, and lists of them joined by and, or and commas.
    """
    try:
        pieces = _ranges(answer)
    except (NoValueError, TooLargeError):
        return None
    return pieces


def finite(answer: Answer) -> tuple[Range, ...] | None:
    r"""The points of a \{finite set\}, as ranges from each to itself; None for other answers."""
    try:
        return _points(answer)
    except (NoValueError, TooLargeError):
        return None


def same_ranges(one: tuple[Range, ...], other: tuple[Range, ...]) -> Decision:
    """Compare two sets of reals by ends and by what holds the ends."""
    if len(one) != len(other):
        return False, "interval"
    for left, right in zip(one, other, strict=True):
        if (left.low_in, left.high_in) != (right.low_in, right.high_in):
            return False, "interval ends"
        for pair in ((left.low, right.low), (left.high, right.high)):
            equal, rule = values(*pair)
            if not equal:
                return equal, f"interval: {rule}"
    return True, "interval"


def interval(answer: Answer) -> Range | None:
    """A pair in round or square brackets read as an interval."""
    if isinstance(answer, Sequence) and answer.opening in {"(", "["} and len(answer.items) == 2:
        low, high = answer.items
        if isinstance(low, Quantity) and isinstance(high, Quantity):
            return Range(low.node, high.node, answer.opening == "[", answer.closing == "]")
    return None


def _ranges(answer: Answer) -> tuple[Range, ...] | None:
    if isinstance(answer, Relation):
        return _inequality(answer)
    if isinstance(answer, Union):
        return _united(answer)
    if isinstance(answer, Quantity):
        return _whole_line() if answer.node in {("var", "R"), ("var", "mathbb:R")} else None
    if not isinstance(answer, Sequence):
        return None
    if answer.opening == "" and answer.items and all(isinstance(item, Relation) for item in answer.items):
        return _listed(answer.items)
    if answer.opening == "" and answer.items and all(interval(item) for item in answer.items):
        return _merged([Range(*_fields(item)) for item in answer.items])
    piece = interval(answer)
    if piece is None:
        return None
    low, high = piece.ends
    return (piece,) if low is None or high is None or low <= high else None


def _fields(item: Answer) -> tuple[Node, Node, bool, bool]:
    piece = interval(item)
    assert piece is not None
    return piece.low, piece.high, piece.low_in, piece.high_in


def _whole_line() -> tuple[Range, ...]:
    low, high = REALS.items
    assert isinstance(low, Quantity)
    assert isinstance(high, Quantity)
    return (Range(low.node, high.node, False, False),)


def _united(answer: Union) -> tuple[Range, ...] | None:
    parts = [_points(part) or _ranges(part) for part in answer.parts]
    if any(part is None for part in parts):
        return None
    if answer.operator == "cup":
        return _merged([piece for part in parts for piece in part or ()])
    remaining = parts[0]
    for part in parts[1:]:
        remaining = _common(remaining or (), part or () if answer.operator == "cap" else _outside(part or ()))
    return remaining


def _points(answer: Answer) -> tuple[Range, ...] | None:
    if isinstance(answer, Sequence) and answer.opening == r"\{":
        nodes = [item.node for item in answer.items if isinstance(item, Quantity)]
        if len(nodes) == len(answer.items):
            return _merged([Range(node, node, True, True) for node in nodes])
    return None


def _listed(items: tuple[Answer, ...]) -> tuple[Range, ...] | None:
    parts = [_ranges(item) for item in items]
    if any(part is None for part in parts):
        return None
    joins = {item.joined for item in items if isinstance(item, Relation)} - {""}
    common = parts[0] or ()
    for part in parts[1:]:
        common = _common(common, part or ())
    if joins == {"or"} or (not common and "and" not in joins):
        return _merged([piece for part in parts for piece in part or ()])
    return common


def _inequality(relation: Relation) -> tuple[Range, ...] | None:
    relation = isolated(relation)
    terms, operators = relation.terms, relation.operators
    if operators == ("in",):
        return _ranges(terms[1])
    if len(terms) > 3 or not all(isinstance(term, Quantity) for term in terms):
        return None
    nodes = [term.node for term in terms if isinstance(term, Quantity)]
    sized = [k for k, node in enumerate(nodes) if node[0] == "abs" and node[1][0] == "var"]
    if len(sized) == 1:  # |x| < 3
        inner = tuple(Quantity(node[1] if k in sized else node, "") for k, node in enumerate(nodes))
        within = _inequality(Relation(operators, inner, relation.names, relation.joined))
        right = _common(within or (), (Range(("num", Fraction(0), None), _INF, True, False),))
        left = [Range(("neg", piece.high), ("neg", piece.low), piece.high_in, piece.low_in) for piece in right]
        return _merged([*left, *right]) if within is not None else None
    nodes = [("var", name) if _CALL.fullmatch(name) else node for node, name in zip(nodes, relation.names, strict=True)]
    places = [k for k, node in enumerate(nodes) if node[0] == "var"]
    if len(places) != 1 or any(variables(node) for k, node in enumerate(nodes) if k != places[0]):
        return None
    place = places[0]
    if operators == ("ne",):
        point = nodes[1 - place]
        return (Range(("neg", _INF), point, False, False), Range(point, _INF, False, False))
    if any(name not in FLIPPED for name in operators):
        return None
    low, high = (("neg", _INF), False), (_INF, False)
    for k, name in enumerate(operators):
        if place not in {k, k + 1}:
            return None
        # Read every comparison with the variable on the left.
        sense, end = (name, nodes[k + 1]) if place == k else (FLIPPED[name], nodes[k])
        if sense in {">", "ge"}:
            low = end, sense == "ge"
        else:
            high = end, sense == "le"
    return (Range(low[0], high[0], low[1], high[1]),)


@lru_cache(maxsize=4096)
def _number(node: Node) -> Any:
    """The end as a number to sort by; None where it depends on a variable."""
    if node == _INF:
        return float("inf")
    if node == ("neg", _INF):
        return float("-inf")
    if node == ("neg", ("neg", _INF)):
        return float("inf")
    if variables(node):
        return None
    value = rational(node)
    if value is None:
        raise NoValueError("an interval's end that is not real, or too large")
    return value


def _merged(pieces: list[Range]) -> tuple[Range, ...]:
    if len(pieces) > PIECES:
        raise TooLargeError("a set of too many pieces")
    if any(end is None for piece in pieces for end in piece.ends):
        return tuple(pieces)
    merged: list[Range] = []
    for piece in sorted(pieces, key=lambda piece: (piece.ends[0], not piece.low_in)):
        last = merged[-1] if merged else None
        if (
            last is None
            or last.ends[1] < piece.ends[0]
            or (last.ends[1] == piece.ends[0] and not (last.high_in or piece.low_in))
        ):
            merged.append(piece)
            continue
        further = max((last, piece), key=lambda each: (each.ends[1], each.high_in))
        merged[-1] = Range(last.low, further.high, last.low_in, further.high_in)
    return tuple(merged)


def _common(one: tuple[Range, ...], other: tuple[Range, ...]) -> tuple[Range, ...]:
    pieces = []
    if len(one) * len(other) > PIECES:
        raise TooLargeError("sets of too many pieces")
    for left in one:
        for right in other:
            if any(end is None for end in (*left.ends, *right.ends)):
                raise NoValueError("ends without order")
            start = max((left, right), key=lambda each: (each.ends[0], not each.low_in))
            stop = min((left, right), key=lambda each: (each.ends[1], each.high_in))
            piece = Range(start.low, stop.high, start.low_in, stop.high_in)
            low, high = piece.ends
            if low < high or (low == high and piece.low_in and piece.high_in):
                pieces.append(piece)
    return _merged(pieces)


def _outside(pieces: tuple[Range, ...]) -> tuple[Range, ...]:
    outside = _whole_line()
    for piece in pieces:
        sides = (
            Range(("neg", _INF), piece.low, False, not piece.low_in),
            Range(piece.high, _INF, not piece.high_in, False),
        )
        outside = _common(outside, tuple(side for side in sides if side.ends[0] != side.ends[1]))
    return outside

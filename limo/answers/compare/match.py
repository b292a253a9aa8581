"""Two parsed answers of any form → whether they are equal; used by compare.decide."""

import re
from collections.abc import Sequence as Many

from limo.answers.compare.conditioned import conditioned
from limo.answers.compare.equality import all_equal, quantities, values
from limo.answers.compare.intervals import finite, ranges, same_ranges
from limo.answers.compare.prose import same_words
from limo.answers.compare.relations import assigned, relations, states
from limo.answers.compare.value import Decision
from limo.answers.parse.clock import full_hour
from limo.answers.parse.forms import (
    Answer,
    Conditioned,
    Matrix,
    Opaque,
    Quantity,
    Relation,
    Sequence,
    Union,
    Words,
)

_LIST = 60  # items of an unordered list; beyond it only the written order is compared


def match(one: Answer, other: Answer) -> Decision:  # noqa: C901, PLR0912 - the table of pairs of shapes
    """Compare two structured answers; the verdict is the same in both argument orders."""
    if one == other:
        return True, "literal"
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return quantities(one, other)
    if isinstance(one, Conditioned) or isinstance(other, Conditioned):
        return conditioned(one, other, match)
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Relation) and not isinstance(right, Relation | Sequence | Union | Words | Opaque):
            return states(left, right, match)
    if isinstance(one, Relation) and isinstance(other, Relation):
        return relations(one, other, match)
    decided = _sets(one, other)
    if decided is not None:
        return decided
    if isinstance(one, Words) and isinstance(other, Words):
        return same_words(one.text, other.text)
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Relation) and isinstance(right, Words | Opaque) and (value := assigned(left)) is not None:
            return match(value, right)
        if isinstance(left, Words) and isinstance(right, Quantity):
            if left.text.startswith("clock "):
                hour = full_hour(left.text)
                return (False if hour is None or right.unit else values(("num", hour, None), right.node)[0]), "time"
            return (None if re.search(r"\d", left.text) else False), "text"
    if one == Opaque(r"\dots") or other == Opaque(r"\dots"):
        return False, "ellipsis"
    if isinstance(one, Matrix) or isinstance(other, Matrix):
        return matrices(one, other)
    if isinstance(one, Sequence) or isinstance(other, Sequence):
        return sequences(one, other)
    if isinstance(one, Opaque) and isinstance(other, Opaque) and one.text == other.text:
        return True, "spelling"
    return (None, "unread") if isinstance(one, Opaque) or isinstance(other, Opaque) else (False, "shape")


def _sets(one: Answer, other: Answer) -> Decision | None:
    """Sets of reals, when at least one side can be nothing else; None when they are lists or tuples."""
    shapes = [_shape(side) for side in (one, other)]
    if "set" not in shapes:
        return None
    left, right = (ranges(side) or finite(side) for side in (one, other))
    if left is None or right is None:
        return None
    return same_ranges(left, right)


def _shape(answer: Answer) -> str:
    if isinstance(answer, Union) or (isinstance(answer, Relation) and set(answer.operators) != {"="}):
        return "set"
    if isinstance(answer, Sequence):
        if answer.opening + answer.closing in {"(]", "[)"}:
            return "set"
        if answer.opening in {"(", "["} and len(answer.items) == 2 and any(_infinite(item) for item in answer.items):
            return "set"
        if answer.opening == "" and answer.items and all(_shape(item) == "set" for item in answer.items):
            return "set"
        if (answer.opening, len(answer.items)) == ("[", 2) and (pieces := ranges(answer)) is not None and pieces:
            return "bracket"
    return "other"


def _infinite(item: Answer) -> bool:
    return isinstance(item, Quantity) and item.node in {("const", "inf"), ("neg", ("const", "inf"))}


def sequences(one: Answer, other: Answer) -> Decision:  # noqa: C901, PLR0912 - one rule of order per line
    r"""Compare lists, sets, tuples and ratios.

    Lists and \{sets\} have no order, (tuples) and [brackets] have one, and a tuple imposes its order on a list. A
    single value is a list of one.
    """
    left, right = (_sequence(side) for side in (one, other))
    if left is None or right is None:
        return (None, "unread") if Opaque in {type(one), type(other)} else (False, "shape")
    if "-" in {left.opening, right.opening}:
        return _hyphenated(left, right)
    if ":" in {left.opening, right.opening}:
        return _ratio(left, right)
    if {left.opening, right.opening} == {"[", "("} and len(left.items) == 2 and _shape(left) != _shape(right):
        return False, "interval ends"
    relational = any(isinstance(item, Relation) for item in (*left.items, *right.items))
    if {left.opening, right.opening} == {"(", r"\{"} and len(left.items) == len(right.items) == 2 and not relational:
        return False, "set"  # a pair or an open interval
    if {left.opening, right.opening} == {"[", r"\{"} and "bracket" in {_shape(left), _shape(right)}:
        return False, "set"
    items = [_assignments(side.items) for side in (left, right)]
    named = [names for names, _ in items]
    if any(named) and not all("_" in name for names in named for name in names):  # x_1, x_2 for x
        named = [tuple(name.split("_")[0] for name in names) for names in named]
    if all(named) and len(set(named[0])) > 1 and sorted(named[0]) == sorted(named[1]):
        pairs = [sorted(zip(*each, strict=True), key=lambda pair: str(pair[0])) for each in items]
        return all_equal(match(a, b) for (_, a), (_, b) in zip(*pairs, strict=True))
    if all(named) and set(named[0]) != set(named[1]) and any(len(set(names)) == len(names) > 1 for names in named):
        return False, "variables"
    values = [list(each) for _, each in items]
    plain = left.opening == right.opening == "" and not any(named)
    if r"\{" in {left.opening, right.opening} or (plain and len(values[0]) != len(values[1])):
        values = [_distinct(each) for each in values]
    if len(values[0]) != len(values[1]):
        return _missing(values), "number of values"
    # Names such as x = 1, y = 2 give an order as brackets do.
    distinct = any(each and len(set(each)) == len(each) > 1 for each in named)
    sets = r"\{" in {left.opening, right.opening}
    ordered = (({"(", "["} & {left.opening, right.opening}) or distinct) and not sets
    if distinct and bool(named[0]) != bool(named[1]) and ordered:  # y = 2, x = 1 for (1, 2)
        side = 0 if named[0] else 1
        sorted_values = [
            value for _, value in sorted(zip(named[side], values[side], strict=True), key=lambda pair: pair[0])
        ]
        if all_equal(match(a, b) for a, b in zip(sorted_values, values[1 - side], strict=True))[0]:
            return True, "assignments"
    if ordered or len(values[0]) > _LIST:
        return all_equal(match(a, b) for a, b in zip(*values, strict=True))
    return _matching(*values)


def _sequence(answer: Answer) -> Sequence | None:
    if isinstance(answer, Sequence):
        return answer
    if isinstance(answer, Relation):
        *names, last = answer.terms
        if len(names) > 1 and all(isinstance(name, Quantity) and name.node[0] == "var" for name in names):  # x = y = 1
            pairs = zip(names, answer.names, strict=False)
            return Sequence("", "", tuple(Relation(("=",), (name, last), (written, ""), "") for name, written in pairs))
        value = assigned(answer)
        return value if isinstance(value, Sequence) else Sequence("", "", (answer,))
    return Sequence("", "", (answer,)) if isinstance(answer, Quantity | Words) else None


def _assignments(items: Many[Answer]) -> tuple[tuple[str, ...], tuple[Answer, ...]]:
    """Names and values where every item is an assignment; no names and the items themselves otherwise."""
    values = [assigned(item) if isinstance(item, Relation) and item.operators == ("=",) else None for item in items]
    if items and all(value is not None for value in values):
        names = tuple(item.names[0] for item in items if isinstance(item, Relation))
        return names, tuple(value for value in values if value is not None)
    return (), tuple(value if value is not None else item for item, value in zip(items, values, strict=True))


def _missing(values: list[list[Answer]]) -> bool | None:
    dots = any(item == Opaque(r"\dots") for each in values for item in each)
    if not dots:
        return False
    return False if values[0] and values[1] and match(values[0][-1], values[1][-1])[0] is False else None


def _distinct(items: list[Answer]) -> list[Answer]:
    distinct: list[Answer] = []
    for item in items:
        if len(distinct) > _LIST or not any(match(item, each)[0] for each in distinct):
            distinct.append(item)
    return distinct


def _matching(one: list[Answer], other: list[Answer]) -> Decision:
    """Pair every item with an equal one on the other side."""
    free = list(other)
    for item in one:
        place = next((place for place, candidate in enumerate(free) if match(item, candidate)[0]), None)
        if place is None:
            if all(match(item, candidate)[0] is False for candidate in other):  # spares nested lists the whole table
                return False, "list"
            return _unmatched(one, other), "list"
        del free[place]
    return True, "list"


def _unmatched(one: list[Answer], other: list[Answer]) -> bool | None:
    """False where some item of either side surely equals none of the other side, or no pair is in doubt."""
    table = [[match(a, b)[0] for b in other] for a in one]
    if any(all(equal is False for equal in line) for line in [*table, *zip(*table, strict=True)]):
        return False
    return None if any(equal is None for line in table for equal in line) else False


def _hyphenated(one: Sequence, other: Sequence) -> Decision:
    """Compare two numbers with a hyphen, such as a range, with another answer.

    Written alike on both sides, both numbers count. Otherwise it is the closed interval, or the difference that it
    spells; what else it may be is not decided.
    """
    if one.opening == other.opening:
        equal, _ = all_equal(match(*pair) for pair in zip(one.items, other.items, strict=True))
        return equal, "range"
    written, value = (one, other) if one.opening == "-" else (other, one)
    if len(value.items) == 1 and isinstance(value.items[0], Quantity):
        low, high = (item for item in written.items if isinstance(item, Quantity))
        return quantities(Quantity(("add", low.node, ("neg", high.node)), high.unit), value.items[0])
    if len(value.items) != 2:
        return False, "range"
    equal, _ = all_equal(match(*pair) for pair in zip(written.items, value.items, strict=True))
    return equal and (value.opening + value.closing == "[]" or None), "range"


def _ratio(one: Sequence, other: Sequence) -> Decision:
    """Compare a ratio with a ratio, a fraction or a number by proportion, with a list or pair item by item."""
    if one.opening != other.opening and min(len(one.items), len(other.items)) > 1:
        equal, _ = all_equal(match(*pair) for pair in zip(one.items, other.items, strict=False))
        return equal and len(one.items) == len(other.items), "ratio"
    sides = []
    for side in (one, other):
        items = side.items
        if side.opening != ":" and len(items) == 1 and isinstance(items[0], Quantity) and items[0].node[0] == "div":
            items = tuple(Quantity(node, "") for node in items[0].node[1:])
        elif side.opening != ":" and len(items) == 1 and isinstance(items[0], Quantity):
            items = (items[0], Quantity(("num", 1, None), ""))
        sides.append([item.node for item in items if isinstance(item, Quantity)])
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        return False, "ratio"
    if any(node == sides[0][-1] == ("num", 0, None) for node in sides[0]):
        return None, "ratio"
    shares = [[Quantity(("div", node, nodes[-1]), "") for node in nodes[:-1]] for nodes in sides]
    equal, _ = all_equal(match(*pair) for pair in zip(*shares, strict=True))
    return equal, "ratio"


def matrices(one: Answer, other: Answer) -> Decision:
    """Compare matrices cell by cell, a row or column against a tuple, and the pieces of cases in any order."""
    left, right = (_rows(side) for side in (one, other))
    if left is None or right is None:
        return False, "matrix"
    kinds = {side.kind for side in (one, other) if isinstance(side, Matrix)}
    if "cases" in kinds:
        rows = [[Sequence("(", ")", row) if len(row) > 1 else row[0] for row in side] for side in (left, right)]
        return _matching(*rows) if len(rows[0]) == len(rows[1]) else (False, "cases")
    if len(kinds) > 1:
        return False, "matrix"
    shapes = [[len(row) for row in side] for side in (left, right)]
    if shapes[0] != shapes[1] and not (isinstance(one, Matrix) and isinstance(other, Matrix)):
        flat = [[cell for row in side for cell in row] for side in (left, right)]
        vector = min(len(left), len(left[0])) == 1 and min(len(right), len(right[0])) == 1
        same = vector and len(flat[0]) == len(flat[1])
        return all_equal(match(a, b) for a, b in zip(*flat, strict=True)) if same else (False, "matrix")
    if shapes[0] != shapes[1]:
        return False, "matrix"
    return all_equal(match(a, b) for rows in zip(left, right, strict=True) for a, b in zip(*rows, strict=True))


def _rows(answer: Answer) -> tuple[tuple[Answer, ...], ...] | None:
    if isinstance(answer, Matrix):
        return answer.rows or None
    if isinstance(answer, Sequence) and answer.items:
        if all(isinstance(item, Sequence) and item.items for item in answer.items):
            return tuple(item.items for item in answer.items if isinstance(item, Sequence))
        return tuple((item,) for item in answer.items)
    return None

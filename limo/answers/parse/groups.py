"""A list of assignments → the solutions that it lists, each with its own values; used by structure."""

import re
from itertools import pairwise

from limo.answers.parse.forms import Answer, Quantity, Relation, Sequence

_INDEX = re.compile(r"_\d+$")


def grouped(items: list[Answer], separators: list[str]) -> tuple[Answer, ...]:
    """The items of a list; m = 4, n = 9, m = 6, n = 1 are two solutions, each a list of m and n.

    So are x_1 = 1, y_1 = 2, x_2 = 3, y_2 = 4, and 4, 9 or 6, 1 by the signs between the items, `separators`. A list in
    which a name comes again before all others have come is no such list, and one letter alone has several values.
    """
    if "or" in separators and len(separators) == len(items) - 1 and all(isinstance(item, Quantity) for item in items):
        return _alternatives(items, separators)
    names = [item.names[0] if isinstance(item, Relation) and item.operators == ("=",) else "" for item in items]
    if all(_INDEX.search(name) for name in names):
        names = [_INDEX.sub("", name) for name in names]
    width = len(set(names))
    if not all(names) or width < 2 or len(names) % width or len(names) == width:
        return tuple(items)
    starts = range(0, len(names), width)
    if any(set(names[start : start + width]) != set(names) for start in starts):
        return tuple(items)
    return tuple(Sequence("", "", tuple(items[start : start + width])) for start in starts)


def _alternatives(items: list[Answer], separators: list[str]) -> tuple[Answer, ...]:
    """Lists of equal length with "or" between them; the items themselves where it joins single values."""
    ends = [place + 1 for place, sign in enumerate(separators) if sign == "or"]
    parts = [tuple(items[start:end]) for start, end in pairwise([0, *ends, len(items)])]
    if {len(part) for part in parts} == {1} or len({len(part) for part in parts}) > 1:
        return tuple(items)
    return tuple(Sequence("", "", part) for part in parts)

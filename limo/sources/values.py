"""A row as a publisher wrote it → its values by dotted names; used by acquire and benchmarks."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from limo.answers.compare.decide import compare

_CONTROLS = frozenset("\b\f\n\r\t")  # what JSON makes of a LaTeX command that nobody escaped: "\frac"


def nested(row: Any, column: str) -> Any:
    """The value under a dotted column name, None where there is none; a number is a position in a list."""
    return _found(row, column)[1]


def has(row: Any, column: str) -> bool:
    """Whether a row has a dotted column, whatever its value."""
    return _found(row, column)[0]


def _found(row: Any, column: str) -> tuple[bool, Any]:
    for part in column.split("."):
        if isinstance(row, Mapping) and part in row:
            row = row[part]
        elif isinstance(row, list) and part.isdecimal() and int(part) < len(row):
            row = row[int(part)]
        else:
            return False, None
    return True, row


def columns(row: Any, before: str = "") -> Iterator[str]:
    """The dotted names of all values in a row that are no rows themselves; of a list, those of its first place."""
    inner = row.items() if isinstance(row, Mapping) else [("0", row[0])] if _is_rows(row) else ()
    if not inner and before:
        yield before
    for name, value in inner:
        yield from columns(value, f"{before}.{name}" if before else str(name))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def listed(value: Any) -> Any:
    """A list that is written as JSON text, as Skywork writes its answers ('["34"]'), as a list; else the value.

    Only a list of texts is one: `[1, 2]` may be an interval. Backslashes that were not escaped are read as they stand.
    """
    if not isinstance(value, str) or not value.strip().startswith('["'):
        return value
    for text in (value, value.replace("\\", "\\\\")):
        try:
            parts = json.loads(text)
        except ValueError:
            continue
        if all(isinstance(part, str) and _CONTROLS.isdisjoint(part) for part in parts):
            return parts
    return value


def one_of(alternatives: list[Any]) -> Any:
    """The first of several answers where all say the same (`answers.compare`), else None."""
    if not alternatives or not all(isinstance(value, str | int | float) for value in alternatives):
        return None
    first, *others = map(str, alternatives)
    same = all(other == first or compare(other, first, {})[0] == "correct" for other in others)
    return alternatives[0] if same else None

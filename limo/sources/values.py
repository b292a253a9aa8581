"""A row and a dotted column name → the value there; used by acquire and benchmarks."""

from collections.abc import Mapping
from typing import Any


def nested(row: Any, column: str) -> Any:
    """The value under a dotted column name, None where there is none; a number is a position in a list."""
    for part in column.split("."):
        if isinstance(row, Mapping):
            row = row.get(part)
        elif isinstance(row, list) and part.isdecimal() and int(part) < len(row):
            row = row[int(part)]
        else:
            return None
    return row

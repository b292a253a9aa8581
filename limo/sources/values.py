import re
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


def last_boxed(text: str) -> str | None:
    r"""The content of the last \boxed{…} with balanced braces, None where there is none."""
    opened: list[re.Match[str]] = []
    start, end = -1, -1
    for token in re.finditer(r"\\boxed\s*\{|\\.|[{}]", text, re.DOTALL):
        if token.group().endswith("{") and token.group() != "\\{":
            opened.append(token)
        elif token.group() == "}" and opened:
            opening = opened.pop()
            if len(opening.group()) > 1 and opening.end() > start:
                start, end = opening.end(), token.start()
    return None if start < 0 else text[start:end]

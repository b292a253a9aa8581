"""Values → cells and labelled lines of text; used by `limo explain`."""

from typing import Any

LABEL = 17  # characters of a label
SHORT = 100  # characters of a text that is not shown in full


def cell(value: Any, *, full: bool) -> str:
    """One value on one line: a dash for null, three decimals, yes or no, and text that is cut unless `full`."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return ", ".join(cell(inner, full=full) for inner in value) or "-"
    line = " ".join(str(value).split())
    return line if full or len(line) <= SHORT else f"{line[: SHORT - 1]}…"


def labelled(label: str, value: Any, *, full: bool, indent: int) -> str:
    """A label and its value; in full a text has its own lines, under one another."""
    start = f"{' ' * indent}{label:{LABEL}} "
    lines = value.strip().splitlines() if full and isinstance(value, str) else [cell(value, full=full)]
    return start + f"\n{' ' * len(start)}".join(lines)

from collections.abc import Sequence
from typing import Any

SHORT = 100  # characters of a text that is not shown in full


def aligned(rows: Sequence[Sequence[str]], left: int, indent: int) -> list[str]:
    """Lines of columns: the first `left` to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        " " * indent
        + "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def cell(value: Any) -> str:
    """One value as a table shows it: a dash for null, three decimals, yes or no."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    return ", ".join(map(cell, value)) or "-" if isinstance(value, list) else shown(str(value), full=False)


def shown(text: str, *, full: bool) -> str:
    """A text on one line, and cut unless `full`; in full it stays as it is."""
    if full:
        return text
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"

"""Rows of cells → aligned lines of text; used by `limo plan`, `limo explain` and `limo funnel`."""

from collections.abc import Sequence


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

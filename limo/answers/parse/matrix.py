"""The tokens of a LaTeX environment → a matrix, its determinant, cases or a list; used by structure."""

from collections.abc import Callable
from fractions import Fraction

from limo.answers.parse.expression import expression
from limo.answers.parse.forms import Answer, Matrix, Quantity, Sequence
from limo.answers.parse.numerals import Node, NoExpressionError
from limo.answers.parse.tokens import Token, split

OPERATIONS = 400  # of all entries of a determinant: what it expands to has many times as many


def matrix(stream: list[Token], cell: Callable[[list[Token]], Answer]) -> Answer:
    """Read an environment from its begin to its end token; `cell` reads one entry."""
    name = stream[0][1]
    body = stream[1:-1]
    rows = [split(row, {"&"})[0] for row in split(body, {"cr"})[0] if row]
    cells = tuple(tuple(cell(entry) for entry in row) for row in rows)
    if name == "cases" and all(len(row) == 1 for row in cells):
        return Sequence("", "", tuple(cell for row in cells for cell in row))
    if name in {"aligned", "align", "gathered", "split", "equation"}:
        return Sequence("", "", tuple(cell for row in cells for cell in row))
    if name == "vmatrix":
        return Quantity(_determinant([[_cell_node(cell) for cell in row] for row in cells]), "")
    return Matrix("cases" if name == "cases" else "matrix", cells)


def scaled_matrix(before: list[Token], matrix: Answer) -> Answer:
    """A matrix with a factor, or the determinant of one."""
    if not before:
        return matrix
    if not isinstance(matrix, Matrix) or matrix.kind != "matrix":
        raise NoExpressionError("a factor before what is no matrix")
    if before == [("cmd", "det")]:
        return Quantity(_determinant([[_cell_node(cell) for cell in row] for row in matrix.rows]), "")
    sign = before == [("op", "-")]
    factor: Node = ("neg", ("num", Fraction(1), None)) if sign else expression(before)
    rows = tuple(tuple(Quantity(("mul", factor, _cell_node(cell)), "") for cell in row) for row in matrix.rows)
    return Matrix("matrix", rows)


def _cell_node(cell: Answer) -> Node:
    if not isinstance(cell, Quantity) or cell.unit:
        raise NoExpressionError("a determinant's entry is no expression")
    return cell.node


def _operations(node: Node) -> int:
    """How many operations an expression has, counted up to OPERATIONS."""
    waiting, count = [node], 0
    while waiting and count <= OPERATIONS:
        waiting += [child for child in waiting.pop()[1:] if isinstance(child, tuple)]
        count += 1
    return count


def _determinant(rows: list[list[Node]]) -> Node:
    if (
        len(rows) > 4
        or sum(_operations(entry) for row in rows for entry in row) > OPERATIONS
        or any(len(row) != len(rows) for row in rows)
    ):
        raise NoExpressionError("no determinant that is computed here")
    if len(rows) == 1:
        return rows[0][0]
    terms: list[Node] = []
    for k, entry in enumerate(rows[0]):
        minor = ("mul", entry, _determinant([row[:k] + row[k + 1 :] for row in rows[1:]]))
        terms.append(("neg", minor) if k % 2 else minor)
    return ("add", *terms)

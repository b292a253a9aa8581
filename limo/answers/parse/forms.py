"""The forms that a parsed answer can have; used by all that reads or compares answers."""

from dataclasses import dataclass

from limo.answers.parse.numerals import Node


@dataclass(frozen=True)
class Quantity:
    """An expression and the unit written after it ("" without one, "%" for a percentage, "degree" for an angle)."""

    node: Node
    unit: str


@dataclass(frozen=True)
class Sequence:
    r"""Several answers: opening "" is a plain list, "\{" a set, "(" and "[" a tuple or interval, ":" a ratio."""

    opening: str
    closing: str
    items: tuple["Answer", ...]


@dataclass(frozen=True)
class Relation:
    """Terms joined by =, <, >, le, ge, ne, in; `names` are the terms' spellings."""

    operators: tuple[str, ...]
    terms: tuple["Answer", ...]
    names: tuple[str, ...]
    joined: str  # "" or the word before it in a list ("and", "or", ",")


@dataclass(frozen=True)
class Union:
    """Sets joined by the operator `cup`, `cap` or `setminus`."""

    operator: str
    parts: tuple["Answer", ...]


@dataclass(frozen=True)
class Matrix:
    """Rows of cells; `kind` is `matrix`, or `cases` for a list of pieces."""

    kind: str
    rows: tuple[tuple["Answer", ...], ...]


@dataclass(frozen=True)
class Words:
    """Text, in lower case without punctuation and articles."""

    text: str


@dataclass(frozen=True)
class Opaque:
    """What this grammar does not read, in `compact` spelling."""

    text: str


Answer = Quantity | Sequence | Relation | Union | Matrix | Words | Opaque
EMPTY = Sequence(r"\{", r"\}", ())
REALS = Sequence("(", ")", (Quantity(("neg", ("const", "inf")), ""), Quantity(("const", "inf"), "")))


class TooComplexError(ValueError):
    """The answer is too long or nested too deeply to be one."""

"""The forms that a parsed answer can have; used by all that reads or compares answers."""

from dataclasses import dataclass, replace

from limo.answers.parse.numerals import Node, renamed, variables


@dataclass(frozen=True)
class Quantity:
    """An expression and the unit written after it ("" without one, "%" for a percentage, "degree" for an angle)."""

    node: Node
    unit: str


@dataclass(frozen=True)
class Sequence:
    r"""Several answers: opening "" is a plain list, "\{" a set, "(" and "[" a tuple or interval, ":" a ratio,
    "-" two numbers with a hyphen (a range, a score, or a difference)."""

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
class Conditioned:
    """An answer, the conditions behind it, and the letters that these let free (k of "for any integer k")."""

    answer: "Answer"
    conditions: tuple["Answer", ...]
    free: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Text, in lower case without punctuation and articles."""

    text: str


@dataclass(frozen=True)
class Opaque:
    """What this grammar does not read, in `compact` spelling."""

    text: str


Answer = Quantity | Sequence | Relation | Union | Matrix | Conditioned | Words | Opaque
EMPTY = Sequence(r"\{", r"\}", ())
REALS = Sequence("(", ")", (Quantity(("neg", ("const", "inf")), ""), Quantity(("const", "inf"), "")))


def letters(answer: Answer) -> frozenset[str]:
    """Names of all variables in an answer."""
    if isinstance(answer, Quantity):
        return variables(answer.node)
    parts: tuple[Answer, ...] = ()
    if isinstance(answer, Sequence):
        parts = answer.items
    elif isinstance(answer, Relation):
        parts = answer.terms
    elif isinstance(answer, Union):
        parts = answer.parts
    elif isinstance(answer, Matrix):
        parts = tuple(cell for row in answer.rows for cell in row)
    elif isinstance(answer, Conditioned):
        parts = (answer.answer,)
    return frozenset[str]().union(*map(letters, parts))


def with_letter(answer: Answer, name: str, other: str) -> Answer:
    """An answer with one variable under another name."""
    if isinstance(answer, Quantity):
        return Quantity(renamed(answer.node, name, other), answer.unit)
    if isinstance(answer, Sequence):
        return replace(answer, items=tuple(with_letter(item, name, other) for item in answer.items))
    if isinstance(answer, Relation):
        return replace(answer, terms=tuple(with_letter(term, name, other) for term in answer.terms))
    return answer


class TooComplexError(ValueError):
    """The answer is too long or nested too deeply to be one."""

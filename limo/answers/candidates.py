"""A row of symbols of a sentence → what it may say: its value, and how plainly; used by prose."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from limo.answers import phrases
from limo.answers.phrases import Level
from limo.answers.runs import Marked, Piece, Symbols
from limo.answers.sides import RELATION, named, sides

AROUND = 80  # characters before a row of symbols that say what it is
_SPACED = re.compile(r"(?:\D\s?)?\d{1,3}(?:\s\d{3})+(?:\.\d+)?")  # thousands apart by blanks
_VALUE = re.compile(r"\d|π|∞|\\(?:pi|infty|emptyset|varnothing)")


@dataclass(frozen=True)
class Asked:
    """What question and reference answer say of the value: the question's numbers, and what is asked for.

    `several` asks for more than one value; with `relation` an equation or inequality stays whole, else its right side
    counts.
    """

    given: Collection[str]
    several: bool
    relation: bool


class Candidate(NamedTuple):
    """A row of symbols, its value and level, the left side of its equation, and whether that computes the value."""

    run: Symbols
    value: str
    level: Level
    left: str
    computed: bool


def read(text: Marked, piece: Piece, run: Symbols, asked: Asked) -> Candidate | None:
    """What a row of symbols says; None for a relation between numbers, such as 2 < 3, which states no value."""
    before = text.held[max(piece.start, run.start - AROUND) : run.start]
    led = run.text[0] in "=≈"
    said = run.text.lstrip("=≈ ") if led else run.text
    left, right = sides(said) if RELATION.search(said) and not asked.relation else ("", None)
    if right is None and left and not named(said):
        return None
    computed = led or (right is not None and not named(left))
    if right is not None and not named(left) and re.fullmatch(r"[A-Za-z]\w*", right):
        left, right = right, left  # 6 = x
    equated = right is not None and (computed or not phrases.CONDITION.search(before))
    said = (right or said).strip()
    level = Level.EQUATED if led or equated else _level(text, piece, run, before, said)
    if not _VALUE.search(said):
        told = (
            level == Level.EQUATED
            and not led
            and (re.search(r"\W", said) or phrases.LAST.fullmatch(text.held, run.end, piece.end))
        )
        level = Level.ACTED if told else Level.NAMED
    if asked.relation and RELATION.search(said):
        level = max(level, Level.ACTED)
    value = said.replace(" ", "") if _SPACED.fullmatch(said) else said
    return Candidate(run, value, level, left.strip() if right else "", computed)


def _level(text: Marked, piece: Piece, run: Symbols, before: str, said: str) -> Level:
    if phrases.CLAIMED.match(text.held, run.end, piece.end):
        return Level.ACTED
    return phrases.level(before, named(said)) if run.whole else Level.BESIDE


def bare(value: str) -> str:
    """A value without spaces, thousands' commas and marks: equal ones are one value."""
    return re.sub(r"[\s,$\\]", "", value)

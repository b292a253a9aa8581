"""The signs of a step → the two sides of an equals sign, where they are expressions of numbers; used by equalities."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from limo.quality.signs import NEWLINE, Token

_LONGEST = 60  # signs of a side
# Words beside a number that calculate with it, so that what stands after them is not the whole expression.
_CALCULATING = frozenset(
    "of times plus minus by over from than per mod modulo modulus divided multiplied subtracted added choose squared "
    "cubed power raised root remainder percent hundred hundreds thousand thousands million millions billion dozen "
    "pairs factorial base average half twice double triple digits sum product difference quotient between through "
    "followed sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp max min lcm det abs floor "
    "ceil".split()
)
_BINARY = frozenset("+-*/:^")
_FACTOR = re.compile(r"(\d) \((?! *-? *\d+ *\) *\d)")  # not a mixed number: 16(1/2)
_TAKEN = frozenset({"number", "operator", "raised", "function", "postfix"})  # wherever they stand
_LEVELS = {"opening": 1, "closing": -1}
_UNITS = 4  # words, at most, of which a unit is the last or the first


class Side(NamedTuple):
    """One side of an equality, and whether units were left out of it."""

    text: str
    units: bool


class Move(NamedTuple):
    """What a sign means for a side: take, skip, stop or refuse; where to read on; whether a unit was left out."""

    what: str
    place: int
    units: bool


Judge = Callable[[Sequence[Token], int, int, str], Move]


def left(stream: Sequence[Token], equal: int) -> Side | None:
    """The expression that ends at an equals sign; None where it is none of numbers alone."""
    if equal and stream[equal - 1].kind == "opaque":
        return None
    found = _read(stream, equal - 1, -1, _before)
    if found is None:
        return None
    taken, units, end = found
    before = stream[end] if end >= 0 else NEWLINE
    word = before.kind == "word"
    # A first sign that calculates belongs to what stands before it; so does a minus after a word or a bar.
    if not taken or taken[-1] in _BINARY - {"-"} or (taken[-1] == "-" and (word or before.text == "|")):
        return None
    return None if word and before.text.lower() in _CALCULATING else _side(taken[::-1], units)


def right(stream: Sequence[Token], equal: int) -> Side | None:
    """The expression that begins after an equals sign; None where it is none of numbers alone."""
    found = _read(stream, equal + 1, 1, _after)
    if found is None or not found[0] or found[0][-1] in _BINARY:
        return None
    return _side(found[0], found[1])


def _side(taken: list[str], units: bool) -> Side:
    """A side in the spelling of `answers.parse`; a/b ÷ c/d may be read in two ways, so that it proves nothing false."""
    text = " ".join(taken)
    return Side(_FACTOR.sub(r"\1 * (", text.replace(":", "/")), units or (":" in text and "/" in text))


def _read(stream: Sequence[Token], place: int, step: int, judge: Judge) -> tuple[list[str], bool, int] | None:
    """Signs taken from a place on in one direction, whether units were left out, and where the reading stopped."""
    while 0 <= place < len(stream) and stream[place].kind in {"marker", "newline"}:
        place += step
    taken: list[str] = []
    level, units = 0, False
    while 0 <= place < len(stream):
        kind, text = stream[place]
        if kind in _TAKEN and len(taken) < _LONGEST:
            taken.append(text)
            place += step
            continue
        level += _LEVELS.get(kind, 0) * step
        move = judge(stream, place, level, taken[-1] if taken else "")
        units |= move.units
        if move.what == "stop":
            level = max(level, 0)
            break
        if move.what == "refuse" or len(taken) >= _LONGEST:
            return None
        if move.what == "take":
            taken.append(text)
        place = move.place
    return None if level else (taken, units, place)


def _before(stream: Sequence[Token], place: int, level: int, _: str) -> Move:
    """What a sign left of an equals sign means for the side, read from its end."""
    kind, text = stream[place]
    stop, refuse = Move("stop", place, units=False), Move("refuse", place, units=False)
    if kind in {"opaque", "dots"}:
        return refuse
    if level < 0:
        boxed = place > 0 and stream[place - 1].kind == "marker"
        return refuse if text == "{" and not boxed else stop
    if kind in {"unit", "word"}:
        number = _number_before(stream, place)
        if number is not None and text.lower() not in _CALCULATING:
            return Move("skip", number, units=True)
        return refuse if kind == "unit" or level else stop
    if kind == "marker":
        return Move("skip", place - 1, units=False) if place and stream[place - 1].kind == "operator" else stop
    if kind in {"mark", "equal", "relation", "newline"}:
        return refuse if level else stop
    return Move("take", place - 1, units=False)


def _number_before(stream: Sequence[Token], place: int) -> int | None:
    """Where the number lies that the words up to `place` are the unit of; None where they follow no number."""
    if stream[place + 1].kind not in {"operator", "equal", "closing", "marker"}:
        return None
    for back in range(place, max(-1, place - _UNITS), -1):
        if stream[back].kind in {"number", "closing"}:
            return back
        if stream[back].kind not in {"unit", "word"} or stream[back].text.lower() in _CALCULATING:
            return None
    return None


def _after(stream: Sequence[Token], place: int, level: int, last: str) -> Move:
    """What a sign right of an equals sign means for the side."""
    kind, text = stream[place]
    ahead = stream[place + 1] if place + 1 < len(stream) else NEWLINE
    stop, refuse = Move("stop", place, units=False), Move("refuse", place, units=False)
    if kind == "opaque" or (kind == "dots" and "." not in last):
        return refuse
    if level < 0:
        return refuse if ahead.kind in {"operator", "raised", "postfix", "opening", "opaque"} else stop
    if kind in {"unit", "word"}:
        return _unit_after(stream, place, level)
    if kind in {"marker", "newline"}:
        return Move("skip", place + 1, units=False) if _goes_on(kind, ahead, last) else stop
    if kind in {"mark", "equal", "relation", "dots"}:
        return refuse if level or text == "?" else stop
    return Move("take", place + 1, units=False)


def _unit_after(stream: Sequence[Token], place: int, level: int) -> Move:
    """Words after a number: a unit where an operator follows them, else the end of the side."""
    end = place
    while end < min(len(stream), place + _UNITS) and stream[end].kind in {"unit", "word"}:
        if stream[end].text.lower() in _CALCULATING and (end == place or level):
            return Move("refuse", place, units=False)
        end += 1
    if end < len(stream) and (level or stream[end].kind == "operator"):
        calculating = any(sign.text.lower() in _CALCULATING for sign in stream[place:end])
        return Move("refuse" if calculating else "skip", end, units=True)
    return Move("stop", place, units=stream[place].kind == "unit")


def _goes_on(kind: str, ahead: Token, last: str) -> bool:
    """Whether an expression goes on after the end of a formula or line; a sign that begins a line may be a list's."""
    if ahead.kind == "operator":
        return kind == "marker" or ahead.text not in {"-", "*"}
    return last in {"+", "-", "*", "/"} and ahead.kind != "word"

"""A side of plain numerals and signs → its exact value, without the parser of answers; used by equalities."""

import re
from typing import NamedTuple

# Within these bounds a value has fewer bits than `equalities` computes at most.
_LONGEST = 200
_SIDE = re.compile(r"(?:(?:[-+*/(){}^]|\\frac|[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?: |$))+")
_POWER = re.compile(r"(?<![0-9.])[0-9]{1,4} \^ (?:[0-9](?![0-9.])|\{ [0-9] \})(?! \^)")
_CLOSING = {"(": ")", "{": "}"}


class Exact(NamedTuple):
    """A value as a fraction that need not be in lowest terms, and whether anything was computed for it."""

    top: int
    bottom: int
    computed: bool


def exact(side: str) -> Exact | None:
    r"""The value of numerals with + - * / ^, brackets and \frac between them; None where the parser has to read it.

    What it reads, it reads as that parser does; it leaves to it every product without a sign, mixed numbers, powers of
    anything but a short numeral, and divisions by zero.

    Args:
        side: signs with a blank between each two.
    """
    if len(side) > _LONGEST or not _SIDE.fullmatch(side) or side.count("^") != len(_POWER.findall(side)):
        return None
    signs = side.split()
    try:
        value, place = _sum(signs, 0)
    except (_OtherError, IndexError):
        return None
    return value if place == len(signs) else None


class _OtherError(ValueError):
    """The parser of answers has to read it."""


def _sum(signs: list[str], place: int) -> tuple[Exact, int]:
    value, place = _product(signs, place)
    while place < len(signs) and signs[place] in "+-":
        minus = signs[place] == "-"
        term, place = _product(signs, place + 1)
        top = value.top * term.bottom + (-1 if minus else 1) * term.top * value.bottom
        value = Exact(top, value.bottom * term.bottom, computed=True)
    return value, place


def _product(signs: list[str], place: int) -> tuple[Exact, int]:
    sign = 1
    while signs[place] in "+-":
        sign = -sign if signs[place] == "-" else sign
        place += 1
    value, place = _factor(signs, place)
    while place < len(signs) and signs[place] in "*/":
        divided = signs[place] == "/"
        factor, place = _factor(signs, place + 1)
        value = (
            _quotient(value, factor) if divided else Exact(value.top * factor.top, value.bottom * factor.bottom, True)
        )
    return Exact(sign * value.top, value.bottom, value.computed), place


def _factor(signs: list[str], place: int) -> tuple[Exact, int]:
    sign = signs[place]
    if sign[-1].isdigit():
        if signs[place + 1 : place + 2] == ["^"]:
            power, place = _factor(signs, place + 2)
            return Exact(int(sign) ** power.top, 1, computed=True), place
        places = len(sign.partition(".")[2])
        return Exact(int(sign.replace(".", "")), 10**places, computed=False), place + 1
    if sign in _CLOSING:
        value, place = _sum(signs, place + 1)
        if signs[place] != _CLOSING[sign]:
            raise _OtherError(signs[place])
        return value, place + 1
    if sign == r"\frac" and signs[place + 1] == "{":
        over, place = _factor(signs, place + 1)
        if signs[place] == "{":
            under, place = _factor(signs, place)
            return _quotient(over, under), place
    raise _OtherError(sign)


def _quotient(over: Exact, under: Exact) -> Exact:
    if not under.top:
        raise _OtherError("division by zero")
    return Exact(over.top * under.bottom, over.bottom * under.top, computed=True)

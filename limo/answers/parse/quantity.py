"""Tokens → a value with its unit, and the words around a value taken off; used by structure."""

import re
from fractions import Fraction
from itertools import pairwise

from limo.answers.parse.expression import expression
from limo.answers.parse.forms import Answer, Quantity, Relation
from limo.answers.parse.numerals import Node, NoExpressionError
from limo.answers.parse.tokens import CLOSING, OPENING, Token, spell
from limo.answers.parse.units import unit
from limo.answers.parse.words import TURNING, plain_words

_STATES = frozenset("is are equals equal be = 是 为 等于".split())
_DEGREES = re.compile(r"\\text\{\s*(?:degrees?|度)\s*\}")
_TEMPERATURES = {"C": "celsius", "F": "fahrenheit"}


def quantity(stream: list[Token]) -> Answer:  # noqa: C901 - one kind of unit per line
    """Read a value with its unit, percent or degree sign.

    Raises:
        NoExpressionError: it is none, or has words in it that are no unit.
    """
    if stream[-1] == ("op", "%") or stream[-1] == ("text", "percent"):
        return Quantity(expression(stream[:-1]), "%")
    text_at = _first_text(stream)
    if text_at and stream[text_at - 1] == ("cmd", "degree"):
        return Quantity(expression(stream[: text_at - 1]), _TEMPERATURES.get(stream[text_at][1], stream[text_at][1]))
    if text_at is None and stream[-1][0] == "letter" and stream[-2:-1] == [("cmd", "degree")]:
        return Quantity(expression(stream[:-2]), _TEMPERATURES.get(stream[-1][1], "degree"))
    if text_at is None:
        node = expression(stream)
        return Quantity(node[1], "degree") if node[0] == "deg" else Quantity(node, "")
    if text_at == 0:
        raise NoExpressionError("words")
    if len(groups := _groups(stream)) > 1:
        total = summed([quantity(group) for group in groups])
        if len(total) == 1:
            return total[0]
    stream, scale = _scaled(stream, text_at)
    rest = spell(stream[text_at:])
    if any(kind not in {"text", "letter", "num"} and text not in "/^{}-*()_" for kind, text in stream[text_at:]):
        raise NoExpressionError("words")
    node = expression(stream[:text_at])
    node = node if scale == 1 else ("mul", node, ("num", scale, None))
    if text_at == len(stream):
        return Quantity(node, "")
    if _DEGREES.fullmatch(rest):
        return Quantity(node, "degree")
    named = unit(rest)
    if named is None or (not named.known and not _has_number(node)):
        raise NoExpressionError("words")
    return Quantity(node, rest if named.dimensions else "")


def _scaled(stream: list[Token], at: int) -> tuple[list[Token], Fraction]:
    """Without the words for powers of ten and dozens at a place (5 million dollars), and what they multiply by."""
    scale = Fraction(1)
    while at < len(stream) and stream[at][0] == "text":
        word, _, rest = stream[at][1].partition(" ")
        named = unit(word)
        if named is None or not named.known or named.dimensions or named.factor == 1:
            break
        scale *= named.factor
        stream = [*stream[:at], *([("text", rest.strip())] if rest.strip() else []), *stream[at + 1 :]]
    return stream, scale


def stated(stream: list[Token]) -> list[Token]:
    """Without the words before a value ("the area is 21"), unless they change it; x is 3 becomes x = 3."""
    start = next((k for k, token in enumerate(stream) if token[0] != "text"), len(stream))
    if 0 < start < len(stream) and _value_starts(stream[start]):
        words = {word for _, text in stream[:start] for word in plain_words(text).split()}
        if words in ({"negative"}, {"minus"}):
            return [("op", "-"), *stream[start:]]
        if not words & TURNING:
            return stream[start:]
    for place, (kind, text) in enumerate(stream[:-1]):
        if (kind, text) == ("text", "to") and place and stream[place - 1][0] == stream[place + 1][0] == "num":
            return [*stream[:place], ("op", ":"), *stream[place + 1 :]]
        if place and kind == "text" and text.lower() in _STATES and _value_starts(stream[place + 1]):
            return [*stream[:place], ("op", "="), *stream[place + 1 :]]
    return stream


def summed(items: list[Answer]) -> list[Answer]:
    """2 hours and 30 minutes is one quantity: the same dimension in ever smaller units."""
    units = [unit(item.unit) if isinstance(item, Quantity) and item.unit else None for item in items]
    known = [each for each in units if each and each.known]
    if len(known) < 2 or len(known) != len(items) or len({each.dimensions for each in known}) > 1:
        return items
    if any(larger.factor <= smaller.factor for larger, smaller in pairwise(known)):
        return items
    terms = [
        ("mul", item.node, ("num", each.factor / known[-1].factor, None))
        for item, each in zip(items, known, strict=True)
        if isinstance(item, Quantity)
    ]
    last = items[-1]
    return [Quantity(("add", *terms), last.unit if isinstance(last, Quantity) else "")]


def whole_number_condition(item: Answer) -> bool:
    """A condition such as k in Z, which says nothing that is not usual."""
    if not isinstance(item, Relation) or item.operators != ("in",):
        return False
    return item.names[1].replace("mathbb:", "") in {"Z", "N", "Z+", "Z^+", "N*", "N^*", "N+", "N_+", "Z_+"}


def _has_number(node: Node) -> bool:
    return node[0] in {"num", "based"} or any(isinstance(child, tuple) and _has_number(child) for child in node[1:])


def _first_text(stream: list[Token]) -> int | None:
    level = 0
    for place, (kind, text) in enumerate(stream):
        level += (kind == "op" and text in OPENING) - (kind == "op" and text in CLOSING)
        if kind == "text" and level == 0:
            return place
    return None


def _groups(stream: list[Token]) -> list[list[Token]]:
    """Numbers that each carry a unit: 2 hours 30 minutes."""
    groups: list[list[Token]] = []
    for place, token in enumerate(stream):
        if place == 0 or (token[0] == "num" and stream[place - 1][0] == "text"):
            groups.append([])
        groups[-1].append(token)
    return groups


def _value_starts(token: Token) -> bool:
    kind, text = token
    return kind in {"num", "base", "begin"} or text in {"-", "(", "[", "{", r"\{", "frac", "sqrt", "pi", "log", "ln"}

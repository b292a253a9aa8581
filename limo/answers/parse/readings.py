"""The text of an answer → all ways to read it; used by compare.decide, and by pool for the answer type."""

import re
from fractions import Fraction
from functools import lru_cache

from limo.answers.parse.clock import clock
from limo.answers.parse.decimals import repeating, with_points
from limo.answers.parse.expression import expression
from limo.answers.parse.forms import Answer, Opaque, Quantity, Sequence, TooComplexError, Words
from limo.answers.parse.spelling import normal
from limo.answers.parse.structure import structure
from limo.answers.parse.tokens import tokens
from limo.answers.parse.units import unit
from limo.answers.parse.wordings import measured, otherwise
from limo.answers.parse.words import counted, plain_words, unwrapped

LENGTH = 4_000  # characters of an answer; a longer one is no answer
DEPTH = 40
_THOUSANDS = re.compile(r"(?<![\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")
_ZEROS = re.compile(r"\d,0\d\d(?!\d)")  # a group of thousands that is no number of its own
_BARE_UNIT = re.compile(
    r"(?P<value>[-+]?(?:\d+/\d+|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s*\*\s*10\s*\^\s*(?:\{\s*-?\d+\s*\}|-?\d+))?)"
    r"\s*(?P<unit>\\?[A-Za-z][A-Za-z0-9 */^{}()\-]*)"
)
_RATIO = re.compile(r"\d+\s*:\s*(?!00)\d+")
_WORD = re.compile(r"[A-Za-z]{3}")  # three letters may be a word or a product
_STATEMENTS = re.compile(r"(?:\(\d\)(?:\s|,|and)*){2,}")


@lru_cache(maxsize=20_000)
def readings(answer: str) -> tuple[Answer, ...]:
    """All ways to read an answer: usually one; two for `1,234` (a number or a pair) and `5 m` (metres or a product).

    Raises:
        TooComplexError: it is longer than LENGTH characters or nested more than DEPTH deep.
    """
    if len(answer) > LENGTH or _deep(answer):
        raise TooComplexError(f"an answer of {len(answer)} characters")
    spelled = repeating(normal(answer))
    if (time := clock(spelled)) and not _RATIO.fullmatch(spelled):
        return (Words(time),)
    spelled = measured(spelled)
    joined = _outward(_THOUSANDS.sub(lambda run: run[0].replace(",", ""), spelled))
    ways = [_read(joined)]
    if joined != spelled and not _ZEROS.search(spelled):
        ways.append(_read(spelled))
    if time:
        ways.append(Words(time))
    if ("," in spelled or "." in spelled) and (pointed := with_points(spelled)):
        ways += [way for way in [_read(pointed)] if not isinstance(way, Opaque | Words)]
    if number := counted(unwrapped(spelled)):
        ways.append(Quantity(("num", number[0], None), number[1]))
    if _STATEMENTS.fullmatch(joined):
        numbers = re.findall(r"\d+", joined)
        ways.append(Sequence("", "", tuple(Quantity(("num", Fraction(int(number)), None), "") for number in numbers)))
    if _WORD.fullmatch(spelled):
        ways.append(Words(plain_words(spelled)))
    ways += [_read(written) for written in otherwise(joined)]
    bare = _BARE_UNIT.fullmatch(joined)
    if bare and (named := unit(bare["unit"])) and named.known and named.dimensions:
        ways.append(Quantity(expression(tokens(bare["value"])), bare["unit"]))
    return tuple(dict.fromkeys(ways))


def _outward(spelled: str) -> str:
    """Intervals with brackets turned outward, ]a, b[, in the usual spelling."""
    turned = re.fullmatch(r"([\[\]])([^\[\]]*,[^\[\]]*)([\[\]])", spelled.strip())
    if turned is None or turned[1] + turned[3] == "[]":
        return spelled
    return f"{'[' if turned[1] == '[' else '('}{turned[2]}{']' if turned[3] == ']' else ')'}"


def _deep(answer: str) -> bool:
    level = deepest = 0
    for mark in re.findall(r"[({\[)}\]]", answer):
        level += 1 if mark in "({[" else -1
        deepest = max(deepest, level)
    return deepest > DEPTH


def _read(spelled: str) -> Answer:
    return structure(tokens(spelled), spelled)

"""Tokens of an answer → what it says, and the condition behind it ("for n > 2", "k an integer"); used by structure."""

from limo.answers.parse.tokens import CLOSING, OPENING, Token, split, trimmed
from limo.answers.parse.words import TURNING, plain_words

_STARTS = frozenset("for where when whenever if with provided given since because assuming at as".split())
_KINDS = frozenset(
    "any all every some arbitrary constant constants real reals integer integers natural naturals number numbers "
    "parameter whole".split()
)
_DECLARING = _KINDS | frozenset(
    "is are an a be being positive negative nonnegative non nonzero rational free each".split()
)
_PIECES = frozenset("otherwise else".split())  # words of an answer by cases
RELATIONS = frozenset(["=", "<", ">", "le", "ge", "ne", "in"])
_SEPARATORS = {",", ";", "and", "or"}


def conditioned(stream: list[Token]) -> tuple[list[Token], list[Token]] | None:
    """An answer and the condition in words behind it, as "2n+1" and "for all n > 0"; None where none is set apart.

    An answer by cases ("x for x > 0, -x otherwise", "5 for adults and 3 for children") has no condition as a whole.
    """
    start = _start(stream)
    if start == 0:
        return None
    said, tail = trimmed(stream[:start]), stream[start:]
    if not said or all(kind == "text" for kind, _ in said) or not _plain(said, tail):
        return None
    return said, tail


def declares(stream: list[Token]) -> bool:
    """Whether a part of a list only says what a letter stands for: "k is a positive integer", "c constant"."""
    letters = next((place for place, (kind, _) in enumerate(stream) if kind == "text"), 0)
    if not letters or any(kind not in {"letter", "num"} and text not in {"_", ","} for kind, text in stream[:letters]):
        return False
    words = _words(stream[letters:])
    return bool(words & _KINDS) and words <= _DECLARING


def declared(stream: list[Token]) -> tuple[str, ...]:
    """Letters that a condition lets free: those of "for any real t", "k is an integer", "c in R"; in order of name."""
    if not (_words(stream) & _KINDS or ("cmd", "in") in stream or ("cmd", "forall") in stream):
        return ()
    return tuple(sorted({text for kind, text in stream if kind == "letter" and text not in {"R", "Z", "N", "Q", "C"}}))


def remarks(inside: list[Token]) -> bool:
    """Whether brackets hold nothing but words, none of which changes a value: (double root), (apples)."""
    if not inside or any(kind != "text" and token != ("letter", "a") for token in inside for kind in token[:1]):
        return False
    return not _words(inside) & TURNING


def stripped(tail: list[Token]) -> list[Token]:
    """A condition without the words it begins with."""
    start = next((place for place, (kind, text) in enumerate(tail) if kind != "text" and text != "forall"), len(tail))
    return trimmed(tail[start:])


def _start(stream: list[Token]) -> int:
    """Where the condition begins: at the first word outside brackets that can begin one; 0 where there is none."""
    level = 0
    for place, (kind, text) in enumerate(stream):
        level += (kind == "op") * ((text in OPENING) - (text in CLOSING)) + (kind == "begin") - (kind == "end")
        if level == 0 and place and (_starts(stream[place]) or (kind, text) == ("cmd", "forall")):
            return place
    return 0


def _starts(token: Token) -> bool:
    kind, text = token
    return kind == "text" and (plain_words(text).split() or [""])[0] in _STARTS


def _plain(said: list[Token], tail: list[Token]) -> bool:
    """Whether a tail states one condition of all that is said before it."""
    related = split(tail, set(RELATIONS))[1]
    words = _words(tail)
    if words & _PIECES or (len(said) == 1 and said[0][0] == "letter" and related):
        return False  # x for x > 0 is a set
    if {"<", ">", "le", "ge"} & {*split(said, set(RELATIONS))[1]} and not words & {"real"}:
        return False  # an inequality is restricted by what stands behind it
    first = (plain_words(tail[0][1]).split() or [""])[0]
    if first in {"with", "at", "as"} and not (related or words & _KINDS):
        return False  # 3 with remainder 2
    if first == "for" and tail[1:2] and tail[1][0] == "num" and not related:
        return False  # 2 for 1
    opening, *others = split(tail, _SEPARATORS)[0]
    counted = bool(split(opening, {"="})[1])  # for n = 1, 2, 3, ...
    return all(_goes_on(part) or (counted and _counts(trimmed(part))) for part in others)


def _counts(part: list[Token]) -> bool:
    return len(part) == 1 and (part[0][0] == "num" or part[0] == ("cmd", "dots"))


def _goes_on(part: list[Token]) -> bool:
    """Whether a part behind a comma belongs to a condition: it is one, and no case with a condition of its own."""
    bare = trimmed(part)
    if not bare or any(_starts(token) for token in bare[1:]):
        return not bare
    return _starts(bare[0]) or declares(bare) or bool(split(bare, set(RELATIONS))[1]) or bare[0][0] == "letter"


def _words(stream: list[Token]) -> set[str]:
    return {word for kind, text in stream if kind == "text" for word in plain_words(text).replace("-", " ").split()}

"""Text of a problem → one spelling and its id; used by every stage that gives or compares ids."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from limo.problems.frames import unframed
from limo.problems.spellings import (
    COMMANDS,
    ENTITIES,
    ESCAPES,
    FOREIGN,
    LAYOUT,
    LITERALS,
    SHAPES,
    SIGNS,
    TAGGED,
    TAGS,
    VECTOR,
    WRAPPED,
    WRAPPER,
)

# What a text with a prompt frame has at its ends, found much faster than the frame.
_OPENED = (
    r"(?i)^.{0,30}(?:following|step[ -]by|boxed|question\W|problem\W|exercise\W|task\W"
    r"|instruction|you are|response|user:"
    r"|human:|q:|input:|问题|题目|逐步|一步|<\||inst\]|conversation|<bos>|start_of_turn)"
)
_CLOSED = (
    r"(?i)(?:step[ -]by|boxed|fbox|####|(?:answer|solution|response|output|a)\W*$|last line|own"
    r" line|a box|assistant|your work"
    r"|reasoning|carefully|(?:answer|respond|reply) (?:with|using) |答案|逐步|一步|解答?[:：]\s*$|\|>|inst\]|</)"
)
_CLOSING = 300  # characters
_THOUSANDS = 3  # digits
_HAN = "〇一二三四五六七八九十"
_HAN_PART = re.compile(rf"(?<![{_HAN[1:]}百千\d])([{_HAN[1:]}]|\d+)分之([{_HAN[1:]}]|\d+)(?![{_HAN[1:]}百千万\d])")
_COMMAS = r"\d,? ?\d{3}(?:[^\d]|$)"  # what may be thousands or a list, found faster than what is
_NUMBERS = re.compile(r"(?<![\d.,])\d+(?:, ?\d+)+(?![\d])|(?<![\d.,])[1-9]\d{0,2}(?: 000)+(?![\d.,])")
_LABEL = r"(?:problem|question|exercise|example|task)\s*(?:no\.\s*)?\d{1,4}(?:\.\d{1,3})?\s*[.:)]\s*"
_PREFIX = re.compile(
    rf"^(?:(?i:{_LABEL})(?=\S)|\d{{1,4}}(?:\.\d{{1,3}})?\.\s+(?=[^\W\d_]|\\)|\(?\d{{1,3}}\)\s*(?=[A-Z][a-z]))+"
)
_LABELLED = r"^(?i:problem|question|exercise|example|task|\(?\d)"  # how every numbering starts
# What no text has on which every rule has been applied, and a few that have: all else is done after one round.
_UNSETTLED = "|".join(
    [
        *(rf"[{re.escape(''.join(SIGNS))}]", WRAPPER, r"^\s|\s$"),
        TAGGED,
        *(rf"\\(?:cdot|{'|'.join(COMMANDS)})(?:[^A-Za-z]|$)", rf"\\[{re.escape(''.join(ESCAPES))}]", r"\$|<=|>="),
        *(pattern for pattern, _ in LAYOUT + SHAPES),
    ]
)


def canonical(text: str) -> str:
    """One text as `canonical_all` spells it."""
    return canonical_all(pl.Series([text], dtype=pl.String))[0]


def canonical_all(texts: pl.Series) -> pl.Series:
    r"""Spell problems in one way, so that the same problem typed twice is the same string.

    Unicode (NFKC) and LaTeX variants, delimiters, spacing, leading numbering and prompts (`frames.unframed`) go; every
    number, operator, relation and variable stays, and so does case. The result is for identity and comparison, not for
    display. Idempotent: the rules are applied until they change nothing.

    Args:
        texts: strings without null.
    """
    settled, waiting = texts, pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    while len(waiting):
        spelled = _spelled(settled.gather(waiting))
        bare = _bare(spelled)
        settled = settled.clone().scatter(waiting, bare)  # scatter works in place
        waiting = waiting.filter(spelled != bare)
    return settled


def problem_id(text: str) -> str:
    """Hex sha256 of the canonical text: the identity of a problem in every table."""
    return identity(canonical(text))


def problem_ids(texts: pl.Series) -> pl.Series:
    """The problem id of every text; none is null."""
    return pl.Series(texts.name, [identity(text) for text in canonical_all(texts)], dtype=pl.String)


def identity(canonical_text: str) -> str:
    """The problem id of a text that is canonical already."""
    return hashlib.sha256(canonical_text.encode()).hexdigest()


def _spelled(texts: pl.Series) -> pl.Series:
    """Texts on which the rules of spelling change nothing any more."""
    settled, waiting = texts, pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    while len(waiting):
        before = settled.gather(waiting)
        after = _once(before)
        settled = settled.clone().scatter(waiting, after)
        waiting = waiting.filter((before != after) & after.str.contains(_UNSETTLED))
    return settled


def _bare(texts: pl.Series) -> pl.Series:
    """Texts without the number in front of them and without a prompt around them."""
    texts = _where(texts, texts.str.contains(_LABELLED), lambda text: _PREFIX.sub("", text).strip())
    return _where(texts, texts.str.contains(_OPENED) | texts.str.tail(_CLOSING).str.contains(_CLOSED), unframed)


def _once(texts: pl.Series) -> pl.Series:
    """All rules once. What a rule without look-around cannot say is done in Python, on the rows that need it."""
    texts = _untagged(texts, texts.str.contains(TAGGED).arg_true())
    texts = _where(texts, texts.str.contains(FOREIGN), lambda text: re.sub(FOREIGN, _plain, text))
    for pattern, spelling in LAYOUT:
        texts = texts.str.replace_all(pattern, spelling)
    texts = _where(texts, texts.str.contains(WRAPPER), _unwrap)
    texts = _where(texts, texts.str.contains("分之", literal=True), lambda text: _HAN_PART.sub(_quotient, text))
    texts = texts.str.replace_all(r"(\\[A-Za-z]+)", "$1 ").str.replace_many(LITERALS, leftmost=True)
    texts = _dots(texts, texts.str.contains(r"\cdot ", literal=True).arg_true())
    for pattern, spelling in SHAPES:
        texts = texts.str.replace_all(pattern, spelling)
    texts = _where(texts, texts.str.contains(_COMMAS), lambda text: _NUMBERS.sub(_listed, text))
    return texts.str.strip_chars()


def _where(texts: pl.Series, chosen: pl.Series, rule: Callable[[str], str]) -> pl.Series:
    """The texts with a rule applied to the chosen ones."""
    places = chosen.arg_true()
    return texts.clone().scatter(places, [rule(text) for text in texts.gather(places)]) if len(places) else texts


def _untagged(texts: pl.Series, places: pl.Series) -> pl.Series:
    """Texts without the marks of web pages, at the places that have some."""
    if not len(places):
        return texts
    plain = texts.gather(places).str.replace_many(ENTITIES)
    for pattern, spelling in TAGS:
        plain = plain.str.replace_all(pattern, spelling)
    return texts.clone().scatter(places, plain)


def _listed(match: re.Match[str]) -> str:
    """Numbers with commas between them: thousands as 1,000, and a list with a space before what could be thousands.

    It is a list where a short number is followed by no thousands: 7,83,421 as against 2,500,3,100.
    """
    text = re.sub(",? 000", ",000", match[0])
    groups = re.split(", ?", text)
    short = [len(group) != _THOUSANDS for group in groups]
    if ",000" in text or not any(one and other for one, other in zip(short, [*short[1:], True], strict=True)):
        return text
    return groups[0] + "".join((", " if len(group) == _THOUSANDS else ",") + group for group in groups[1:])


def _quotient(match: re.Match[str]) -> str:
    """A fraction in Chinese words as a quotient of numbers."""
    whole, part = (str(_HAN.index(each)) if each in _HAN else each for each in match.groups())
    return rf"\frac{{{part}}}{{{whole}}}"


def _dots(texts: pl.Series, places: pl.Series) -> pl.Series:
    """Centred dots as products, in those texts at the places that speak of no vectors."""
    dotted = texts.gather(places)
    scalar = ~dotted.str.contains(VECTOR)
    plain = dotted.filter(scalar).str.replace_all(r"\cdot ", " * ", literal=True)
    return texts.clone().scatter(places.filter(scalar), plain) if len(plain) else texts


def _plain(match: re.Match[str]) -> str:
    """NFKC, except where it changes the meaning: x² would become x2, 2½ would become 21/2 and ①② would become 12."""
    joined = "".join(map(_plain_char, match[0])).replace("}^{", "").replace("}_{", "")
    return unicodedata.normalize("NFKC", joined)


@lru_cache(maxsize=100_000)
def _plain_char(char: str) -> str:
    if char in SIGNS:
        return SIGNS[char]
    if unicodedata.category(char) in {"Cf", "Cs", "Cn", "Co"}:
        return "" if unicodedata.category(char) == "Cf" else "\N{REPLACEMENT CHARACTER}"
    kind, _, codes = unicodedata.decomposition(char).partition(" ")
    meaning = "".join(chr(int(code, 16)) for code in codes.split()) if kind.startswith("<") else char
    spelled = {"<super>": f"^{{{meaning}}}", "<sub>": f"_{{{meaning}}}", "<fraction>": f" {meaning} "}
    return (spelled | {"<circle>": f"({meaning})"}).get(kind, char)


def _unwrap(text: str) -> str:
    """Drop text and font wrappers with their own braces, however deeply nested, in one pass."""
    wrapped: list[bool] = []

    def step(match: re.Match[str]) -> str:
        mark = match[0]
        if mark == "}":
            return " " if wrapped and wrapped.pop() else mark
        if not mark.endswith("{") or mark == r"\{":
            return mark
        wrapped.append(len(mark) > 1)
        return " " if wrapped[-1] else mark

    return WRAPPED.sub(step, text)

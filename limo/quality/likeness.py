"""Texts → their words, and how alike two of them are; used by repeats and gates."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+|[-+*/^=<>]")
_SHINGLE = 5


def words(text: str) -> list[str]:
    """Lower-cased words, numbers and signs of a text."""
    return _WORD.findall(text.lower())


def shingles(said: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The 5-grams of words; of a shorter text the whole."""
    return frozenset(tuple(said[start : start + _SHINGLE]) for start in range(max(1, len(said) - _SHINGLE + 1)))


def alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Jaccard similarity of two sets of shingles."""
    return len(one & other) / len(one | other)

"""The text of a chain → how much of it says again what it said; used by measures."""

import re
from collections.abc import Sequence

import numpy as np

from limo.answers.extract import looping
from limo.quality.likeness import words

_END = re.compile(r"[.!?]\s+|\n+|[。！？]")
_SENTENCE = 4  # words of a sentence that may be a repeat
_GRAM = 8
_FACTOR = np.uint64(1_000_003)
_PERIOD = 64  # words of the longest passage whose runs are counted
_ROW = 20  # words that a run takes up, at least


def sentences(text: str) -> list[tuple[str, ...]]:
    """The words of each sentence, which ends with its line or its full stop, exclamation or question mark."""
    return [tuple(words(sentence)) for sentence in _END.split(text.lower())]


def repeated(spoken: Sequence[tuple[str, ...]]) -> float:
    """The share of words in sentences, of four words and more, that stood before; 0 without words.

    Formulas that are written again are not told from sentences; a chain that copies a long one once stays far below a
    loop.
    """
    seen: set[tuple[str, ...]] = set()
    counted = again = 0
    for said in spoken:
        counted += len(said)
        if len(said) < _SENTENCE:
            continue
        again += len(said) * (said in seen)
        seen.add(said)
    return again / counted if counted else 0.0


def loop(text: str, said: Sequence[str]) -> int:
    """How often a passage stands in a row, of the passage that does so most; 1 where none is repeated in a row.

    Passages of at most 64 words count that hold a word of two letters and take up 20 words together, and equal lines.
    """
    if looping(text):
        return max(5, _rows(text), _runs(said))
    return max(_rows(text), _runs(said))


def _runs(said: Sequence[str]) -> int:
    """The most times that a passage stands in a row: where every 8-gram comes again at one distance, its length."""
    if len(said) < _ROW:
        return 1
    numbered = {word: number for number, word in enumerate(dict.fromkeys(said))}
    ids = np.array(list(map(numbered.__getitem__, said)), dtype=np.uint64)
    grams = np.zeros(len(said) - _GRAM + 1, dtype=np.uint64)
    for place in range(_GRAM):
        grams = grams * _FACTOR + ids[place : place + len(grams)]
    order = np.argsort(grams, kind="stable")
    again = grams[order][1:] == grams[order][:-1]
    if not again.any():
        return 1
    distance = np.zeros(len(grams), dtype=np.int64)  # to the next place of the same 8-gram, 0 without one
    distance[order[:-1][again]] = (order[1:] - order[:-1])[again]
    starts = np.flatnonzero(np.diff(distance, prepend=-1))
    lengths = np.diff(starts, append=len(distance)) + _GRAM - 1
    most = 1
    for start, length, period in zip(starts.tolist(), lengths.tolist(), distance[starts].tolist(), strict=True):
        times = length // period + 1 if 0 < period <= _PERIOD else 1
        if times > most and length + period >= _ROW and any(map(_spoken, said[start : start + period])):
            most = times
    return most


def _spoken(word: str) -> bool:
    return len(word) > 1 and word[0].isalpha()


def _rows(text: str) -> int:
    most, times, before = 1, 1, ""
    for line in filter(None, map(str.strip, text.splitlines())):
        times = times + 1 if line == before and re.search(r"\w", line) else 1
        most, before = max(most, times), line
    return most

"""Tokens of questions and their sources' labels → subjects; used by pool for a label."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from limo.problems.arrays import Ragged, once

SUBJECTS = ("algebra", "arithmetic", "combinatorics", "geometry", "number theory", "precalculus")
OTHER = "other"
# What sources call these; any other label ("word problems", "calculus") is a subject of its own.
_LABELS = {
    "algebra": "intermediate_algebra algebra",
    "arithmetic": "prealgebra arithmetic",
    "combinatorics": "counting_and_probability combinatorics",
    "geometry": "geometry",
    "number theory": "number_theory",
    "precalculus": "precalculus",
}
_BY_LABEL = {label: subject for subject, labels in _LABELS.items() for label in labels.split()}
WEIGHTS = Path(__file__).with_name("subject.json")


def subjects(texts: Ragged, vocabulary: Sequence[str], labels: pl.Series) -> list[str]:
    """What each problem is about: the source's label in its usual spelling, else what `classify` says.

    Args:
        texts: the tokens of each one's whole text, as `Problems.whole`.
        vocabulary: what their codes stand for.
        labels: strings or null.
    """
    known = [None if label is None else spelled(label) for label in labels]
    asked = [place for place, name in enumerate(known) if name is None]
    classified = iter(classify(texts.take(np.array(asked, dtype=np.int64)), vocabulary))
    return [next(classified) if name is None else name for name in known]


def spelled(label: str) -> str:
    """A source's label in lower case, "Counting & Probability" and its like as one of SUBJECTS."""
    name = re.sub(r"[\s&_-]+", "_", label.strip().lower().replace("&", "and"))
    return _BY_LABEL.get(name, name.replace("_", " "))


def classify(texts: Ragged, vocabulary: Sequence[str]) -> list[str]:
    """The subject of each text by its tokens, "other" where none of them is known.

    Logistic regression over the presence of words, rounded to whole numbers: sums are exact on every machine. Fitted by
    `bench/subject.py` on the labels of MATH's train split; docs/pool.md has its accuracy on other problems.
    """
    words, weights, bias = _model()
    at = np.array([words.get(feature(token), -1) for token in vocabulary], dtype=np.int64)
    count = len(texts.offsets) - 1
    owners = np.repeat(np.arange(count), np.diff(texts.offsets))
    known = at[texts.values]
    pairs = once(owners[known >= 0] * len(words) + known[known >= 0])
    rows = pairs // len(words)
    scores = np.tile(bias, (count, 1))
    np.add.at(scores, rows, weights[pairs % len(words)])
    hits = np.bincount(rows, minlength=count)
    return [SUBJECTS[best] if hit else OTHER for best, hit in zip(scores.argmax(axis=1), hits, strict=True)]


def feature(token: str) -> str:
    """What the model knows of a normal token: numbers are #."""
    return "#" if token[0].isdigit() else token.lower()


@cache
def _model() -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64]]:
    saved = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert tuple(saved["subjects"]) == SUBJECTS
    words = {word: place for place, word in enumerate(saved["words"])}
    return words, np.array(list(saved["words"].values())), np.array(saved["bias"])

"""Questions and their sources' labels → subjects; used by pool for a label."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from limo.problems.canonical import canonical_all, words_all
from limo.problems.decisive import normal_token

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


def subjects(questions: pl.Series, labels: pl.Series) -> list[str]:
    """What each problem is about: the source's label in its usual spelling, else what `classify` says.

    Args:
        questions: strings.
        labels: strings or null.
    """
    known = [None if label is None else spelled(label) for label in labels]
    asked = pl.Series([place for place, name in enumerate(known) if name is None], dtype=pl.UInt32)
    classified = dict(zip(asked, classify(questions.gather(asked)), strict=True))
    return [classified[place] if name is None else name for place, name in enumerate(known)]


def spelled(label: str) -> str:
    """A source's label in lower case, "Counting & Probability" and its like as one of SUBJECTS."""
    name = re.sub(r"[\s&_-]+", "_", label.strip().lower().replace("&", "and"))
    return _BY_LABEL.get(name, name.replace("_", " "))


def classify(questions: pl.Series) -> list[str]:
    """The subject of each question by its words, "other" where none of them is known.

    Logistic regression over the presence of words, rounded to whole numbers: sums are exact on every machine. Fitted by
    `bench/subject.py` on the labels of MATH's train split; docs/pool.md has its accuracy on other problems.
    """
    words, weights, bias = _model()
    if not len(questions):
        return []
    lists = tokens(questions)
    table = pl.DataFrame({"row": np.arange(len(questions)), "word": lists}).explode("word", empty_as_null=True)
    known = table.join(pl.DataFrame({"word": words, "at": range(len(words))}), on="word").unique(["row", "at"])
    scores = np.tile(bias, (len(questions), 1))
    np.add.at(scores, known["row"].to_numpy(), weights[known["at"].to_numpy()])
    hits = np.bincount(known["row"].to_numpy(), minlength=len(questions))
    return [SUBJECTS[best] if hit else OTHER for best, hit in zip(scores.argmax(axis=1), hits, strict=True)]


def tokens(questions: pl.Series) -> pl.Series:
    """The normal words of each question, its numbers as #."""
    lists = words_all(canonical_all(questions))
    flat = lists.list.explode(empty_as_null=False).unique()
    names = {word: _name(word) for word in flat}
    return pl.Series([[name for word in words if (name := names[word])] for words in lists], dtype=pl.List(pl.String))


def _name(word: str) -> str | None:
    return "#" if word[0].isdigit() else (normal_token(word) or "").lower() or None


@cache
def _model() -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    saved = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert tuple(saved["subjects"]) == SUBJECTS
    return list(saved["words"]), np.array(list(saved["words"].values())), np.array(saved["bias"])

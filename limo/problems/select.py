from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import polars as pl

from limo.params import Near, Select
from limo.problems.arrays import windows
from limo.problems.groups import signatures
from limo.problems.index import index
from limo.tables import QUESTIONS, digest

_SHINGLE = 3  # words; short, so that a template with other numbers counts as similar
_PERMUTATIONS, _BANDS = 64, 32  # of ten pairs with a similarity of 0.25, nine meet in a band
_WORDS = Near(shingle=1, permutations=1, bands=1, threshold=0.0)  # only the words are used here

Bin = tuple[str, int]


class Sketches(NamedTuple):
    """Sets of word runs by id, and the bands of their MinHash values."""

    runs: dict[str, frozenset[int]]
    bands: dict[str, tuple[int, ...]]


def select(rated: pl.DataFrame, p: Select) -> pl.DataFrame:
    """Which rated questions go on: as many QUESTIONS rows as come in, `rejected` null for the chosen ones.

    `all` takes every row (paper 3, v2's pass through). The others are v1's strategic sampling, of which the paper gives
    no details. A bin is a subject with a difficulty, and gives its questions in hash order. Under `balance` the bins
    take turns: small ones are used up, large ones share what is left evenly. Under `proportional` each bin gives its
    share of `size`, rounded by largest remainder. A question whose word shingles have a Jaccard similarity of
    `max_similarity` or more with a chosen one is redundant; what a bin lacks then, the others give.

    Args:
        rated: the kept rows of RATED, without the column `rejected`.
    """
    reasons = _sample(rated, p) if p.rule != "all" else {}
    rejected = pl.Series("rejected", [reasons.get(identity) for identity in rated["id"]], dtype=pl.String)
    questions = rated.with_columns(rejected).select(list(QUESTIONS)).sort("id")
    assert questions["rejected"].null_count() + len(reasons) == rated.height
    return questions


def sketches(questions: pl.DataFrame) -> Sketches:
    """The word runs of every question of a table with `id` and `question`; ids are unique."""
    ids, problems = index(questions["question"].to_list(), _WORDS, 1, "shingles")
    count = len(problems.ids)
    owners, runs = windows(problems.whole, problems.hashes, _SHINGLE)
    ends = np.searchsorted(owners, np.arange(count + 1))
    bands = signatures(owners, runs, count, _PERMUTATIONS, _BANDS).T.tolist()
    places = {identity: place for place, identity in enumerate(problems.ids)}
    of = {row: places[identity] for row, identity in zip(questions["id"], ids, strict=True)}
    return Sketches(
        {row: frozenset(runs[ends[place] : ends[place + 1]].tolist()) for row, place in of.items()},
        {row: tuple(bands[place]) for row, place in of.items()},
    )


def bins(rated: pl.DataFrame, p: Select) -> dict[str, Bin]:
    """The bin of every id: its subject and difficulty, -1 for one without."""
    difficulty = {"level": "level", "correct": "rate_correct"}[p.difficulty]
    rows = rated.select("id", "subject", pl.col(difficulty).fill_null(-1)).iter_rows()
    return {identity: (subject, level) for identity, subject, level in rows}


class Chosen:
    """The questions chosen so far, and which of them is nearest to another one."""

    def __init__(self, sketches: Sketches) -> None:
        self.sketches = sketches
        self.ids: list[str] = []
        self.buckets: dict[tuple[int, int], list[str]] = defaultdict(list)

    def add(self, identity: str) -> None:
        self.ids.append(identity)
        for key in enumerate(self.sketches.bands[identity]):
            self.buckets[key].append(identity)

    def nearest(self, identity: str) -> tuple[float, str | None]:
        """The highest Jaccard similarity to a chosen question, to 6 places, and that question's id, of equals the
        lowest; among those that share a band of MinHash values."""
        runs, bands = self.sketches
        near = {other for key in enumerate(bands[identity]) for other in self.buckets.get(key, ())}
        best = min(((-_jaccard(runs[identity], runs[other]), other) for other in near), default=(0.0, None))
        return -best[0], best[1]


def _sample(rated: pl.DataFrame, p: Select) -> dict[str, str]:
    """The reason for each id that is not chosen."""
    chosen = Chosen(sketches(rated))
    reasons: dict[str, str] = {}
    waiting = _queues(bins(rated, p))
    for place in _turns(waiting, p):
        while waiting[place]:
            identity = waiting[place].popleft()
            similarity, nearest = chosen.nearest(identity)
            if nearest and similarity >= p.max_similarity:
                reasons[identity] = f"redundant: {similarity} to {nearest}"
                continue
            chosen.add(identity)
            break
        if len(chosen.ids) == p.size:
            break
    return reasons | {identity: f"beyond size: {p.size}" for queue in waiting.values() for identity in queue}


def _queues(of: Mapping[str, Bin]) -> dict[Bin, deque[str]]:
    """The ids of each bin in hash order."""
    members: dict[Bin, list[str]] = defaultdict(list)
    for identity in sorted(of, key=lambda identity: digest("select", identity)):
        members[of[identity]].append(identity)
    return {key: deque(members[key]) for key in sorted(members)}


def _turns(waiting: Mapping[Bin, deque[str]], p: Select) -> Iterator[Bin]:
    """The bins in the order in which each gives one question, as long as one has any."""
    if p.rule == "proportional":
        shares = quotas({key: len(queue) for key, queue in waiting.items()}, p.size)
        yield from (key for key, share in shares.items() for _ in range(share))
    while any(waiting.values()):
        yield from [key for key, queue in waiting.items() if queue]


def quotas(sizes: Mapping[Bin, int], total: int) -> dict[Bin, int]:
    """Shares of `total` in proportion to sizes, by largest remainder, of equals the first bin; never beyond a size."""
    whole = sum(sizes.values())
    total = min(total, whole)
    exact = {key: Fraction(total * size, whole) for key, size in sizes.items()}
    shares = {key: int(share) for key, share in exact.items()}
    rest = sorted(sizes, key=lambda key: (shares[key] - exact[key], key))[: total - sum(shares.values())]
    return {key: share + (key in rest) for key, share in shares.items()}


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    shared = len(one & other)
    return round(shared / (len(one) + len(other) - shared), 6)

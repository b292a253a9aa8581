"""Rated questions → which go on, in balance of subject and level; used by select."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

import polars as pl
from rensa import RMinHash

from limo.base.files import digest
from limo.graph.schemas import QUESTIONS
from limo.params import Select
from limo.problems.canonical import canonical_all
from limo.problems.tokens import jaccard, shingles, words

_SHINGLE = 3  # words; short, so that a template with other numbers counts as similar
# Of pairs with a similarity of a quarter, 87 in 100 meet in a band, of those of a half all but one in 10,000.
_PERMUTATIONS, _ROWS, _SEED = 64, 2, 20250205
_KEPT = 100_000  # questions whose runs are kept in memory

Bin = tuple[str, int]


def select(rated: pl.DataFrame, p: Select) -> pl.DataFrame:
    """Which rated questions go on: as many QUESTIONS rows as come in, `rejected` null for the chosen ones.

    `all` takes every row (paper 3, v2's pass through). The others are v1's strategic sampling, of which the paper gives
    no details. A bin is a subject with a level, and gives its questions in hash order. Under `balance` the bins
    take turns: small ones are used up, large ones share what is left evenly. Under `proportional` each bin gives its
    share of `rows`, rounded by largest remainder. A question whose word shingles have a Jaccard similarity of
    `max_similarity` or more with a chosen one is redundant; what a bin lacks then, the others give.

    Args:
        rated: the kept rows of RATED, without the column `rejected`.
    """
    reasons = _sample(rated, p) if p.rule != "all" else {}
    rejected = pl.Series("rejected", [reasons.get(identity) for identity in rated["id"]], dtype=pl.String)
    questions = rated.with_columns(rejected).select(list(QUESTIONS)).sort("id")
    assert questions["rejected"].null_count() + len(reasons) == rated.height
    return questions


def bins(rated: pl.DataFrame, p: Select) -> dict[str, Bin]:
    """The bin of every id: its subject and its level (or its correct draws, by `difficulty`), -1 for one without."""
    column = {"level": "level", "correct": "rate_correct"}[p.difficulty]
    rows = rated.select("id", "subject", pl.col(column).fill_null(-1)).iter_rows()
    return {identity: (subject, level) for identity, subject, level in rows}


class Sketches:
    """Word runs and MinHash bands of questions by id.

    Args:
        questions: a table with `id`, which is unique, and `question`.
    """

    def __init__(self, questions: pl.DataFrame) -> None:
        self.texts = dict(zip(questions["id"], canonical_all(questions["question"]), strict=True))
        self.runs = lru_cache(maxsize=_KEPT)(self._runs)
        tokens = [sorted(self._runs(identity)) for identity in self.texts]
        digests = RMinHash.digests_from_token_sets(tokens, _PERMUTATIONS, _SEED)
        self.bands = {
            identity: [(start, *values[start : start + _ROWS]) for start in range(0, _PERMUTATIONS, _ROWS)]
            for identity, values in zip(self.texts, digests, strict=True)
        }

    def _runs(self, identity: str) -> set[str]:
        return shingles(words(self.texts[identity]), _SHINGLE)


class Chosen:
    """The questions chosen so far, and which of them is nearest to another one."""

    def __init__(self, sketches: Sketches) -> None:
        self.sketches = sketches
        self.ids: list[str] = []
        self.buckets: dict[tuple[int, ...], list[str]] = defaultdict(list)

    def add(self, identity: str) -> None:
        """Choose one more question."""
        self.ids.append(identity)
        for band in self.sketches.bands[identity]:
            self.buckets[band].append(identity)

    def nearest(self, identity: str) -> tuple[float, str | None]:
        """The highest Jaccard similarity to another chosen question, to 6 places, and that question's id, of equals the
        lowest; among those that share a band of MinHash values."""
        near = {other for band in self.sketches.bands[identity] for other in self.buckets.get(band, ())} - {identity}
        runs = self.sketches.runs
        best = min(((-jaccard(runs(identity), runs(other)), other) for other in near), default=(0.0, None))
        return -best[0], best[1]


def _sample(rated: pl.DataFrame, p: Select) -> dict[str, str]:
    """The reason for each id that is not chosen."""
    chosen = Chosen(Sketches(rated))
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
        if len(chosen.ids) == p.rows:
            break
    return reasons | {identity: f"beyond size: {p.rows}" for queue in waiting.values() for identity in queue}


def _queues(bin_of: Mapping[str, Bin]) -> dict[Bin, deque[str]]:
    """The ids of each bin in hash order."""
    members: dict[Bin, list[str]] = defaultdict(list)
    for identity in sorted(bin_of, key=lambda identity: digest("select", identity)):
        members[bin_of[identity]].append(identity)
    return {key: deque(members[key]) for key in sorted(members)}


def _turns(waiting: Mapping[Bin, deque[str]], p: Select) -> Iterator[Bin]:
    """The bins in the order in which each gives one question, as long as one has any."""
    if p.rule == "proportional":
        shares = quotas({key: len(queue) for key, queue in waiting.items()}, p.rows)
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

"""Distinct problems → sets of near-duplicates; used by pool, audit and `limo dedup`."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from limo.params import Near
from limo.problems.alignment import similarity
from limo.problems.distinct import Problems
from limo.problems.groups import grouped
from limo.problems.look import same

_CORES = 50_000  # problems taken apart that are kept in memory


def clusters(problems: Problems, p: Near) -> NDArray[np.int64]:
    """Partition problems into sets of near-duplicates: for every problem the place of the first one of its set.

    A set is what pairs connect that `look.same` calls the same problem. MinHash LSH over runs of `shingle` tokens
    proposes the pairs, among problems with the same numbers only: a template with other numbers costs nothing, however
    often it comes. In one bucket each problem is compared with at most eight that are not yet of its set.
    """
    tokens, figures, ids = problems.tokens, problems.figures, problems.ids
    core = lru_cache(maxsize=_CORES)(problems.core)

    def alike(one: int, other: int) -> bool:
        if np.array_equal(tokens.row(one), tokens.row(other)) and figures.get(ids[one]) == figures.get(ids[other]):
            return True
        return same(core(one), core(other), p.threshold) is not None

    return grouped(problems.bands, np.flatnonzero(np.diff(tokens.offsets)), alike)


def score(one: int, other: int, problems: Problems) -> float:
    """The share of common tokens of the problems at two places, 1 for one and the same."""
    if one == other:
        return 1.0
    return similarity(problems.words(one), problems.words(other))

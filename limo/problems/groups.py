"""Sets of hashes → groups of what is alike, by MinHash bands; used by clusters, distinct and template_families."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from limo.problems.arrays import Hashes, mixed, runs, scattered

_SEED = 20250205  # of the MinHash permutations
_LEADERS = 8


def signatures(owners: NDArray[np.int64], values: Hashes, count: int, permutations: int, bands: int) -> Hashes:
    """MinHash of sets of hashes, the values of each band as one hash: shape (bands, count).

    Args:
        owners: the set of every value, ascending.
        values: 64-bit hashes.
        count: how many sets there are.
        permutations: MinHash values per set, a multiple of `bands`.
        bands: two sets with Jaccard similarity s share one with probability 1 - (1 - s^(permutations/bands))^bands.
    """
    if not count:
        return np.zeros((bands, 0), dtype=np.uint64)
    starts = np.searchsorted(owners, np.arange(count + 1)).astype(np.uint64)
    rows = RMinHash.digest_matrix_from_flat_token_hashes(values, starts, permutations, _SEED).to_rows()
    digests = np.array(rows, dtype=np.uint64)
    hashes = np.zeros((bands, count), dtype=np.uint64)
    for column in range(permutations):
        band = column * bands // permutations
        hashes[band] = mixed(hashes[band], digests[:, column])
    return hashes


def grouped(bands: Hashes, present: NDArray[np.int64], alike: Callable[[int, int], bool]) -> NDArray[np.int64]:
    """Partition places into sets of what is alike: for every place the first one of its set.

    A set is what pairs connect. Places with an equal hash in one band make a bucket; in it each is compared with at
    most eight that are not yet of its set. No pair is compared twice.

    Args:
        bands: hashes, shape (bands, places).
        present: the places that may be compared, ascending.
        alike: whether two places belong together.
    """
    parent = list(range(bands.shape[1]))
    compared: set[tuple[int, int]] = set()

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    def join(leader: int, place: int) -> bool:
        earlier, later = sorted((root(leader), root(place)))
        if earlier == later:
            return True
        if (leader, place) in compared:
            return False
        compared.add((leader, place))
        if not alike(leader, place):
            return False
        parent[later] = earlier
        return True

    for bucket in _buckets(bands, present):
        leaders: list[int] = []
        for place in bucket:
            if not any(join(leader, place) for leader in leaders) and len(leaders) < _LEADERS:
                leaders.append(place)
    return np.array([root(place) for place in range(bands.shape[1])], dtype=np.int64)


def _buckets(bands: Hashes, present: NDArray[np.int64]) -> Iterator[list[int]]:
    """Places that are equal in one band, ascending; the same places only once."""
    names = scattered(present.astype(np.uint64))  # so that no two sets of places have the same sum
    met: set[int] = set()
    for keys in bands[:, present]:
        order = np.argsort(keys)
        starts, sizes = runs(keys[order])
        starts, sizes = starts[sizes > 1], sizes[sizes > 1]
        if not len(starts):
            continue
        sums = np.append(0, np.cumsum(names[order], dtype=np.uint64)).astype(np.uint64)
        marks = sums[starts + sizes] - sums[starts]
        ordered = present[order]
        for start, size, mark in zip(starts.tolist(), sizes.tolist(), marks.tolist(), strict=True):
            if mark not in met:
                met.add(mark)
                yield sorted(ordered[start : start + size].tolist())

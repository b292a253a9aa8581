"""Rows of token codes as flat arrays, and hashes of their runs; used by pool, audit and a user's own problems."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]


class Ragged(NamedTuple):
    """Rows of different lengths: row i is values[offsets[i]:offsets[i + 1]]."""

    values: Codes
    offsets: NDArray[np.int64]

    def row(self, place: int) -> Codes:
        return self.values[self.offsets[place] : self.offsets[place + 1]]

    def where(self, kept: NDArray[np.bool_]) -> "Ragged":
        """The rows without those values for which `kept`, one for each, is not true."""
        return Ragged(self.values[kept], np.append(0, np.cumsum(kept))[self.offsets])

    def take(self, places: NDArray[np.int64]) -> "Ragged":
        """The rows at these places, in their order."""
        lengths = np.diff(self.offsets)[places]
        offsets = offsets_of(lengths)
        positions = np.repeat(self.offsets[:-1][places] - offsets[:-1], lengths)
        positions += np.arange(offsets[-1])
        return Ragged(self.values[positions], offsets)


def mixed(hashes: Hashes, following: Hashes) -> Hashes:
    """One hash of two sequences of hashes, place by place; their order matters."""
    mixed: Hashes = (hashes ^ (hashes >> np.uint64(29))) * _MULTIPLIER + following
    return mixed


def scattered(numbers: Hashes) -> Hashes:
    """Numbers as hashes whose bits all depend on all bits (the finaliser of SplitMix64)."""
    bits = (numbers + np.uint64(1)) * _MULTIPLIER
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    scattered: Hashes = bits ^ (bits >> np.uint64(31))
    return scattered


def windows(rows: Ragged, hashes: Hashes, size: int) -> tuple[NDArray[np.int64], Hashes]:
    """The row and the hash of every run of `size` tokens; a row with fewer tokens is one run, of one row with none too.

    Args:
        rows: codes.
        hashes: of every code.
    """
    lengths = np.diff(rows.offsets)
    counts = np.maximum(lengths - size + 1, 1)
    firsts = offsets_of(counts)[:-1]
    owners = np.repeat(np.arange(len(lengths)), counts)
    starts = np.repeat(rows.offsets[:-1] - firsts, counts)
    starts += np.arange(len(owners))
    padded = np.concatenate([hashes[rows.values], np.zeros(size, dtype=np.uint64)])
    everywhere = np.zeros(len(rows.values) + 1, dtype=np.uint64)  # runs from each token on, across the ends of rows
    for step in range(size):
        everywhere = mixed(everywhere, padded[step : step + len(everywhere)])
    runs = everywhere[starts]
    short = np.flatnonzero(lengths < size)
    alone = np.zeros(len(short), dtype=np.uint64)
    for step in range(size):
        alone = mixed(alone, np.where(step < lengths[short], padded[rows.offsets[:-1][short] + step], np.uint64(0)))
    runs[firsts[short]] = alone
    return owners, runs


def runs(ordered: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each run of equal values starts, and how long it is."""
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    return starts, np.diff(np.append(starts, len(ordered)))


def once(values: NDArray[Any]) -> NDArray[Any]:
    """Each value once, ascending: by sorting, which is several times as fast as the hash table of `numpy.unique`."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where rows of these lengths start in one array, and where the last one ends."""
    return np.append(0, np.cumsum(lengths)).astype(np.int64)


def hashes_of(texts: Iterable[str]) -> Hashes:
    """A 64-bit hash of every text, 0 for an empty one."""
    return np.array([_hash(text) for text in texts], dtype=np.uint64)


@lru_cache(maxsize=1_000_000)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") if text else 0

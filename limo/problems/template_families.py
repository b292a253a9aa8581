"""Distinct problems → families of one template, and what is beyond their cap; used by pool."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from limo.base.files import digest
from limo.params import Families
from limo.problems.arrays import Hashes, Ragged, mixed, offsets_of, once, runs, scattered, windows
from limo.problems.decisive import is_name_token
from limo.problems.distinct import Problems

_FEWEST = 8  # words; a shorter text, or one of formulas, is no template
_LEADERS = 8
_CHUNK = 1_000_000  # runs that are worked on at once
_HALF = np.uint64(32)  # bits

Places = NDArray[np.int64]


class Templates(NamedTuple):
    """The prose of problems, of one row of every array each.

    Attributes:
        ids: problem ids as numbers of 64 bits, shape (problems, 4): their order is that of the ids.
        sets: a hash of each one's set of runs; 0 for a text that is too short to be a template.
        runs: 32-bit hashes of its runs of words, ascending, each once; none for a short text.
    """

    ids: Hashes
    sets: Hashes
    runs: Ragged


class Membership(NamedTuple):
    """Problems in the order of their ids and their families, of one row of every array each.

    Attributes:
        ids: as `Templates` has them.
        roots: the place of the first problem of each one's family.
        sizes: how many problems its family has.
        over: whether it is beyond the cap of its family.
    """

    ids: Hashes
    roots: Places
    sizes: Places
    over: NDArray[np.bool_]

    def names(self, places: Places) -> list[str]:
        """The ids at these places as text."""
        return _names(self.ids[places])


def templates(problems: Problems, p: Families) -> Templates:
    """The prose of problems: their words without numbers, names of variables and formulas, as runs of `shingle`."""
    prose = np.array(
        [len(word) > 1 and word.isalpha() and not is_name_token(word) for word in problems.vocabulary], bool
    )
    count = len(problems.ids)
    is_word = prose[problems.tokens.values]
    before = np.append(0, np.cumsum(is_word))
    words = Ragged(problems.tokens.values[is_word], before[problems.tokens.offsets])
    long = np.flatnonzero(np.diff(words.offsets) >= _FEWEST)
    owners, hashes = windows(words.take(long), problems.hashes, p.shingle)
    distinct = once((owners.astype(np.uint64) << _HALF) | (hashes >> _HALF))
    lengths = np.zeros(count, dtype=np.int64)
    lengths[long] = np.bincount((distinct >> _HALF).astype(np.int64), minlength=len(long))
    offsets = offsets_of(lengths)
    values = distinct.astype(np.uint32)
    sums = np.append(np.uint64(0), np.cumsum(scattered(values.astype(np.uint64)), dtype=np.uint64))
    sets = np.where(lengths > 0, (sums[offsets[1:]] - sums[offsets[:-1]]) | np.uint64(1), np.uint64(0))
    ids = np.frombuffer(bytes.fromhex("".join(problems.ids)), dtype=">u8").reshape(count, 4).astype(np.uint64)
    return Templates(ids, sets, Ragged(values, offsets))


def save(part: Templates, path: Path) -> None:
    """Write templates to a file of plain arrays (.npz, without pickle)."""
    np.savez(path, ids=part.ids, sets=part.sets, values=part.runs.values, offsets=part.runs.offsets)


def families(parts: Sequence[Path], p: Families) -> Membership:
    """Partition problems into families of one template (GSM-Symbolic style).

    Problems whose runs of words are the same set are one family, and so are two whose sets have a Jaccard similarity
    of `similarity` or more: MinHash proposes such pairs, and what pairs connect is one family. In memory are the ids,
    and the runs of each set once (four bytes a run).

    Args:
        parts: files that `save` wrote. How the problems are parted changes nothing.
    """
    ids = _all(parts, "ids", np.zeros((0, 4), dtype=np.uint64))
    order = np.lexsort(ids.T[::-1])
    ids = ids[order]
    sets = _all(parts, "sets", np.zeros(0, dtype=np.uint64))[order]
    roots = np.arange(len(ids))
    long = np.flatnonzero(sets)
    _, firsts, which = np.unique(sets[long], return_index=True, return_inverse=True)
    by_place = np.argsort(firsts)  # sets in the order of their first problems, so that the lowest place leads
    firsts = long[firsts[by_place]]
    number = np.empty(len(by_place), dtype=np.int64)
    number[by_place] = np.arange(len(by_place))
    grouped = _grouped(_rows(parts, order[firsts]), p)
    roots[long] = firsts[grouped[number[which]]]
    sizes = np.bincount(roots, minlength=len(roots))[roots]
    return Membership(ids, roots, sizes, _beyond(ids, roots, sizes, p.cap))


def _beyond(ids: Hashes, roots: Places, sizes: Places, cap: int | None) -> NDArray[np.bool_]:
    """Which problems go beyond `cap` problems of their family: those that stay are the first by a hash of their ids."""
    over = np.zeros(len(roots), dtype=bool)
    members = np.flatnonzero(sizes > cap) if cap is not None else np.zeros(0, dtype=np.int64)
    hashes = [int(digest("family", name)[:16], 16) for name in _names(ids[members])]
    order = members[np.lexsort((np.array(hashes, dtype=np.uint64), roots[members]))]
    starts, lengths = runs(roots[order].astype(np.uint64))
    over[order[np.arange(len(order)) - np.repeat(starts, lengths) >= (cap or 0)]] = True
    return over


def _names(ids: Hashes) -> list[str]:
    text = ids.astype(">u8").tobytes().hex()
    return [text[start : start + 64] for start in range(0, len(text), 64)]


def _all(parts: Sequence[Path], name: str, none: Hashes) -> Hashes:
    return np.concatenate([none, *(np.load(path, allow_pickle=False)[name] for path in parts)])


def _rows(parts: Sequence[Path], places: Places) -> Ragged:
    """The runs of the problems at these places, the problems of all parts being numbered one after the other."""
    offsets = [np.load(path, allow_pickle=False)["offsets"] for path in parts]
    starts = offsets_of(np.array([len(ends) - 1 for ends in offsets], dtype=np.int64))
    lengths = np.concatenate([np.zeros(0, dtype=np.int64), *(np.diff(ends) for ends in offsets)])[places]
    rows = Ragged(np.zeros(lengths.sum(), dtype=np.uint32), offsets_of(lengths))
    for number, path in enumerate(parts):
        mine = np.flatnonzero((places >= starts[number]) & (places < starts[number + 1]))
        part = Ragged(np.load(path, allow_pickle=False)["values"], offsets[number]).take(places[mine] - starts[number])
        to = np.repeat(rows.offsets[:-1][mine] - part.offsets[:-1], lengths[mine])
        to += np.arange(len(to))
        rows.values[to] = part.values
    return rows


def _grouped(rows: Ragged, p: Families) -> Places:
    """For every set of runs the first one of its family.

    Sets with an equal hash in one band make a bucket. Of each family that is known so far its first set is taken, and
    each is compared with at most eight that came before it, so that a bucket costs no more than its length.
    """
    roots = np.arange(len(rows.offsets) - 1)
    for band in range(p.bands):
        keys = _keys(rows, band, p)
        order = np.argsort(keys, kind="stable")
        starts, sizes = runs(keys[order])
        buckets = np.repeat(np.arange(len(starts)), sizes)
        shared = np.repeat(sizes > 1, sizes)
        buckets, places = buckets[shared], order[shared]
        _, first = np.unique(buckets * len(roots) + roots[places], return_index=True)
        first.sort()
        buckets, places = buckets[first], places[first]
        for _ in range(_LEADERS):
            starts, sizes = runs(buckets.astype(np.uint64))
            leaders = np.repeat(places[starts], sizes)
            rest = np.ones(len(places), dtype=bool)
            rest[starts] = False
            buckets, places, leaders = buckets[rest], places[rest], leaders[rest]
            alike = _alike(rows, leaders, places, p.similarity)
            roots = _joined(roots, leaders[alike], places[alike])
            buckets, places = buckets[~alike], places[~alike]
    return roots


def _keys(rows: Ragged, band: int, p: Families) -> Hashes:
    """MinHash of every set, the values of one band as one hash."""
    width = p.permutations // p.bands
    keys = np.zeros(len(rows.offsets) - 1, dtype=np.uint64)
    numbers = scattered(np.arange(2 * width * band, 2 * width * (band + 1), dtype=np.uint64)) | np.uint64(1)
    for start, end in _chunks(rows.offsets):
        values = rows.values[rows.offsets[start] : rows.offsets[end]].astype(np.uint64)
        at = rows.offsets[start:end] - rows.offsets[start]
        for factor, summand in numbers.reshape(width, 2):
            keys[start:end] = mixed(keys[start:end], np.minimum.reduceat((values * factor + summand) >> _HALF, at))
    return keys


def _chunks(offsets: Places) -> list[tuple[int, int]]:
    """Rows [start, end) of about so many values each, none empty."""
    marks = np.searchsorted(offsets, np.arange(0, offsets[-1], _CHUNK))
    edges = np.unique(np.append(marks, len(offsets) - 1))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _alike(rows: Ragged, ones: Places, others: Places, similarity: float) -> NDArray[np.bool_]:
    """Which pairs of sets have a Jaccard similarity of at least so much."""
    lengths = np.diff(rows.offsets)
    least, most = np.minimum(lengths[ones], lengths[others]), np.maximum(lengths[ones], lengths[others])
    alike = least >= similarity * most  # the most that their similarity can be
    asked = np.flatnonzero(alike)
    for start, end in _chunks(offsets_of(least[asked] + most[asked])):
        pairs = asked[start:end]
        both = np.concatenate([_tagged(rows, ones[pairs]), _tagged(rows, others[pairs])])
        both.sort()
        twice = both[1:][both[1:] == both[:-1]]
        shared = np.bincount((twice >> _HALF).astype(np.int64), minlength=len(pairs))
        alike[pairs] = shared >= similarity * (least[pairs] + most[pairs] - shared)
    return alike


def _tagged(rows: Ragged, places: Places) -> Hashes:
    taken = rows.take(places)
    owners = np.repeat(np.arange(len(places), dtype=np.uint64), np.diff(taken.offsets))
    return (owners << _HALF) | taken.values


def _joined(roots: Places, ones: Places, others: Places) -> Places:
    """The roots when these pairs are of one family too; the lowest place is the root."""
    while len(apart := np.flatnonzero(roots[ones] != roots[others])):
        ones, others = ones[apart], others[apart]
        low, high = np.minimum(roots[ones], roots[others]), np.maximum(roots[ones], roots[others])
        roots = roots.copy()
        np.minimum.at(roots, high, low)
        while not np.array_equal(further := roots[roots], roots):
            roots = further
    return roots

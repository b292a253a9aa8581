"""Two sequences of tokens → where they differ and how much they share; used by look, leaks and clusters."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq


class Change(NamedTuple):
    """A place where two token sequences differ: one's tokens [start, end) stand for the other's."""

    one: tuple[int, int]
    other: tuple[int, int]


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the tokens of two texts that a longest common subsequence covers, 0 to 1."""
    return share(one, other, changes(one, other)[1])


def changes(one: Sequence[str], other: Sequence[str]) -> tuple[list[Change], int]:
    """The places where two sequences differ, and the number of tokens that they share, by longest common
    subsequence. A place whose tokens spell the same ("xy", "x y") is none."""
    places, common = [], 0
    before_one = before_other = 0
    for start, at, size in [*matches(one, other), (len(one), len(other), 0)]:
        if start > before_one or at > before_other:
            left, right = one[before_one:start], other[before_other:at]
            if "".join(left) == "".join(right):
                common += max(len(left), len(right))
            else:
                places.append(Change((before_one, start), (before_other, at)))
        common += size
        before_one, before_other = start + size, at + size
    return places, common


def share(one: Sequence[str], other: Sequence[str], common: int) -> float:
    """2·common/(n + m), rounded to 6 decimal places; 0 for two empty texts."""
    total = len(one) + len(other)
    return round(min(1.0, 2 * common / total), 6) if total else 0.0


def shared_neighbours(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of common pairs of neighbours, which parts that changed places keep."""
    left, right = Counter(pairwise(one)), Counter(pairwise(other))
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def matches(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    """The runs of a longest common subsequence: where each starts in either sequence, and its length."""
    return [
        (op.src_start, op.dest_start, op.src_end - op.src_start)
        for op in LCSseq.opcodes(one, other)
        if op.tag == "equal"
    ]

"""A store → what it holds, what is damaged, and that dropped; used by `limo store stats`, `check` and `gc`."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from limo.store import segments
from limo.store.index import transaction
from limo.store.store import Store


class HeldError(Exception):
    """A living process writes to the store."""


class Finding(NamedTuple):
    """What is wrong at a place of a segment, in bytes; the key where it is known."""

    segment: int
    offset: int
    size: int
    reason: str
    key: str | None


@dataclass
class Checked:
    """What reading all records has shown.

    Attributes:
        records: whole ones; `duplicates`: those of them that stand under the key of an earlier one.
        damaged: answers and bytes that are lost, and answers that the index does not find; `torn`: the ends of writes
            that were killed or are under way.
    """

    records: int = 0
    duplicates: int = 0
    damaged: list[Finding] = field(default_factory=list)
    torn: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Collected:
    """What `collect` found and dropped, and the bytes that it freed."""

    checked: Checked
    freed: int


def counts(store: Store) -> dict[str, int]:
    """Answers, their tokens, bytes and number of segments, and the bytes that hold no answer."""
    answers = len(store)
    tokens, used = store.index.row("SELECT coalesce(sum(tokens), 0), coalesce(sum(size), 0) FROM answers")
    held = segments.numbers(store.path)
    total = sum(segments.size(store.path, number) for number in held)
    return {"answers": answers, "tokens": tokens, "bytes": total, "segments": len(held), "garbage_bytes": total - used}


def check(store: Store) -> Checked:
    """Read every record of a store, in the order of the segments.

    Raises:
        OSError: a segment cannot be read, or has just been rewritten.
    """
    store.index.cover()
    covered = store.index.indexed()
    checked = Checked()
    gaps: dict[int, list[segments.Gap]] = {}
    for number in segments.numbers(store.path):
        for piece in segments.scan(segments.name(store.path, number)):
            if isinstance(piece, segments.Gap):
                gaps.setdefault(number, []).append(piece)
                continue
            checked.records += 1
            place = store.index.place(piece.key)
            if place == (number, piece.offset, piece.size) or piece.offset >= covered.get(number, 0):
                continue  # the latter was written since
            if place and store.payload(piece.key, place) is not None:
                checked.duplicates += 1
            else:
                missed = Finding(number, piece.offset, piece.size, "not in the index", piece.key.hex())
                checked.damaged.append(missed)
    lost = list(_lost(store, gaps, covered))
    named = {(finding.segment, _gap_of(gaps, finding.segment, finding.offset)) for finding in lost}
    for number, segment_gaps in gaps.items():
        for gap in segment_gaps:
            if (number, gap) in named:
                continue
            finding = Finding(number, gap.offset, gap.size, gap.reason, gap.key.hex() if gap.key else None)
            (checked.torn if gap.reason == segments.TORN else checked.damaged).append(finding)
    checked.damaged = sorted(checked.damaged + lost)
    return checked


def collect(store: Store) -> Collected:
    """Rewrite the segments that hold anything but the one good record of a key, each in one step.

    A kill at any instant leaves every good answer in place. Takes the room of one segment on the disk.

    Raises:
        HeldError: a living process writes to the store.
        OSError: a segment cannot be written.
    """
    with store.index.alone(), _held(store.path):
        for partial in store.path.glob("*.log.partial"):
            partial.unlink()
        checked = check(store)
        if checked.damaged:
            store.index.rebuild()
        before = _total(store.path)
        live = dict(store.index.connection.execute("SELECT segment, sum(size) FROM answers GROUP BY segment"))
        # The last first: while a key has two records, the earlier one is where a rebuilt index looks for it.
        for number in reversed(segments.numbers(store.path)):
            if live.get(number, 0) != segments.size(store.path, number):
                _rewrite(store, number)
        return Collected(checked, before - _total(store.path))


def _lost(store: Store, gaps: dict[int, list[segments.Gap]], covered: dict[int, int]) -> Iterator[Finding]:
    """The answers that the index has where no record is."""
    ends = {number: segments.size(store.path, number) for number in segments.numbers(store.path)}
    if not gaps and all(end <= ends.get(number, 0) for number, end in covered.items()):
        return
    for key, number, offset, size in store.index.connection.execute("SELECT key, segment, offset, size FROM answers"):
        gap = _gap_of(gaps, number, offset)
        if gap is not None and gap.reason != segments.TORN:
            yield Finding(number, offset, size, gap.reason, key.hex())
        elif gap is not None or offset + size > ends.get(number, 0):
            yield Finding(number, offset, size, "truncated", key.hex())


def _gap_of(gaps: dict[int, list[segments.Gap]], number: int, offset: int) -> segments.Gap | None:
    segment_gaps = gaps.get(number, [])
    at = bisect_right(segment_gaps, offset, key=lambda gap: gap.offset) - 1
    return segment_gaps[at] if at >= 0 and offset < segment_gaps[at].offset + segment_gaps[at].size else None


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    handles = []
    try:
        for number in segments.numbers(folder):
            path = segments.name(folder, number)
            handles.append(os.open(path, os.O_RDWR))
            if not segments.hold(handles[-1]):
                raise HeldError(f"{path}: a running process writes to it; nothing was changed: wait until it has ended")
        yield
    finally:
        for handle in handles:
            os.close(handle)


def _rewrite(store: Store, number: int) -> None:
    connection = store.index.connection
    path = segments.name(store.path, number)
    new = max([*segments.numbers(store.path), *store.index.indexed()]) + 1
    partial = store.path / f"{new:06d}.log.partial"
    end = 0
    try:
        with transaction(connection):
            with partial.open("wb") as stream:
                for piece in segments.scan(path):
                    if isinstance(piece, segments.Gap):
                        continue
                    if store.index.place(piece.key) != (number, piece.offset, piece.size):
                        continue
                    stream.write(segments.pack(piece.key, piece.payload))
                    connection.execute(
                        "UPDATE answers SET segment = ?, offset = ? WHERE key = ?", (new, end, piece.key)
                    )
                    end += piece.size
            connection.execute("DELETE FROM segments WHERE number = ?", (number,))
            if end:
                segments.sync(partial)
                connection.execute("INSERT INTO segments VALUES (?, ?)", (new, end))
                partial.replace(segments.name(store.path, new))
    finally:
        partial.unlink(missing_ok=True)
    path.unlink()


def _total(folder: Path) -> int:
    return sum(segments.size(folder, number) for number in segments.numbers(folder))

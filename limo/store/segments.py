"""Keys and payloads ↔ records in append-only files, damage found and passed over; used by the store and its index."""

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

MAGIC = b"\xffLM1"  # no valid UTF-8, so a text that zstd keeps as it is cannot hold it
HEAD = struct.Struct("<4s32sI8s")  # magic, key, length of the payload, check
LARGEST = 1 << 26  # bytes of a payload: what a damaged length can make a reader hold
FULL = 1 << 30  # bytes from which a segment takes no further record
TORN = "torn"
_BLOCK = 1 << 20


class Record(NamedTuple):
    """A whole record of a segment: `offset` and `size` in bytes, head included."""

    key: bytes
    offset: int
    size: int
    payload: bytes


class Gap(NamedTuple):
    """Bytes of a segment that are no whole record, and why: bad check, truncated, unknown bytes, or torn.

    Torn is the beginning of a record at the end of the segment: a write that was killed, or is under way. `key` is what
    the head says, None where there is none; it may be what is damaged.
    """

    key: bytes | None
    offset: int
    size: int
    reason: str


def pack(key: bytes, payload: bytes) -> bytes:
    """The record of a payload under a key of 32 bytes.

    Raises:
        ValueError: the payload is larger than `LARGEST`.
    """
    if len(payload) > LARGEST:
        raise ValueError(
            f"an answer of {len(payload)} bytes (compressed) is larger than the {LARGEST} that a record holds"
        )
    return HEAD.pack(MAGIC, key, len(payload), _check(key, payload)) + payload


def read(handle: int, offset: int, size: int, key: bytes) -> bytes | None:
    """The payload of the record at a place, None where no whole record of this key and size lies there."""
    if offset < 0 or not HEAD.size <= size <= HEAD.size + LARGEST:
        return None
    record = os.pread(handle, size, offset)
    if len(record) < size or not record.startswith(MAGIC + key):
        return None
    *_, length, check = HEAD.unpack_from(record)
    payload = record[HEAD.size :]
    return payload if length == len(payload) and _check(key, payload) == check else None


def scan(path: Path, start: int = 0) -> Iterator[Record | Gap]:
    """All bytes of a segment from `start` on, in order, as whole records and the gaps between them.

    After damage it goes on at the next magic, so that a damaged length costs one record. Holds one record at a time.
    """
    with path.open("rb", buffering=_BLOCK) as stream:
        end = os.fstat(stream.fileno()).st_size
        offset = start
        while offset < end:
            record = _whole(stream, offset, end)
            if record is not None:
                yield record
                offset += record.size
                continue
            after = _next_magic(stream, offset + 1, end)
            yield _gap(stream, offset, after, end)
            offset = after


def numbers(folder: Path) -> list[int]:
    """The numbers of a store's segments, in order."""
    return sorted(int(path.stem) for path in folder.glob("[0-9]" * 6 + ".log"))


def name(folder: Path, number: int) -> Path:
    """The file of a segment."""
    return folder / f"{number:06d}.log"


def size(folder: Path, number: int) -> int:
    """The bytes of a segment."""
    return name(folder, number).stat().st_size


def sync(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)


def take(folder: Path, indexed: Mapping[int, int]) -> tuple[int, int]:
    """Hold a segment for appending: its number and an open file, which keeps others off until it is closed.

    Goes on with one that is not full and that nobody holds, after cutting off the torn tail of a killed write; else
    begins a new one.

    Args:
        folder: the store.
        indexed: the bytes of each segment that the index covers: below them nothing is cut.

    Raises:
        OSError: no file can be opened or made.
    """
    for number in numbers(folder):
        # A segment shorter than its index has lost records: what is appended there would not be found.
        if not indexed.get(number, 0) <= size(folder, number) < FULL:
            continue
        path = name(folder, number)
        handle = os.open(path, os.O_RDWR | os.O_APPEND)
        if not hold(handle):
            os.close(handle)
            continue
        for piece in scan(path, indexed.get(number, 0)):
            if isinstance(piece, Gap) and piece.reason == TORN:
                os.ftruncate(handle, piece.offset)
        return number, handle
    number = max([0, *numbers(folder), *indexed]) + 1
    while True:
        try:
            handle = os.open(name(folder, number), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            number += 1
            continue
        hold(handle)
        return number, handle


def hold(handle: int) -> bool:
    """Lock an open segment until it is closed; False where a living process holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def append(handle: int, record: bytes) -> int:
    """Write a record at the end of a held segment, whole or not at all, and return its offset in bytes.

    Raises:
        OSError: it cannot be written, as on a full disk; the segment is as it was.
    """
    start = os.fstat(handle).st_size
    rest = memoryview(record)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
    except BaseException:  # an interrupt between two parts too
        os.ftruncate(handle, start)
        raise
    return start


def _check(key: bytes, payload: bytes) -> bytes:
    hasher = hashlib.blake2b(key, digest_size=8)
    hasher.update(struct.pack("<I", len(payload)))
    hasher.update(payload)
    return hasher.digest()


def _whole(stream: IO[bytes], offset: int, end: int) -> Record | None:
    stream.seek(offset)
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size or not head.startswith(MAGIC):
        return None
    _, key, length, check = HEAD.unpack(head)
    if length > LARGEST or offset + HEAD.size + length > end:
        return None
    payload = stream.read(length)
    return Record(key, offset, HEAD.size + length, payload) if _check(key, payload) == check else None


def _next_magic(stream: IO[bytes], offset: int, end: int) -> int:
    """Where the magic stands next, or `end`."""
    stream.seek(offset)
    kept = b""
    while block := stream.read(_BLOCK):
        window = kept + block
        if (at := window.find(MAGIC)) >= 0:
            return min(offset + at, end)
        kept = window[-len(MAGIC) + 1 :]
        offset += len(window) - len(kept)
    return end


def _gap(stream: IO[bytes], offset: int, after: int, end: int) -> Gap:
    size = after - offset
    stream.seek(offset)
    head = stream.read(min(size, HEAD.size))
    if head[: len(MAGIC)] != MAGIC[: len(head)]:
        return Gap(None, offset, size, "unknown bytes")
    short = TORN if after == end else "truncated"
    if size < HEAD.size:
        return Gap(None, offset, size, short)
    _, key, length, check = HEAD.unpack(head)
    room = size - HEAD.size
    # A length that is damaged itself makes a whole record look cut off.
    if length <= room or length > LARGEST or (room <= LARGEST and _check(key, stream.read(room)) == check):
        return Gap(key, offset, size, "bad check")
    return Gap(key, offset, size, short)

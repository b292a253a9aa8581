"""Keys → stored answers, and new ones kept; used by the stages that sample, `limo plan` and `limo grade --judge`."""

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

from limo.store import segments
from limo.store.index import Index, Place

if TYPE_CHECKING:
    from limo.store.request import Completion

BATCH = 1024  # answers found through memory before the index takes them
OPEN = 64  # segments kept open for reading
_KEY = re.compile(r"[0-9a-f]{64}")

log = logging.getLogger("limo.store")


class DamagedRecordError(Exception):
    """A stored answer whose bytes are not those that were written."""


def folder() -> Path:
    """Where stored answers live: $LIMO_STORE, else .limo/store under $DVC_ROOT or the working directory.

    Never inside a DVC out: a stage's outs are removed before it runs, and an experiment in a temporary workspace must
    find what other runs have drawn ($DVC_ROOT is the original repository there).
    """
    chosen = os.environ.get("LIMO_STORE")
    return Path(chosen) if chosen else Path(os.environ.get("DVC_ROOT", ".")) / ".limo" / "store"


class Store:
    """Finished answers of one model by request key: a folder of segments, and an index that is made of them.

    An answer is kept once `put` has appended it to a segment, so a kill at any instant loses no finished one. Every
    process appends to a segment of its own: several may read and write side by side. One thread uses a store.
    """

    def __init__(self, path: Path):
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.index = Index(path)
        self._writer: tuple[int, int] | None = None  # number and open file of the segment held
        self._pending: dict[bytes, Place] = {}  # written, not yet indexed
        self._readers: dict[int, int] = {}
        self._compressor = zstandard.ZstdCompressor()
        self._decompressor = zstandard.ZstdDecompressor()

    def get(self, keys: Iterable[str]) -> "dict[str, Completion]":
        """The stored answers among `keys`, those included that other processes have just written.

        Raises:
            DamagedRecordError: a record's bytes do not fit; the message names it and the remedy.
            ValueError: a key is not 64 hex characters.
        """
        wanted = {key: _raw(key) for key in keys}
        places = {key: place for key, raw in wanted.items() if (place := self._place(raw))}
        if len(places) < len(wanted) and self.index.grown(self._writer and self._writer[0]):
            self._cover()
            places = {key: place for key, raw in wanted.items() if (place := self._place(raw))}
        completions = {key: self._completion(wanted[key], place) for key, place in places.items()}
        return {key: completion for key, completion in completions.items() if completion is not None}

    def put(self, key: str, completion: "Completion") -> bool:
        """Keep an answer, and say whether it is new: the first one written under a key stays.

        Raises:
            OSError: it could not be written, as on a full disk; what was put before is kept.
            ValueError: the key is not 64 hex characters, or the answer is larger than a record holds.
        """
        raw = _raw(key)
        if self._place(raw):
            with self.index.alone():  # what was indexed may have been dropped since, in another index
                if self._place(raw):
                    return False
        # The length comes first: an index is made without reading the texts.
        payload = json.dumps({"tokens": completion.tokens, **completion.as_dict()}).encode()
        record = segments.pack(raw, self._compressor.compress(payload))
        try:
            self._writer = number, handle = self._writer or self._take()
            offset = segments.append(handle, record)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self.path}: the answer under {key} could not be written ({error.strerror}), all before it are kept: "
                "make room on the disk, and run again",
            ) from error
        self._pending[raw] = number, offset, len(record)
        if len(self._pending) % BATCH == 0:
            self._cover()
        if offset + len(record) >= segments.FULL:
            self._release()
        return True

    def holds(self, key: str) -> bool:
        """Whether an answer is stored under a key; the answer itself is not read.

        Raises:
            ValueError: the key is not 64 hex characters.
        """
        return self._place(_raw(key)) is not None

    def items(self) -> "Iterator[tuple[str, Completion]]":
        """All answers in the order of their keys, one in memory at a time.

        Raises:
            DamagedRecordError: as `get`.
        """
        self._cover()
        query = "SELECT key, segment, offset, size FROM answers ORDER BY key"
        for key, number, offset, size in self.index.connection.execute(query):
            completion = self._completion(key, (number, offset, size))
            if completion is not None:
                yield key.hex(), completion

    def payload(self, key: bytes, place: Place) -> bytes | None:
        """What was written for a key, None where no whole record of it lies at that place."""
        number, offset, size = place
        if number not in self._readers:
            if len(self._readers) == OPEN:
                os.close(self._readers.pop(next(iter(self._readers))))
            try:
                self._readers[number] = os.open(segments.name(self.path, number), os.O_RDONLY)
            except FileNotFoundError:
                return None
        return segments.read(self._readers[number], offset, size, key)

    def __len__(self) -> int:
        self._cover()
        return int(self.index.row("SELECT count(*) FROM answers")[0])

    def close(self) -> None:
        """Index what was put, and close all files; further calls fail."""
        self._release()
        self.index.close()
        self._forget()

    def _place(self, key: bytes) -> Place | None:
        return self._pending.get(key) or self.index.place(key)

    def _completion(self, key: bytes, place: Place) -> "Completion | None":
        """What is stored under a key, None where it was dropped this moment."""
        from limo.store.request import Completion  # noqa: PLC0415  (nobody who only writes waits for polars)

        payload = self.payload(key, place)
        if payload is None:
            self._forget()
            with self.index.alone():  # its segment may have been rewritten
                moved = self._place(key)
            if moved is None:
                return None
            place = moved
            payload = self.payload(key, place)
        if payload is None:
            raise DamagedRecordError(
                f"{segments.name(self.path, place[0])}: the answer under {key.hex()} at offset {place[1]} is damaged: "
                f"`limo store gc {self.path.name}` drops it, and it is drawn again"
            )
        return Completion(**json.loads(self._decompressor.decompress(payload)))

    def _forget(self) -> None:
        while self._readers:
            os.close(self._readers.popitem()[1])

    def _take(self) -> tuple[int, int]:
        with self.index.alone():
            self.index.cover()
            return segments.take(self.path, self.index.indexed())

    def _cover(self) -> None:
        try:
            self.index.cover()
            self._pending.clear()
        except OSError as error:  # the answers themselves are kept, and found through memory or at the next opening
            log.warning("%s", error)

    def _release(self) -> None:
        if self._pending:
            self._cover()
        if self._writer is not None:
            os.close(self._writer[1])
            self._writer = None


@contextmanager
def open_store(model: str) -> Iterator[Store]:
    """The store of the model with this fingerprint, closed at the end of the block."""
    store = Store(folder() / model[:32])
    try:
        yield store
    finally:
        store.close()


def _raw(key: str) -> bytes:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key: give the 64 hex characters of a request's hash")
    return bytes.fromhex(key)

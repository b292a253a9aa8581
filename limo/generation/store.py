import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from limo.generation.request import Completion

_CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, record BLOB NOT NULL, check_sum BLOB NOT NULL)"


class DamagedRecordError(Exception):
    """A stored answer whose bytes are not those that were written."""


def folder() -> Path:
    """Where stored answers live: $LIMO_STORE, else .limo/store under $DVC_ROOT or the working directory.

    Never inside a DVC out: a stage's outs are removed before it runs, and an experiment in a temporary workspace must
    find what other runs have drawn ($DVC_ROOT is the original repository there).
    """
    chosen = os.environ.get("LIMO_STORE")
    return Path(chosen) if chosen else Path(os.environ.get("DVC_ROOT", ".")) / ".limo" / "store"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Store:
    """Finished answers of one model by request key, in one SQLite file.

    Each answer is committed on its own, so a kill at any instant loses no finished one; several processes may read
    and write side by side.
    """

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        with _alone(path.parent):  # SQLite does not wait for another process that changes the journal too
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=NORMAL")
            self.connection.execute(_CREATE)

    def get(self, keys: Iterable[str]) -> dict[str, Completion]:
        """The stored answers among `keys`.

        Raises:
            DamagedRecordError: a record's bytes do not fit their check sum; the message names it and the remedy.
        """
        found: dict[str, Completion] = {}
        for key in keys:
            row = self.connection.execute("SELECT record, check_sum FROM answers WHERE key = ?", (key,)).fetchone()
            if row is not None:
                found[key] = self._decode(key, *row)
        return found

    def put(self, key: str, completion: Completion) -> None:
        """Keep an answer; the first one written under a key stays."""
        record = zstandard.compress(json.dumps(completion.as_dict(), sort_keys=True).encode())
        self.connection.execute(
            "INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", (key, record, _check_sum(key, record))
        )

    def __len__(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Close the file; further calls fail."""
        self.connection.close()

    def _decode(self, key: str, record: bytes, check_sum: bytes) -> Completion:
        if _check_sum(key, record) != check_sum:
            raise DamagedRecordError(
                f"{self.path}: the answer stored under {key} is damaged; remove that row of its table "
                "`answers` with any SQLite client, and it is drawn again"
            )
        return Completion(**json.loads(zstandard.decompress(record)))


@contextmanager
def open_store(model: str) -> Iterator[Store]:
    """The store of the model with this fingerprint, closed at the end of the block."""
    store = Store(folder() / f"{model[:32]}.sqlite")
    try:
        yield store
    finally:
        store.close()


def _check_sum(key: str, record: bytes) -> bytes:
    return hashlib.sha256(key.encode() + record).digest()[:8]

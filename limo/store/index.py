"""Segments of a store → where each answer lies, in an SQLite file; used by the store and its upkeep."""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import zstandard

from limo.base.files import whole
from limo.store import segments

Place = tuple[int, int, int]  # segment, offset and size in bytes

NAME = "index.sqlite"
BATCH = 1024  # records per statement
CACHE = 32768  # KiB of the index in memory
TOKENS = b'{"tokens": '  # how every payload begins
_VERSION = 1
_ANSWERS = (
    "CREATE TABLE answers (key BLOB PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "size INTEGER NOT NULL, tokens INTEGER NOT NULL) WITHOUT ROWID"
)
_SEGMENTS = "CREATE TABLE segments (number INTEGER PRIMARY KEY, indexed INTEGER NOT NULL)"
# Of two records under a key the one that comes first in the segments counts, in whichever order they are indexed.
_ANSWER = """INSERT INTO answers VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE
SET segment = excluded.segment, offset = excluded.offset, size = excluded.size, tokens = excluded.tokens
WHERE (excluded.segment, excluded.offset) < (segment, offset)"""
_DAMAGE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_NOTADB}

log = logging.getLogger("limo.store")


class NoIndexError(Exception):
    """There is no index, or one of another form."""


class Index:
    """Where the records of a store's segments lie: an SQLite file that is made of them again where it is damaged.

    An opened index covers every whole record that its segments held then.
    """

    connection: sqlite3.Connection

    def __init__(self, folder: Path):
        self.folder = folder
        self._inode: int | None = None
        self._alone = False
        self._seen: dict[int, int] = {}  # bytes of each segment when it was last covered
        self.cover()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process changes the index, or begins or ends a segment, within the block."""
        if self._alone:
            yield
            return
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._alone = True
            self._connect()
            yield
        finally:
            self._alone = False
            os.close(handle)

    def row(self, query: str, *values: Any) -> Any:
        """The first row of a query, None where there is none.

        Raises:
            OSError: the index cannot be read, though it is not damaged.
        """
        connection = self.connection
        try:
            return connection.execute(query, values).fetchone()
        except sqlite3.DatabaseError as error:
            with self.alone():
                if self.connection is connection:  # no other process has made it again
                    self._mend(error)
            return self.connection.execute(query, values).fetchone()

    def place(self, key: bytes) -> Place | None:
        """Where the record of a key lies."""
        row = self.row("SELECT segment, offset, size FROM answers WHERE key = ?", key)
        return row if row and all(isinstance(part, int) for part in row) else None

    def indexed(self) -> dict[int, int]:
        """The bytes of each segment that are covered."""
        return dict(self.connection.execute("SELECT number, indexed FROM segments"))

    def grown(self, own: int | None) -> bool:
        """Whether a segment other than `own` has changed since it was last covered."""
        sizes = {number: segments.size(self.folder, number) for number in segments.numbers(self.folder)}
        return any(number != own and size != self._seen.get(number) for number, size in sizes.items())

    def cover(self) -> None:
        """Index what lies beyond the covered part of every segment.

        Raises:
            OSError: the index cannot be written, as on a full disk; the segments are as they were.
        """
        with self.alone():
            try:
                known = self.indexed()
                for number in segments.numbers(self.folder):
                    size = segments.size(self.folder, number)
                    if size > known.get(number, 0) and size != self._seen.get(number):
                        _extend(self.connection, self.folder, number)
                    self._seen[number] = size
            except sqlite3.DatabaseError as error:
                self._mend(error)

    def rebuild(self) -> None:
        """Make the index anew; processes that have the old one open come upon the new one by `alone`."""
        with self.alone():
            self.close()
            _build(self.folder)
            self._connect()

    def close(self) -> None:
        """Close the file; further calls fail."""
        if self._inode is not None:
            self.connection.close()
            self._inode = None

    def _connect(self) -> None:
        """Open the index that stands in the folder now."""
        path = self.folder / NAME
        inode = path.stat().st_ino if path.exists() else None
        if inode is not None and inode == self._inode:
            return
        self.close()
        self._seen.clear()
        try:
            self.connection = _open(self.folder)
        except (NoIndexError, sqlite3.DatabaseError) as error:
            self._mend(error)
        self._inode = path.stat().st_ino

    def _mend(self, error: Exception) -> None:
        """Make the index anew where that is what an error asks for."""
        if isinstance(error, sqlite3.DatabaseError) and not _damaged(error):
            raise OSError(
                f"{self.folder / NAME} cannot be used ({error}), no answer is lost: make room on the disk, "
                "or see whether it may be written"
            ) from error
        log.warning("%s is made again of the segments: %s", self.folder / NAME, error)
        self.rebuild()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block's changes, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _open(folder: Path) -> sqlite3.Connection:
    path = folder / NAME
    held = bool(segments.numbers(folder))
    if held and not path.exists():
        raise NoIndexError("it is missing")
    connection = sqlite3.connect(path, timeout=600, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        # Keys come in no order: a batch touches as many pages as it has answers.
        connection.execute(f"PRAGMA cache_size = -{CACHE}")
        connection.execute("PRAGMA wal_autocheckpoint = 8192")
        made = connection.execute("PRAGMA user_version").fetchone() == (_VERSION,)
        if not made and not held:
            _create(connection)
    except BaseException:
        connection.close()
        raise
    if not made and held:
        connection.close()
        raise NoIndexError("it is empty, or of another form")
    return connection


def _create(connection: sqlite3.Connection) -> None:
    for statement in (_ANSWERS, _SEGMENTS, f"PRAGMA user_version = {_VERSION}"):
        connection.execute(statement)


def _build(folder: Path) -> None:
    try:
        with whole(folder / NAME) as partial:
            partial.unlink(missing_ok=True)  # of a process that was killed
            with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(f"PRAGMA cache_size = -{CACHE}")
                _create(connection)
                for number in segments.numbers(folder):
                    _extend(connection, folder, number)
            for old in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
                (folder / old).unlink(missing_ok=True)
    except sqlite3.OperationalError as error:
        raise OSError(f"{folder / NAME} cannot be made ({error}), no answer is lost: make room on the disk") from error


def _extend(connection: sqlite3.Connection, folder: Path, number: int) -> None:
    """Index what a segment holds beyond its covered part."""
    path = segments.name(folder, number)
    with transaction(connection):
        covered = connection.execute("SELECT indexed FROM segments WHERE number = ?", (number,)).fetchone()
        end = covered[0] if covered else 0
        rows: list[tuple[bytes, int, int, int, int]] = []
        for piece in segments.scan(path, end):
            if isinstance(piece, segments.Gap):
                if piece.reason != segments.TORN:
                    told = "%s: at offset %d, %d bytes are no record (%s): run `limo store gc %s`"
                    log.warning(told, path, piece.offset, piece.size, piece.reason, folder.name)
                continue
            rows.append((piece.key, number, piece.offset, piece.size, _tokens(piece.payload)))
            end = piece.offset + piece.size
            if len(rows) == BATCH:
                connection.executemany(_ANSWER, rows)
                rows.clear()
        connection.executemany(_ANSWER, rows)
        connection.execute("INSERT OR REPLACE INTO segments VALUES (?, ?)", (number, end))
        segments.sync(path)  # before what points to it, so that a power cut loses only what was not yet indexed


def _tokens(payload: bytes) -> int:
    start = zstandard.ZstdDecompressor().stream_reader(payload).read(len(TOKENS) + 24)
    return int(start[len(TOKENS) : start.index(b",")])


def _damaged(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)  # none where a value cannot be decoded
    if isinstance(error, sqlite3.ProgrammingError):
        return False
    return code is None or code & 0xFF in _DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ

"""A file of JSON, CSV or Parquet → rows with their places; used by acquire and benchmarks."""

import csv
import gzip
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from limo.lines.packed import unpacked_lines

_BATCH = 1000  # rows of a table in memory at once


class Unreadable(NamedTuple):
    """A row that could not be parsed: its text, as far as it can be shown, and the reason."""

    text: str
    reason: str


Places = Iterator[tuple[str, Mapping[str, Any] | Unreadable]]


def read(path: Path) -> Places:
    """Yield (place, row) pairs of a file in file order; the format follows from the name's ending.

    Lines and tables are streamed; a JSON array is read as a whole. An array of objects, such as the turns of a
    conversation, is a row with the columns 0, 1, …. Any other line that is no JSON object, or element of an array that
    is none, becomes an `Unreadable` that names file and line.

    Raises:
        ValueError: the ending is unknown or the file as a whole is damaged.
    """
    reader = next((read for ending, read in READERS.items() if path.name.endswith(ending)), None)
    if reader is None:
        raise ValueError(f"{path}: the name must end in one of {', '.join(READERS)}")
    try:
        yield from reader(path)
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path.name} is damaged or is cut short ({error}): fetch it again") from error
    except csv.Error as error:
        raise ValueError(f"{path.name} is no readable table of comma-separated values: {error}") from error
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path.name} is no readable {path.suffix[1:].capitalize()} file: {error}") from error


def _opened(path: Path) -> Iterator[bytes]:
    if path.suffix == ".zst":
        with path.open("rb") as packed:
            yield from unpacked_lines(packed)
        return
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        yield from stream


def _objects(name: str, lines: Iterable[bytes]) -> Places:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        # Bytes that are no UTF-8 become lone surrogates, which the row's own check finds and names.
        text = line.decode("utf-8", errors="surrogateescape")
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield f"line {number}", Unreadable(text, f"malformed JSON line: {name} line {number} ({error})")
            continue
        if (known := _row(row)) is not None:
            yield f"line {number}", known
            continue
        reason = f"malformed JSON line: {name} line {number} (a {type(row).__name__}, no object)"
        yield f"line {number}", Unreadable(text, reason)


def _row(value: Any) -> dict[str, Any] | None:
    """An object, or an array of objects by their places; None for anything else."""
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return {str(place): part for place, part in enumerate(value)}
    return value if isinstance(value, dict) else None


def _elements(name: str, lines: Iterable[bytes]) -> Places:
    try:
        values = json.loads(b"\n".join(lines).decode("utf-8", errors="surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is no valid JSON: {error}") from error
    if not isinstance(values, list):
        raise ValueError(f"{name} holds a JSON {type(values).__name__}, expected an array of objects")  # noqa: TRY004
    for number, value in enumerate(values, 1):
        if (known := _row(value)) is not None:
            yield f"row {number}", known
            continue
        reason = f"malformed row: {name} row {number} (a {type(value).__name__}, no object)"
        yield f"row {number}", Unreadable(json.dumps(value, ensure_ascii=False), reason)


def _zip(path: Path) -> Places:
    """The .jsonl and .json members in the order of their names; a place names its member unless there is one only."""
    with zipfile.ZipFile(path) as archive:
        # What macOS adds beside each file has the same ending and no rows.
        members = sorted(
            name for name in archive.namelist() if name.endswith((".jsonl", ".json")) and "__MACOSX" not in name
        )
        if not members:
            raise ValueError(f"{path.name} holds no .jsonl or .json file, only {sorted(archive.namelist())[:5]}")
        for member in members:
            parse = _objects if member.endswith(".jsonl") else _elements
            with archive.open(member) as stream:
                for place, row in parse(f"{path.name}:{member}", stream):
                    yield place if len(members) == 1 else f"{member} {place}", row


def _parquet(path: Path) -> Places:
    with pq.ParquetFile(path) as file:
        yield from _table(file.iter_batches(batch_size=_BATCH))


def _arrow(path: Path) -> Places:
    """An Arrow file, or the bare stream that `datasets` keeps in its cache."""
    with pa.memory_map(str(path)) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        if not is_file:
            yield from _table(pa.ipc.open_stream(source))
            return
        reader = pa.ipc.open_file(source)
        yield from _table(reader.get_batch(number) for number in range(reader.num_record_batches))


def _table(batches: Iterable[pa.RecordBatch]) -> Places:
    number = 0
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH):
            for row in batch.slice(start, _BATCH).to_pylist():
                number += 1
                yield f"row {number}", row


def _jsonl(path: Path) -> Places:
    return _objects(path.name, _opened(path))


def _json(path: Path) -> Places:
    return _elements(path.name, _opened(path))


def _csv(path: Path) -> Places:
    """The rows of a table with a header line; cells beyond the header's make a row unreadable."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream, strict=True), 1):
            if None in row or None in row.values():
                reason = f"malformed row: {path.name} row {number} (other columns than the header)"
                yield f"row {number}", Unreadable(str(list(row.values())), reason)
                continue
            yield f"row {number}", row


READERS: dict[str, Callable[[Path], Places]] = {
    ".jsonl": _jsonl,
    ".jsonl.gz": _jsonl,
    ".jsonl.zst": _jsonl,
    ".json": _json,
    ".json.gz": _json,
    ".json.zst": _json,
    ".zip": _zip,
    ".csv": _csv,
    ".parquet": _parquet,
    ".arrow": _arrow,
}

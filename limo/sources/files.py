import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import zstandard

from limo.params import FileSource, HubSource


class Unreadable(NamedTuple):
    """A row that could not be parsed: its text, as far as it can be shown, and the reason."""

    text: str
    reason: str


def records(spec: FileSource) -> Iterator[dict[str, Any]]:
    """Yield the rows of a local file in file order; `source_revision` is the sha256 of the file.

    A line that is no JSON object becomes a rejected row that names file and line.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the ending is unknown or the file as a whole is damaged.
    """
    path = Path(spec.path)
    reader = next((read for ending, read in READERS.items() if path.name.endswith(ending)), None)
    if reader is None:
        raise ValueError(f"{path}: the name must end in one of {', '.join(READERS)}")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: correct the source's `path` or put the file in place")
    content = path.read_bytes()
    yield from mapped(reader(path.name, content), spec, str(path), hashlib.sha256(content).hexdigest())


def mapped(
    found: Iterable[tuple[str, Mapping[str, Any] | Unreadable]],
    spec: FileSource | HubSource,
    origin: str,
    revision: str,
) -> Iterator[dict[str, Any]]:
    """Turn rows with columns of their own into records: filter by `where`, stop at `limit`, rename by `fields`.

    Args:
        found: (place, row) pairs; the place is the source id where `fields.id` names none.
        spec: the section with `fields`, `where`, `limit`, `answer_from` and `licence`.
        origin: the file or repository, for messages.
        revision: what pins the rows.

    Raises:
        ValueError: `answer_from` lacks its field.
    """
    source = {"field": "answer", "last_boxed": "solution"}[spec.answer_from]
    if getattr(spec.fields, source) is None:
        raise ValueError(f"{origin}: answer_from {spec.answer_from!r} needs a column in fields.{source}")
    taken = 0
    for place, row in found:
        if not isinstance(row, Unreadable) and any(
            nested(row, column) not in spec.where[column] for column in spec.where
        ):
            continue
        yield _record(place, row, spec, revision)
        taken += 1
        if taken == spec.limit:
            return


def nested(row: Any, column: str) -> Any:
    """The value under a dotted column name, None where there is none; a number is a position in a list."""
    for part in column.split("."):
        if isinstance(row, Mapping):
            row = row.get(part)
        elif isinstance(row, list) and part.isdecimal() and int(part) < len(row):
            row = row[int(part)]
        else:
            return None
    return row


def last_boxed(text: str) -> str | None:
    r"""The content of the last \boxed{…} with balanced braces, None where there is none."""
    opened: list[re.Match[str]] = []
    start, end = -1, -1
    for token in re.finditer(r"\\boxed\s*\{|\\.|[{}]", text, re.DOTALL):
        if token.group().endswith("{") and token.group() != "\\{":
            opened.append(token)
        elif token.group() == "}" and opened:
            opening = opened.pop()
            if len(opening.group()) > 1 and opening.end() > start:
                start, end = opening.end(), token.start()
    return None if start < 0 else text[start:end]


def _record(
    place: str, row: Mapping[str, Any] | Unreadable, spec: FileSource | HubSource, revision: str
) -> dict[str, Any]:
    if isinstance(row, Unreadable):
        values: dict[str, Any] = {"question": row.text, "rejected": row.reason}
    else:
        values = {field: nested(row, column) for field, column in spec.fields.model_dump().items() if column}
    solution = values.get("solution")
    if spec.answer_from == "last_boxed":
        values["answer"] = last_boxed(solution) if isinstance(solution, str) else None
    return {
        "source_id": place if values.get("id") in (None, "") else str(values["id"]),
        "question": values.get("question"),
        "answer": values.get("answer"),
        "solutions": [] if solution is None else [{"style": "official", "text": solution}],
        "domain": values.get("domain"),
        "level": values.get("level"),
        "source_revision": revision,
        "licence": spec.licence,
        "rejected": values.get("rejected"),
    }


# --- readers: (file name, content) -> (place, row) pairs --------------------------------------------------------


def _lines(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any] | Unreadable]]:
    for number, line in enumerate(io.BytesIO(content), 1):
        if not line.strip():
            continue
        # Bytes that are no UTF-8 become lone surrogates, which the row's own check finds and names.
        text = line.decode("utf-8", errors="surrogateescape")
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield f"line {number}", Unreadable(text, f"malformed JSON line: {name} line {number} ({error})")
            continue
        if isinstance(row, dict):
            yield f"line {number}", row
            continue
        reason = f"malformed JSON line: {name} line {number} (a {type(row).__name__}, no object)"
        yield f"line {number}", Unreadable(text, reason)


def _packed_lines(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any] | Unreadable]]:
    lines = io.BytesIO()
    while content:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            lines.write(frame.decompress(content))
        except zstandard.ZstdError as error:
            raise ValueError(f"{name} is damaged: {error}") from error
        # The library itself takes the end of the file for the end of the data.
        if not frame.eof:
            raise ValueError(f"{name} is cut short: fetch it again")
        content = frame.unused_data
    yield from _lines(name, lines.getvalue())


def _array(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any] | Unreadable]]:
    try:
        values = json.loads(content.decode("utf-8", errors="surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is no valid JSON: {error}") from error
    if not isinstance(values, list):
        raise ValueError(f"{name} holds a JSON {type(values).__name__}, expected an array of objects")  # noqa: TRY004
    for number, value in enumerate(values, 1):
        if isinstance(value, dict):
            yield f"row {number}", value
            continue
        reason = f"malformed row: {name} row {number} (a {type(value).__name__}, no object)"
        yield f"row {number}", Unreadable(json.dumps(value, ensure_ascii=False), reason)


def _parquet(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any] | Unreadable]]:
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{name} is no readable Parquet file: {error}") from error
    for number, row in enumerate(table.iter_rows(named=True), 1):
        yield f"row {number}", row


READERS: dict[str, Callable[[str, bytes], Iterator[tuple[str, Mapping[str, Any] | Unreadable]]]] = {
    ".jsonl": _lines,
    ".jsonl.zst": _packed_lines,
    ".json": _array,
    ".parquet": _parquet,
}

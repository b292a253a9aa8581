import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from limo.params import FileSource, HubSource
from limo.sources.formats import Unreadable, read


def records(spec: FileSource) -> Iterator[dict[str, Any]]:
    """Yield the rows of a local file in file order; `source_revision` is the sha256 of the file.

    A row that cannot be read becomes a rejected row that names file and line.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the ending is unknown or the file as a whole is damaged.
    """
    path = Path(spec.path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: correct the source's `path` or put the file in place")
    with path.open("rb") as content:
        revision = hashlib.file_digest(content, "sha256").hexdigest()
    yield from mapped(read(path), spec, str(path), revision)


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

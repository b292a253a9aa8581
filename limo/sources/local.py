"""A file of rows → records, its columns renamed; used by acquire and benchmarks."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from limo.answers.boxes import last_boxed
from limo.params import Fields, FileSource, TableSource
from limo.sources.formats import Unreadable, read
from limo.sources.layouts import LAYOUTS, missing
from limo.sources.values import columns, has, listed, nested


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
    yield from mapped(read(path), spec, revision)


def mapped(
    placed: Iterable[tuple[str, Mapping[str, Any] | Unreadable]],
    spec: TableSource,
    revision: str,
) -> Iterator[dict[str, Any]]:
    """Turn rows with columns of their own into records: filter by `where`, stop at `limit`, rename by `fields`.

    Args:
        placed: (place, row) pairs; the place is the source id where the row has none.
        spec: the section with `fields`, `where`, `limit`, `answer_from` and `licence`.
        revision: what pins the rows.

    Raises:
        ValueError: no row has the columns of its publisher's layout, or a column that `fields` or `where` names.
    """
    taken, strange = 0, 0
    unseen, first = _named(spec), None
    for place, row in placed:
        if not isinstance(row, Unreadable):
            first = first or row
            unseen = {key: column for key, column in unseen.items() if not has(row, column)}
            if not all(_among(nested(row, column), wanted) for column, wanted in spec.where.items()):
                continue
        fault = _misfit(row, spec.fields)
        yield _record(place, row, fault, spec, revision)
        taken += 1
        strange += fault is not None
        if taken == spec.limit:
            break
    if first is not None and unseen:
        named = "; ".join(f"{key} names {column!r}" for key, column in unseen.items())
        raise ValueError(f"no row has this column: {named}. The first row has {', '.join(columns(first))}")
    if first is not None and taken and strange == taken:
        has_columns = ", ".join(columns(first))
        raise ValueError(
            f"none of {taken} rows has the layout {spec.fields!r}: {fault}. The first row has {has_columns}"
        )


def _named(spec: TableSource) -> dict[str, str]:
    """The columns that params.yaml names, by the key that names them."""
    fields = {} if isinstance(spec.fields, str) else spec.fields.model_dump()
    used = {f"fields.{field}": column for field, column in fields.items() if column is not None}
    return used | {f"where.{column}": column for column in spec.where}


def _among(value: Any, wanted: list[str | int | bool]) -> bool:
    """Whether a value is one of those wanted; to Python, true is 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)


def _misfit(row: Mapping[str, Any] | Unreadable, fields: Fields | str) -> str | None:
    return missing(row, fields) if isinstance(fields, str) and not isinstance(row, Unreadable) else None


def _record(
    place: str, row: Mapping[str, Any] | Unreadable, fault: str | None, spec: TableSource, revision: str
) -> dict[str, Any]:
    values = _values(row, spec) if fault is None else {"question": str(row), "rejected": fault}
    place = f"{values['collection']} {place}" if values.get("collection") else place
    return {
        "source_id": place if values.get("id") in (None, "") else str(values["id"]),
        "question": values.get("question"),
        "answer": listed(values.get("answer")),
        "solutions": [{"style": "official", "text": text} for text in values.get("solutions", []) if text is not None],
        "domain": values.get("domain"),
        "level": values.get("level"),
        "origin": values.get("origin"),
        "source_revision": revision,
        "licence": spec.licence,
        "rejected": values.get("rejected"),
        "held_out": values.get("held_out"),
    }


def _values(row: Mapping[str, Any] | Unreadable, spec: TableSource) -> dict[str, Any]:
    if isinstance(row, Unreadable):
        return {"question": row.text, "rejected": row.reason}
    if isinstance(spec.fields, str):
        return LAYOUTS[spec.fields].values(row)
    values = {field: nested(row, column) for field, column in spec.fields.model_dump().items() if column}
    solution = values.get("solution")
    if spec.answer_from == "last_boxed":
        values["answer"] = last_boxed(solution) if isinstance(solution, str) else None
    return values | {"solutions": [solution]}

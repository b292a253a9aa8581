"""A file or hub data set of rows with columns → records; used by recorded and import."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from limo.params import TraceFields, TraceFile, TraceHub
from limo.sources import hub
from limo.sources.formats import Unreadable, read
from limo.sources.recorded.layouts import LAYOUTS, missing
from limo.sources.recorded.record import PassCount, Said, TraceRow, of_share, stopped, verdict
from limo.sources.values import nested

Placed = tuple[str, str, TraceRow]


def of_file(spec: TraceFile) -> Iterator[Placed]:
    """Place, revision (sha256 of the file) and record of every row of a local file, in its order.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the ending is unknown, the file as a whole is damaged, or no row fits its layout.
    """
    path = Path(spec.path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: correct the record's `path` or put the file in place")
    with path.open("rb") as content:
        revision = hashlib.file_digest(content, "sha256").hexdigest()
    yield from _records(read(path), spec, revision)


def of_hub(spec: TraceHub) -> Iterator[Placed]:
    """The same of a hub data set, streamed; its revision is the commit.

    Raises:
        ValueError, ConnectionError: as `hub.rows`, or no row fits its layout.
    """
    yield from _records(hub.rows(spec), spec, spec.revision)


def _records(rows: Iterator[tuple[str, Any]], spec: TraceFile | TraceHub, revision: str) -> Iterator[Placed]:
    taken, strange, fault = 0, 0, None
    for place, row in rows:
        if not isinstance(row, Unreadable) and any(
            nested(row, column) not in spec.where[column] for column in spec.where
        ):
            continue
        record = _record(row, spec)
        unfit = isinstance(spec.fields, str) and record.fault is not None and record.fault.startswith("no column")
        strange, fault = strange + unfit, record.fault
        yield place, revision, record
        taken += 1
        if taken == spec.limit:
            break
    if taken and strange == taken:
        raise ValueError(f"none of {taken} rows has the layout {spec.fields!r}: {fault}")


def _record(row: Mapping[str, Any] | Unreadable, spec: TraceFile | TraceHub) -> TraceRow:
    if isinstance(row, Unreadable):
        return TraceRow(None, row.text, [], [], row.reason)
    if isinstance(spec.fields, str) and (fault := missing(row, spec.fields)):
        return TraceRow(None, str(dict(row)), [], [], fault)
    try:
        return LAYOUTS[spec.fields].record(row) if isinstance(spec.fields, str) else _named(row, spec.fields, spec)
    except (ValueError, TypeError, AttributeError) as error:  # values of other types than the publisher's
        return TraceRow(None, str(dict(row)), [], [], f"malformed row: {error}")


def _named(row: Mapping[str, Any], fields: TraceFields, spec: TraceFile | TraceHub) -> TraceRow:
    def value(column: str | None) -> Any:
        return None if column is None else nested(row, column)

    texts = _listed(value(fields.text)) if fields.text else []
    beside = {key: _beside(value(getattr(fields, key)), len(texts)) for key in ("verdict", "stop", "author")}
    said = [
        Said(text, verdict(mark), stopped(stop), author)
        for text, mark, stop, author in zip(texts, beside["verdict"], beside["stop"], beside["author"], strict=True)
    ]
    return TraceRow(value(fields.id), nested(row, fields.question), said, list(_counted(row, fields, spec.draws)))


def _counted(row: Mapping[str, Any], fields: TraceFields, draws: int | None) -> Iterator[PassCount]:
    if fields.rate is not None and draws is not None:
        yield of_share(nested(row, fields.rate), draws)
    elif fields.correct is not None and fields.drawn is not None:
        correct, drawn = nested(row, fields.correct), nested(row, fields.drawn)
        try:
            whole = int(correct), int(drawn)
        except (TypeError, ValueError):
            yield PassCount(None, None, fault=f"no count: {correct!r} of {drawn!r}")
            return
        fault = None if 0 <= whole[0] <= whole[1] and whole[1] else f"no count: {correct} of {drawn}"
        yield PassCount(*whole, fault=fault)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _beside(value: Any, count: int) -> list[Any]:
    """A value for each text: those of a list, or one for all.

    Raises:
        ValueError: a list of another length.
    """
    if not isinstance(value, list):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{len(value)} values stand beside {count} texts")
    return value

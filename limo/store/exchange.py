"""A store ↔ a file of answers that others can add to theirs; used by `limo store export` and `import`."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import zstandard
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from limo.lines import jsonl
from limo.store.request import Completion
from limo.store.store import Store, open_store

COLUMNS = ("fingerprint", "key", "text", "tokens", "stop")
_BATCH = 256  # rows of a table in memory


class StoredAnswer(BaseModel):
    """A stored answer as a line of an export, or a row of an attempts table, which has further columns."""

    model_config = ConfigDict(frozen=True, strict=True)

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{32,64}$")]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    text: str
    tokens: Annotated[int, Field(ge=0)]
    stop: Literal["eos", "length"]


class _Given(BaseModel):
    model_config = ConfigDict(extra="allow")


class Imported(NamedTuple):
    """Answers of a file that were added to the store, and those that it had."""

    added: int
    present: int


def write(store: Store, out: Path) -> int:
    """Write all answers of a store in the order of their keys to a .jsonl.zst file, and return their number.

    Raises:
        DamagedRecordError: an answer is damaged; nothing is left of the file.
        OSError: the file cannot be written.
    """
    written = 0
    with jsonl.whole(str(out)) as stream, zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as packed:
        for key, completion in store.items():
            row = {"fingerprint": store.path.name, "key": key, **completion.as_dict()}
            packed.write(json.dumps(row).encode() + b"\n")
            written += 1
    return written


def read(path: Path) -> Imported:
    """Add the answers of an export, or of an attempts table, to the stores of their models.

    Raises:
        InputError: a row or the file cannot be used; nothing of it is written.
        OSError: an answer cannot be written; those before it are kept.
    """
    _check(path)
    added = present = 0
    stores: dict[str, Store] = {}
    with ExitStack() as stack:
        for _, given in _rows(path):
            row = StoredAnswer.model_validate(given)
            model = row.fingerprint[:32]
            if model not in stores:
                stores[model] = stack.enter_context(open_store(model))
            new = stores[model].put(row.key, Completion(row.text, row.tokens, row.stop))
            added, present = added + new, present + (not new)
    return Imported(added, present)


def _check(path: Path) -> None:
    faults: list[str] = []
    count = 0
    for number, given in _rows(path):
        fault = given if isinstance(given, str) else _fault(given)
        if fault is None:
            continue
        count += 1
        if len(faults) < jsonl.LISTED:
            key = given.get("key") if isinstance(given, dict) else None
            faults.append(f"\n  {path} row {number}, key {key}: {fault}")
    if count:
        more = f"\n  and {count - jsonl.LISTED} more" if count > jsonl.LISTED else ""
        raise jsonl.InputError(
            f"{count} rows of {path} cannot be used, nothing of it was written:{''.join(faults)}{more}"
        )


def _fault(given: dict[str, Any]) -> str | None:
    try:
        StoredAnswer.model_validate(given)
    except ValidationError as error:
        return "; ".join(f"`{'.'.join(map(str, fault['loc']))}`: {fault['msg']}" for fault in error.errors())
    return None


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a file by their number from 1: columns by name, or what is wrong."""
    if path.suffix == ".parquet":
        yield from enumerate(_table(path), 1)
        return
    if not path.name.endswith(jsonl.ENDINGS):
        raise jsonl.InputError(f"{path}: give a .parquet file, or one of {', '.join(jsonl.ENDINGS)}")
    for number, row in jsonl.rows(path, _Given):
        yield number, row if isinstance(row, str) else row.model_extra


def _table(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow  # noqa: PLC0415  (an export needs none of it)
    from pyarrow import parquet  # noqa: PLC0415

    try:
        with parquet.ParquetFile(path) as table:
            missing = [column for column in COLUMNS if column not in table.schema_arrow.names]
            if missing:
                raise jsonl.InputError(f"{path} has no column {', '.join(missing)}: give a table of attempts")
            for batch in table.iter_batches(_BATCH, columns=list(COLUMNS)):
                yield from batch.to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise jsonl.InputError(f"{path} is damaged or no table ({error}): make it again") from error

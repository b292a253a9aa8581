"""A file of corrections → records with the right reference answers; used by benchmarks."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

# The corrections that the project brings, in its folder limo/sources; a stage that reads them depends on them.
SHIPPED = ("repairs_gaokao.json", "repairs_gradeschool.json", "repairs_kaoyan.json")


class Repair(BaseModel):
    """The corrected reference answer of one row, and why the published one is wrong."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    answer: str
    reason: str


class Repairs(BaseModel):
    """Corrections of one published file.

    `revisions` are the `source_revision`s that they are made for, each with what it is: the sha256 of the file, plain
    or packed. `rows` are by source id.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    revisions: dict[str, str]
    rows: dict[str, Repair]


def read(path: str | Path) -> Repairs:
    """Read a file of repairs.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no file of repairs.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} is not there: limo/sources has {', '.join(SHIPPED)}")
    try:
        return Repairs.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
    except (ValidationError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no file of repairs: {error}") from error


def repaired(records: Iterable[dict[str, Any]], repairs: Repairs) -> Iterator[dict[str, Any]]:
    """The records, those that are repaired with their new `answer` and the reason as `repair`.

    Raises:
        ValueError: the records are of another revision, lack a row that is repaired, or have its answer already.
    """
    waiting = dict(repairs.rows)
    for record in records:
        revision, name = record["source_revision"], record["source_id"]
        if revision not in repairs.revisions:
            raise ValueError(
                f"the repairs are for {' or '.join(sorted(repairs.revisions))}, not for {revision}: take the file that "
                "they were made for, or repairs of your own"
            )
        repair = waiting.pop(name, None)
        if repair is None:
            yield record
            continue
        if record["answer"] == repair.answer:
            raise ValueError(f"row {name} has the repaired answer already: take it out of the repairs")
        yield {**record, "answer": repair.answer, "repair": repair.reason}
    if waiting:
        raise ValueError(f"no row {', '.join(sorted(waiting))}, which the repairs correct")

"""A source of params.yaml → SOURCE rows, unusable ones with their reason; used by acquire and benchmarks."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
from tqdm import tqdm

from limo import params
from limo.base import tables
from limo.base.storable import UNSTORABLE
from limo.graph import schemas
from limo.problems.canonical import problem_ids
from limo.problems.frames import unframed
from limo.problems.verifiable import placeholder
from limo.sources import champ, gym, hub, local, url
from limo.sources.families import drawn
from limo.sources.values import one_of

SOURCES: dict[str, Callable[[Any], Iterator[dict[str, Any]]]] = {
    "families": drawn.records,
    "reasoning_gym": gym.records,
    "champ": champ.records,
    "files": local.records,
    "hub": hub.records,
    "url": url.records,
}
SLICE = 50_000  # rows in memory at once
_LEVEL = re.compile(r"(?:(?:^|(?<=\s))-)?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_SHARE = re.compile(r"\d\s*/\s*\d", re.ASCII)


def rows(name: str, spec: params.Source, max_characters: int, *, benchmark: bool = False) -> pl.DataFrame:
    """Read one source as a table of schema `schemas.SOURCE`, unusable rows included with their reason in `rejected`.

    A source id that comes again is kept apart as ID#2, ID#3, …, so ("source", "source_id") is a key. Two rows may
    share their `id`: the pool removes duplicates.

    Args:
        name: the source's key in params.yaml, written to the column `source`.
        spec: the source's section.
        max_characters: the longest question that is accepted.
        benchmark: whether the rows are a benchmark's: those of a test split may be in it.

    Raises:
        ValueError, OSError: the source as a whole cannot be read or is empty; single bad rows never raise.
    """
    return table(name, _told(name, spec), max_characters, benchmark=benchmark)


def table(name: str, records: Iterable[dict[str, Any]], max_characters: int, *, benchmark: bool) -> pl.DataFrame:
    """The same table of the records of a source.

    Raises:
        ValueError: there is none.
    """
    whole = pl.concat(_checked(name, records, max_characters, benchmark, Counter()))
    return kept_apart(whole, separated(whole["source_id"]))


def slices(name: str, spec: params.Source, max_characters: int, noted: Counter[str]) -> Iterator[pl.DataFrame]:
    """The same table in slices of at most 50,000 rows, in the source's order; source ids may still repeat.

    Args:
        noted: counts how many levels could not be stored as they are: `levels rounded`, `levels not read`.
    """
    yield from _checked(name, _told(name, spec), max_characters, False, noted)


def _told(name: str, spec: params.Source) -> Iterator[dict[str, Any]]:
    """The records of a source; what stops them names the source."""
    try:
        yield from SOURCES[spec.kind](spec)
    except ValueError as error:
        raise ValueError(f"source {name}: {error}") from error


def separated(source_ids: pl.Series) -> pl.Series:
    """The source ids with each repetition spelled ID#2, ID#3, …; the first keeps its id."""
    again = source_ids.is_duplicated() & ~source_ids.is_first_distinct()
    taken = set(source_ids.filter(source_ids.str.contains("#", literal=True)))  # no other id can be in the way
    times: Counter[str] = Counter()
    names = []
    for repeated in source_ids.filter(again):
        times[repeated] += 1
        while (name := f"{repeated}#{times[repeated] + 1}") in taken:
            times[repeated] += 1
        taken.add(name)
        names.append(name)
    return source_ids.scatter(again.arg_true(), names) if names else source_ids


def kept_apart(rows: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Rows under their `separated` source ids; one whose id is a repetition is rejected."""
    repeated = pl.when(pl.col("source_id") != names).then(pl.format("duplicate source id: {}", "source_id"))
    return rows.with_columns(rejected=pl.coalesce("rejected", repeated), source_id=names)


def _checked(
    name: str, records: Iterable[dict[str, Any]], max_characters: int, benchmark: bool, noted: Counter[str]
) -> Iterator[pl.DataFrame]:
    records = iter(tqdm(records, desc=name, unit=" rows", disable=None))
    batch = [_row(name, record, max_characters, benchmark, noted) for record in islice(records, SLICE)]
    if not batch:
        raise ValueError(f"source {name} has no rows: check its file or split and what `where` lets through")
    while batch:
        ids = problem_ids(pl.Series([row["question"] for row in batch], dtype=pl.String))
        yield tables.frame([{"id": identity, **row} for identity, row in zip(ids, batch, strict=True)], schemas.SOURCE)
        batch = [_row(name, record, max_characters, benchmark, noted) for record in islice(records, SLICE)]


def _row(
    name: str, record: dict[str, Any], max_characters: int, benchmark: bool, noted: Counter[str]
) -> dict[str, Any]:
    question, question_fault = _text(record["question"], numbers=False)
    question = question if benchmark else unframed(question)
    answer, answer_fault = _answer(record["answer"])
    pairs = [(solution["style"], *_text(solution["text"], numbers=False)) for solution in record["solutions"]]
    solution_fault = next((fault for _, _, fault in pairs if fault), None)
    missing = isinstance(record["domain"], float) and math.isnan(record["domain"])  # as tables write what they lack
    domain, domain_fault = _joined(None if missing else record["domain"])
    faults = [
        record.get("rejected"),
        None if benchmark else record.get("held_out"),
        question_fault and f"{question_fault}: question",
        None if question else "empty question",
        f"question longer than {max_characters} characters" if len(question) > max_characters else None,
        answer_fault and f"{answer_fault}: answer",
        None if answer else "no answer",
        f"no answer: {answer}" if placeholder(answer) else None,
        solution_fault and f"{solution_fault}: solution",
        domain_fault and f"{domain_fault}: domain",
    ]
    return {
        "question": question,
        "answer": answer or None,
        "solutions": [{"style": style, "text": text} for style, text, _ in pairs if text],
        "domain": domain or None,
        "level": _level(record["level"], noted),
        "source": name,
        "source_id": UNSTORABLE.sub("\ufffd", record["source_id"]),
        "source_revision": record["source_revision"],
        "licence": record["licence"],
        "rejected": next((fault for fault in faults if fault), None),
    }


def _answer(value: Any) -> tuple[str, str | None]:
    """The answer as text; several, as some benchmarks list them, are joined by commas, and the same one in several
    spellings is the first."""
    same = one_of(value) if isinstance(value, list) else None
    return _joined(value if same is None else same)


def _joined(value: Any) -> tuple[str, str | None]:
    """A text, or the texts of a list joined by commas."""
    if not isinstance(value, list):
        return _text(value, numbers=True)
    parts = [_text(part, numbers=True) for part in value]
    faults = [fault or "not text" for text, fault in parts if fault or not text]
    return ", ".join(text for text, _ in parts), faults[0] if faults else None


def _text(value: Any, *, numbers: bool) -> tuple[str, str | None]:
    """What can be stored of a value, and what is wrong with it; `numbers` says whether a number may stand for text."""
    if value is None:
        return "", None
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="surrogateescape")
    if numbers and _is_number(value):
        value = str(value)
    if not isinstance(value, str):
        return "", "not text"
    stored = UNSTORABLE.sub("\ufffd", value).strip()
    return stored, "invalid UTF-8" if UNSTORABLE.search(value) else None


def _level(value: Any, noted: Counter[str]) -> int | None:
    """A number or the first one of a text ("Level 5"), a fraction to the nearest whole one and a half up; else null.

    What is not stored as it is, is counted; a share of a whole ("3/8") is no level.
    """
    number = value
    if isinstance(value, str):
        found = _LEVEL.search(value)
        number = Decimal(found[0]) if found and not _SHARE.search(value) else None
    if _is_number(number) and abs(number) < 2**53:
        level = math.floor(Decimal(number) + Decimal("0.5"))
        noted["levels rounded"] += level != number
        return level
    absent = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
    noted["levels not read"] += not absent
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)

"""A section of `recorded` or `imports` → its TRACE table, sorted in little memory; used by recorded and import."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from tqdm import tqdm

from limo import params
from limo.base import tables
from limo.base.scratch import scratch
from limo.base.storable import UNSTORABLE
from limo.graph.schemas import TRACE
from limo.problems.canonical import problem_ids
from limo.sources.recorded import champ, columns
from limo.sources.recorded.record import PassCount, Said, TraceRow

READERS: dict[str, Callable[[Any], Iterator[tuple[str, str, TraceRow]]]] = {
    "files": columns.of_file,
    "hub": columns.of_hub,
    "champ": champ.records,
}
SLICE = 2000  # rows of a record in memory at once: each may hold several long texts
_PREFIX = 2  # hex digits of an id by which rows are parted before they are sorted


def write(name: str, spec: params.Traces, known: pl.DataFrame, folder: Path, out: Path) -> dict[str, int]:
    """Write a record as a TRACE table to `out`, by id and sample: a row per text and a row per count.

    Where the rows name authors of their own, only those of `spec.author` are read, unless a column of the section says
    who wrote them. Of several counts for one question the first is used. Rows lie in `folder` until they are sorted.

    Args:
        name: the record's key in params.yaml, for messages.
        known: columns id and problem, the ids under which the pool knows its problems (`problems.known`).

    Returns:
        Rows in, kept and rejected, and how many were rejected for which reason.

    Raises:
        ValueError: the record has no rows, or nothing by `spec.author`.
        ValueError, OSError: it cannot be read as a whole; single bad rows never raise.
    """
    samples: Counter[str] = Counter()
    counted: set[str] = set()
    others: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    placed = iter(tqdm(READERS[spec.kind](spec), desc=name, unit=" rows", disable=None))
    for number, batch in enumerate(iter(lambda: list(islice(placed, SLICE)), [])):
        rows = _identified(_rows(batch, spec, others), known)
        for row in rows:
            row["sample"] = samples[row["id"]]
            samples[row["id"]] += 1
            if row["correct"] is not None and row["rejected"] is None:
                row["rejected"] = "repeated: another row counts this question" if row["id"] in counted else None
                counted.add(row["id"])
        part = tables.frame(rows, TRACE)
        reasons.update(tables.reasons(part))
        for (prefix,), members in part.group_by(pl.col("id").str.head(_PREFIX), maintain_order=True):
            _spilled(members, folder / str(prefix) / f"{number:06}.parquet")
    entered, rejected = samples.total(), reasons.total()
    if not entered:
        there = f"; there is {dict(others.most_common(5))}" if others else ""
        raise ValueError(f"record {name} holds nothing by author {spec.author!r}{there}")
    parts = [_sorted(path, folder / f"{path.name}.parquet") for path in sorted(folder.iterdir())]
    tables.sink(pl.scan_parquet(parts), out, TRACE)
    return {"in": entered, "kept": entered - rejected, "rejected": rejected, **dict(sorted(reasons.items()))}


def usable(name: str, spec: params.Traces, known: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """The usable rows of the table that `write` writes, in memory, and its counts.

    Raises:
        ValueError, OSError: as `write`.
    """
    with scratch() as folder:
        counts = write(name, spec, known, folder / "parts", folder / "traces.parquet")
        return tables.kept(tables.read(folder / "traces.parquet", TRACE)), counts


def _identified(rows: list[dict[str, Any]], known: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows with the id of their problem in the pool; one that the pool does not know keeps its own, rejected."""
    questions = pl.Series([row["question"] for row in rows], dtype=pl.String)
    own = pl.DataFrame({"id": problem_ids(questions)}, schema={"id": pl.String})
    found = own.join(known, on="id", how="left", maintain_order="left")
    for row, (identity, problem) in zip(rows, found.iter_rows(), strict=True):
        row["id"] = problem or identity
        row["rejected"] = row["rejected"] or (None if problem else "not in the pool")
    return rows


def _rows(batch: list[tuple[str, str, TraceRow]], spec: params.Traces, others: Counter[str]) -> list[dict[str, Any]]:
    """TRACE rows but for id and sample; `others` counts what is left out since somebody else said it."""
    named = isinstance(spec, params.TraceTable) and not isinstance(spec.fields, str) and spec.fields.author is not None
    rows = []
    for place, revision, record in batch:
        same = {
            "source_id": UNSTORABLE.sub("\ufffd", place if record.id in (None, "") else str(record.id)),
            "question": _text(record.question)[0],
            "author_kind": getattr(spec, "author_kind", "model"),
            "source_revision": revision,
            "licence": spec.licence,
        }
        fault = record.fault or _question_fault(record.question)
        if record.fault:
            rows.append(same | _said(Said(None), spec.author, fault))
        for said in record.said:
            if named or said.author in (None, spec.author):
                rows.append(same | _said(said, said.author or spec.author, fault))
            else:
                others[said.author] += 1
        for counted in record.counted:
            if counted.author in (None, spec.author):
                rows.append(same | _counted(counted, spec.author, fault))
            else:
                others[counted.author] += 1
    return rows


def _said(said: Said, author: str, fault: str | None) -> dict[str, Any]:
    text, unreadable = _text(said.text)
    return {
        "text": text or None,
        "summary": _text(said.summary)[0] or None,
        "stop": said.stop,
        "claimed": said.claimed,
        "correct": None,
        "drawn": None,
        "author": author,
        "rejected": fault or said.fault or unreadable or (None if text else "empty text"),
    }


def _counted(counted: PassCount, author: str, fault: str | None) -> dict[str, Any]:
    kept = fault is None and counted.fault is None
    return {
        **dict.fromkeys(("text", "summary", "stop", "claimed")),
        "correct": counted.correct if kept else None,
        "drawn": counted.drawn if kept else None,
        "author": author,
        "rejected": fault or counted.fault,
    }


def _question_fault(value: Any) -> str | None:
    text, fault = _text(value)
    return f"{fault}: question" if fault else None if text else "empty question"


def _text(value: Any) -> tuple[str, str | None]:
    """What can be stored of a value, and what is wrong with it."""
    if value is None:
        return "", None
    if not isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", str(value)), "not text"
    return UNSTORABLE.sub("\ufffd", value).strip(), "invalid UTF-8" if UNSTORABLE.search(value) else None


def _spilled(rows: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(path, compression="lz4")


def _sorted(part: Path, out: Path) -> Path:
    pl.read_parquet(sorted(part.glob("*.parquet"))).sort("id", "sample").write_parquet(out, compression="lz4")
    return out

import gzip
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import zstandard
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from tqdm import tqdm

from limo import params
from limo.answers import judge
from limo.answers.verify import Case, Verifier
from limo.tables import write_json

CHUNK = 2_000  # rows in memory at once
LISTED = 5  # bad rows that a message quotes

_SURROGATE = re.compile("[\ud800-\udfff]")


class InputError(Exception):
    """What was given cannot be graded: the message says what it is, and what to change."""


def grade(
    source: str, out: str, answers: params.Answers, judging: judge.Judging | None, metrics: str | None
) -> dict[str, Any]:
    """Grade every row of a file and write one verdict per row, in the same order.

    Every row is checked before anything is written, and a file appears whole or not at all. What is written does not
    depend on `answers.workers`.

    Args:
        source: .jsonl, .jsonl.gz or .jsonl.zst with a `Row` on every line; `-` is standard input.
        out: a .jsonl of id, verdict, extracted and rule; `-` is standard output.
        answers: how answers are read and compared.
        judging: who judges what the rules leave undecided, or None.
        metrics: a .json for the counts that are returned, or None.

    Returns:
        Counts of rows by verdict, by rule and by kind; under `judge` its own, None without one.

    Raises:
        InputError: bad rows, a damaged file, or a judge that cannot run.
        OSError: a file or model cannot be read or written.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    said: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        path, name = stack.enter_context(_regular(source))
        total = _check_rows(path, name)
        written = stack.enter_context(_whole(out))
        if judging is not None:
            opened = stack.enter_context(_judge(judging))
            told = stack.enter_context(_whole(judging.out))
        verifier = stack.enter_context(Verifier(answers))
        bar = stack.enter_context(tqdm(total=total, desc="grade", unit="row", disable=None))
        for chunk in _chunks(path):
            cases = [row.case() for row in chunk]
            verdicts = verifier.verify_many(cases)
            if judging is not None:
                graded = [(row.id, case, verdict) for row, case, verdict in zip(chunk, cases, verdicts, strict=True)]
                verdicts, judgements = judge.settle(opened, graded, every=judging.every)
                for judgement in judgements:
                    _write(told, asdict(judgement))
                    said[judgement.rules, judgement.judgement] += 1
            for row, verdict in zip(chunk, verdicts, strict=True):
                _write(written, {"id": row.id, **asdict(verdict)})
                counts[verdict.verdict, verdict.rule, row.kind or ""] += 1
            bar.update(len(chunk))
        found = {**_counted(counts), "judge": None if judging is None else judge.tally(opened, said)}
        if metrics is not None:
            write_json(found, metrics)
    return found


@contextmanager
def _judge(judging: judge.Judging) -> Iterator[judge.Judge]:
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(judge.open_judge(judging.folder, judging.engine, judging.max_tokens))
        except ValueError as error:
            raise InputError(f"judge {judging.folder}: {error}") from error
        yield opened


def _counted(counts: Counter[tuple[str, str, str]]) -> dict[str, Any]:
    verdicts = Counter(correct=0, wrong=0, undecided=0, truncated=0)
    rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (verdict, rule, kind), count in sorted(counts.items()):
        for group in (verdicts, rules[rule], kinds[kind]):
            group[verdict] += count
    return {"rows": counts.total(), "verdicts": verdicts, "rules": rules, "kinds": kinds}


class _Spelt(float):
    """A number that prints as its file spells it: 1.50 stays 1.50."""

    text: str

    def __new__(cls, text: str) -> "_Spelt":
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


def _answer(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str | int | float) for part in parts):
        raise ValueError("give text, a number, true, false or a list of these")
    return ", ".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)


def _identifier(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError("give text or a whole number")
    return value


Answer = Annotated[str, BeforeValidator(_answer)]


class Row(BaseModel):
    """One line of the input. Keys beyond these are passed over; null is as good as left out.

    An answer may be a number, a truth value or a list: it is graded as the text that the file shows.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str | int, BeforeValidator(_identifier)]
    gold: Answer
    response: str | None = None
    answer: Answer | None = None
    question: str | None = None
    kind: str | None = None
    stop: Literal["eos", "length"] | None = None

    @model_validator(mode="after")
    def _gradable(self) -> "Row":
        if not self.gold.strip():
            raise ValueError("`gold` is empty: give the reference answer")
        if self.response is None and self.answer is None:
            raise ValueError("give `response` or `answer`")
        if broken := [key for key, value in self if isinstance(value, str) and _SURROGATE.search(value)]:
            raise ValueError(f"`{broken[0]}` holds half of a character (a lone surrogate): write it whole")
        return self

    def case(self) -> Case:
        response = self.response if self.answer is None else None  # an answer that is given counts
        return Case(self.gold, response, self.answer, self.question or "", self.kind or "", self.stop)


def rows(path: Path) -> Iterator[tuple[int, Row | str]]:
    """Yield (line number, row or what is wrong with it) for every line that is not blank.

    Raises:
        InputError: the file as a whole is damaged.
    """
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            yield number, Row.model_validate(json.loads(line, parse_float=_Spelt, parse_constant=_constant))
        except ValidationError as error:
            yield number, "; ".join(map(_fault, error.errors()))
        except (ValueError, RecursionError) as error:
            yield number, f"cannot be read ({error})"


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number: write it as text")


def _fault(fault: Any) -> str:
    key = "".join(f"`{part}`: " for part in fault["loc"][:1])
    given = "" if fault["type"] == "missing" or not key else f" (found {str(fault['input'])[:60]!r})"
    return f"{key}{fault['msg'].removeprefix('Value error, ')}{given}"


def _check_rows(path: Path, name: str) -> int:
    """Read the whole file once; the number of its rows, or one error that lists what is wrong with them."""
    total, faults = 0, 0
    listed: list[str] = []
    # A private database that spills to disk: the ids of a large file need not fit into memory.
    with closing(sqlite3.connect("")) as seen:
        seen.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        for number, row in rows(path):
            fault = row if isinstance(row, str) else _repeated(seen, row.id, number)
            total += 1
            faults += fault is not None
            if fault is not None and len(listed) < LISTED:
                listed.append(f"\n  {name} line {number}: {fault}")
    if faults:
        more = f"\n  and {faults - LISTED} more" if faults > LISTED else ""
        raise InputError(f"{faults} of {total} rows cannot be graded, nothing was written:{''.join(listed)}{more}")
    return total


def _repeated(seen: sqlite3.Connection, identifier: str | int, line: int) -> str | None:
    key = json.dumps(identifier)
    if seen.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (key, line)).rowcount:
        return None
    first = seen.execute("SELECT line FROM ids WHERE id = ?", (key,)).fetchone()[0]
    return f"`id`: {key} stands on line {first} already; give every row its own"


def _chunks(path: Path) -> Iterator[list[Row]]:
    found = (row for _, row in rows(path))
    while chunk := list(islice(found, CHUNK)):
        if not all(isinstance(row, Row) for row in chunk):
            raise InputError(f"{path} changed while it was read: run again once it is complete")
        yield [row for row in chunk if isinstance(row, Row)]


@contextmanager
def _regular(source: str) -> Iterator[tuple[Path, str]]:
    """A file that can be read twice, and what messages call it: standard input is copied first."""
    if source != "-":
        yield Path(source), source
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name), "standard input"


@contextmanager
def _whole(out: str) -> Iterator[IO[bytes]]:
    """A file that takes its name once the block has ended well, and else leaves nothing."""
    if out == "-":
        with tempfile.TemporaryFile() as copy:
            yield copy
            copy.seek(0)
            shutil.copyfileobj(copy, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as stream:
            yield stream
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write(stream: IO[bytes], row: dict[str, Any]) -> None:
    stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        stream: IO[bytes] | gzip.GzipFile
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield from _unpacked(stream) if path.suffix == ".zst" else stream
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise InputError(f"{path} is damaged or cut short ({error}): make it again") from error


def _unpacked(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    frame, rest = None, b""
    while block := stream.read(2**16):
        while block:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            *lines, rest = (rest + frame.decompress(block)).split(b"\n")
            yield from lines
            block, frame = frame.unused_data, None if frame.eof else frame
    # The library itself takes the end of the file for the end of the data.
    if frame is not None:
        raise EOFError("the last frame does not end")
    yield rest

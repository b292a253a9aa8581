"""JSON lines of users ↔ checked rows, with messages by line; used by own and by the exchange of stores."""

import gzip
import json
import shutil
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Generic, NamedTuple, TypeVar

import zstandard
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from limo.base import files
from limo.lines.packed import unpacked_lines

LISTED = 5  # bad rows that a message quotes
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst")

R = TypeVar("R", bound=BaseModel)


class InputError(Exception):
    """What was given cannot be used: the message says what it is, and what to change."""


class Line(NamedTuple, Generic[R]):
    """One line of a file: its number from 1, and its row or what is wrong with it."""

    number: int
    row: R | str


def rows(path: Path, schema: type[R], parse_float: Callable[[str], Any] | None = None) -> Iterator[Line[R]]:
    """Yield every line that is not blank of a .jsonl, .jsonl.gz or .jsonl.zst file, as a row of `schema`.

    Args:
        path: the file.
        schema: what every row is checked against.
        parse_float: makes a value of a number's text, where a float would not keep it.

    Raises:
        InputError: the file as a whole is damaged.
    """
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            if parse_float is None:
                row = schema.model_validate_json(line)
            else:
                row = schema.model_validate(json.loads(line, parse_float=parse_float, parse_constant=_constant))
            yield Line(number, row)
        except ValidationError as error:
            yield Line(number, "; ".join(map(_fault, error.errors())))
        except (ValueError, RecursionError) as error:
            yield Line(number, f"cannot be read ({error})")


def identifier(value: Any) -> str | int:
    """The value, where it may identify a row.

    Raises:
        ValueError: it is neither text nor a whole number, or empty.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError("give text or a whole number")
    return value


def check(name: str, lines: Iterator[Line[R]], key: Callable[[R], str | int]) -> int:
    """Read all lines of a file once and return the number of its rows.

    Args:
        name: what messages call the file.
        lines: its lines, as `rows` yields them.
        key: gives the id of a row, which must be unique.

    Raises:
        InputError: a row is wrong or a key comes again; one message lists the first five and counts the rest.
    """
    # A private database that spills to disk: the ids of a large file need not fit into memory.
    with closing(sqlite3.connect("")) as seen:
        seen.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

        def first(identity: str | int, line: int) -> int:
            spelled = json.dumps(identity)
            if seen.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (spelled, line)).rowcount:
                return line
            return int(seen.execute("SELECT line FROM ids WHERE id = ?", (spelled,)).fetchone()[0])

        return sum(1 for _ in _checked(name, lines, key, first))


def collect(name: str, lines: Iterator[Line[R]], key: Callable[[R], str | int]) -> list[R]:
    """All rows of a file in memory, checked as `check` does."""
    seen: dict[str | int, int] = {}
    return list(_checked(name, lines, key, seen.setdefault))


def _checked(
    name: str, lines: Iterator[Line[R]], key: Callable[[R], str | int], first_line: Callable[[str | int, int], int]
) -> Iterator[R]:
    """The good rows; `first` gives the line on which a key came first."""
    total, faults = 0, 0
    listed: list[str] = []
    for number, row in lines:
        total += 1
        fault = row if isinstance(row, str) else _repeated(key(row), number, first_line)
        if fault is None and not isinstance(row, str):
            yield row
            continue
        faults += 1
        if len(listed) < LISTED:
            listed.append(f"\n  {name} line {number}: {fault}")
    if faults:
        more = f"\n  and {faults - LISTED} more" if faults > LISTED else ""
        raise InputError(f"{faults} of {total} rows cannot be used, nothing was written:{''.join(listed)}{more}")


@contextmanager
def regular(source: str) -> Iterator[tuple[Path, str]]:
    """A file that can be read twice, and what messages call it: standard input is copied first."""
    if source != "-":
        yield Path(source), source
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name), "standard input"


@contextmanager
def whole(out: str) -> Iterator[IO[bytes]]:
    """A file that takes its name once the block has ended well, and else leaves nothing; - is standard output."""
    if out == "-":
        with tempfile.TemporaryFile() as copy:
            yield copy
            copy.seek(0)
            shutil.copyfileobj(copy, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    with files.whole(out) as partial, partial.open("wb") as stream:
        yield stream


def write(stream: IO[bytes], row: dict[str, Any]) -> None:
    """Append one row as a line."""
    stream.write(to_json(row) + b"\n")


def check_names(source: str, outs: dict[str, str | None], ins: dict[str, str] | None = None) -> None:
    """Check the file names of a command before it does any work.

    Args:
        source: the input; `-` is standard input.
        outs: option name to file, or None where it was not given. `--metrics` takes a .json, the others a .jsonl;
            `-o -` is standard output.
        ins: further inputs, option name to file.

    Raises:
        InputError: a name has a wrong ending, names no file or a folder, or one file is named twice.
    """
    for given in ("-" if source == "-" else source, *(ins or {}).values()):
        if given != "-" and not given.endswith(ENDINGS):
            raise InputError(f"{given}: the name must end in {', '.join(ENDINGS)}; `-` reads standard input")
        if given != "-" and not Path(given).is_file():
            raise InputError(f"{given} is no file: correct the name, or put the file in place")
    taken = {Path(source).resolve(): "the input"} | {Path(file).resolve(): name for name, file in (ins or {}).items()}
    for option, out in outs.items():
        if out is None or (option == "-o" and out == "-"):
            continue
        ending = ".json" if option == "--metrics" else ".jsonl"
        if not out.endswith(ending):
            raise InputError(f"{option} {out}: the name must end in {ending}; it is written uncompressed")
        if Path(out).is_dir():
            raise InputError(f"{option} {out} is a folder: give a file")
        if (holder := taken.setdefault(Path(out).resolve(), option)) != option:
            raise InputError(f"{option} {out} is {holder} as well: give it a name of its own")


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number: write it as text")


def _fault(fault: Any) -> str:
    if fault["type"] == "json_invalid":  # which counts lines within the line
        return f"cannot be read ({fault['ctx']['error'].replace('at line 1 column', 'at character')})"
    key = "".join(f"`{part}`: " for part in fault["loc"][:1])
    given = "" if fault["type"] == "missing" or not key else f" (found {str(fault['input'])[:60]!r})"
    return f"{key}{fault['msg'].removeprefix('Value error, ')}{given}"


def _repeated(key: str | int, number: int, first_line: Callable[[str | int, int], int]) -> str | None:
    line = first_line(key, number)
    return None if line == number else f"`id`: {json.dumps(key)} stands on line {line} already; give every row its own"


def _lines(path: Path) -> Iterator[bytes]:
    try:
        stream: IO[bytes] | gzip.GzipFile
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield from unpacked_lines(stream) if path.suffix == ".zst" else stream
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise InputError(f"{path} is damaged or cut short ({error}): make it again") from error

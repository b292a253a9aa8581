"""Committed and rebuilt files of an out → their first difference, in one line; used by `limo verify`."""

import filecmp
import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from limo.proof.cache import Files
from limo.proof.values import SHOWN, pair

BLOCK = 1 << 20
STALE = ": git holds what was rebuilt and dvc.lock records something else, commit them together"


def first(out: str, committed: Files, rebuilt: Files) -> str:
    """The first difference between the committed and the rebuilt bytes of an out, in one line.

    Args:
        out: its path, whose ending tells the format of a plain file.
        committed: its files, see `cache.files`.
        rebuilt: its files after the rebuild.
    """
    if "" in committed and "" in rebuilt:
        return _file(out, committed[""], rebuilt[""])
    if "" in committed or "" in rebuilt:
        return "one is a file, the other a folder"
    return _folder(committed, rebuilt)


def _folder(committed: Files, rebuilt: Files) -> str:
    names = sorted({*committed, *rebuilt})
    different = [
        name
        for name in names
        if name not in committed or name not in rebuilt or not filecmp.cmp(committed[name], rebuilt[name], False)
    ]
    if not different:
        return f"no file differs{STALE}"
    name = different[0]
    if name not in rebuilt:
        line = "is not rebuilt"
    elif name not in committed:
        line = "is new"
    else:
        line = _file(name, committed[name], rebuilt[name])
    return f"{name}: {line} ({len(different)} of {len(names)} files differ)"


def _file(name: str, committed: Path, rebuilt: Path) -> str:
    match Path(name).suffix:  # libraries that only some comparisons need
        case ".parquet":
            from limo.proof import parquet  # noqa: PLC0415

            line = parquet.first(committed, rebuilt)
        case ".safetensors":
            from limo.proof import tensors  # noqa: PLC0415

            line = tensors.first(committed, rebuilt)
        case ".json":
            line = _json(committed, rebuilt) or _text(committed, rebuilt)
        case _:
            line = _text(committed, rebuilt)
    return line or _bytes(committed, rebuilt)


def _json(committed: Path, rebuilt: Path) -> str | None:
    try:
        one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (committed, rebuilt))
    except ValueError:
        return None
    return next(_values("", one, other), None)


def _values(path: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            place = f"{path}.{key}" if path else key
            if key not in other:
                yield f"{place} is not rebuilt"
            elif key not in one:
                yield f"{place} is new"
            else:
                yield from _values(place, one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list):
        for index, (a, b) in enumerate(zip(one, other, strict=False)):
            yield from _values(f"{path}[{index}]", a, b)
        if len(one) != len(other):
            yield f"{path or 'the list'} has {len(one)} elements, rebuilt {len(other)}"
    elif (type(one), one) != (type(other), other):
        yield f"{path or 'the value'}: {pair(one, other)}"


def _text(committed: Path, rebuilt: Path) -> str | None:
    try:
        with (
            committed.open(encoding="utf-8", newline="\n") as left,
            rebuilt.open(encoding="utf-8", newline="\n") as right,
        ):
            for number, (one, other) in enumerate(zip_longest(left, right), 1):
                if one is None:
                    return f"line {number} is new: {other[:SHOWN]!r}"
                if other is None:
                    return f"line {number} is not rebuilt: {one[:SHOWN]!r}"
                if one != other:
                    return f"line {number}: {pair(one, other)}"
    except UnicodeDecodeError:
        return None
    return None


def _bytes(committed: Path, rebuilt: Path) -> str:
    sizes = f"{committed.stat().st_size} bytes, rebuilt {rebuilt.stat().st_size}"
    start = 0
    with committed.open("rb") as left, rebuilt.open("rb") as right:
        while True:
            one, other = left.read(BLOCK), right.read(BLOCK)
            if one != other:
                shared = zip(one, other, strict=False)
                at = next((i for i, (a, b) in enumerate(shared) if a != b), min(len(one), len(other)))
                return f"byte {start + at} differs ({sizes})"
            if not one:
                return f"no byte differs{STALE}"
            start += len(one)

"""Files → their entries in the manifest, with hashes; used by release."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from safetensors import safe_open

from limo.base.files import digest

BLOCK = 1 << 20  # bytes read at a time: weights are larger than memory


def entry(file: Path, path: str) -> dict[str, Any]:
    """What the manifest says of a file: path, bytes, sha256 and the md5 that DVC records.

    A table has `rows` and `schema` in addition, weights have `parameters` and `schema`; `schema` is a sha256 over names
    and types of columns, or names, types and shapes of tensors.

    Args:
        file: where it lies now.
        path: where whoever gets the release finds it, relative to the project's root.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            sha256.update(block)
            md5.update(block)
    fields = {"path": path, "bytes": file.stat().st_size, "sha256": sha256.hexdigest(), "md5": md5.hexdigest()}
    if file.suffix == ".parquet":
        return {**fields, **_table(file)}
    if file.suffix == ".safetensors":
        return {**fields, **_weights(file)}
    return fields


def folder(root: Path) -> list[dict[str, Any]]:
    """Entries of all files of a folder, sorted by path.

    Raises:
        FileNotFoundError: the folder holds no file.
    """
    entries = [entry(file, file.as_posix()) for file in sorted(root.rglob("*")) if file.is_file()]
    if not entries:
        raise FileNotFoundError(f"{root} holds no file: run `dvc repro`, or `dvc pull {root}` where a remote holds it")
    return entries


def folder_md5(root: Path, entries: Sequence[Mapping[str, Any]]) -> str:
    """The hash that DVC records for a folder: the md5 of the JSON of its files' md5 and relative paths."""
    listed = [{"md5": file["md5"], "relpath": Path(file["path"]).relative_to(root).as_posix()} for file in entries]
    listed.sort(key=lambda file: file["relpath"])
    return hashlib.md5(json.dumps(listed, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def sums(entries: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `sha256sum --check` reads, sorted by path."""
    return "".join(f"{file['sha256']}  {file['path']}\n" for file in sorted(entries, key=lambda e: str(e["path"])))


def _table(file: Path) -> dict[str, Any]:
    rows = pl.scan_parquet(file).select(pl.len()).collect().item()
    schema = [[name, str(dtype)] for name, dtype in pl.read_parquet_schema(file).items()]
    return {"rows": rows, "schema": digest(schema)}


def _weights(file: Path) -> dict[str, Any]:
    parameters, schema = 0, []
    with safe_open(file, framework="numpy") as weights:
        for name in sorted(weights.keys()):
            tensor = weights.get_slice(name)
            shape = tensor.get_shape()
            size = 1
            for length in shape:
                size *= length
            parameters += size
            schema.append([name, tensor.get_dtype(), shape])
    return {"parameters": parameters, "schema": digest(schema)}

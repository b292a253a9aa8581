"""An out's md5 → its files in the DVC cache, fetched and hashed; used by `limo verify`."""

import functools
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from limo.graph.error import VerifyError

Files = dict[str, Path]  # of an out: path inside it to where its bytes are; a plain file is the one at ""


@functools.cache
def folder(repository: Path) -> Path:
    """The cache of a DVC repository.

    Raises:
        VerifyError: DVC does not know one.
    """
    done = _dvc(repository, "cache", "dir")
    if done.returncode:
        raise VerifyError(f"{repository} is no DVC repository: {done.stderr.strip()}")
    return Path(done.stdout.strip())


def files(cache: Path, md5: str) -> Files | None:
    """Where the cache holds the files of an out, None where it lacks any of them.

    Raises:
        VerifyError: the list of a folder's files is damaged.
    """
    place = _object(cache, md5)
    if not place.exists():
        return None
    if not md5.endswith(".dir"):
        return {"": place}
    if _md5(place) != md5.removesuffix(".dir"):
        raise VerifyError(f"{place} is damaged: delete it, then `dvc pull` what it belongs to")
    listed = json.loads(place.read_text(encoding="utf-8"))
    places = {entry["relpath"]: _object(cache, entry["md5"]) for entry in listed}
    return places if all(path.exists() for path in places.values()) else None


def on_disk(path: Path) -> Files:
    """The files of an out that lies in a folder."""
    if not path.is_dir():
        return {"": path}
    return {str(file.relative_to(path)): file for file in sorted(path.rglob("*")) if file.is_file()}


def check(out: str, held: Files) -> None:
    """Hash the cached files of an out.

    Raises:
        VerifyError: the bytes of one are not those that its name says.
    """
    for name, path in held.items():
        known, present = path.parent.name + path.name, _md5(path)
        if known != present:
            raise VerifyError(
                f"{Path(out, name)}: dvc.lock records md5 {known}, the cache holds bytes of md5 {present}: "
                f"delete {path}, then `dvc pull {out}`"
            )


def fetch(repository: Path, outs: Iterable[str]) -> str:
    """Bring outs from the remote into the cache, as far as it has them, and return what DVC says."""
    done = _dvc(repository, "fetch", *outs)
    return (done.stdout + done.stderr).strip()


def status(clone: Path, stages: Iterable[str]) -> dict[str, list[Any]]:
    """What `dvc status` says of stages, by stage.

    Raises:
        VerifyError: it fails.
    """
    done = _dvc(clone, "status", "--json", *stages)
    if done.returncode:
        raise VerifyError(f"dvc status failed in the clone: {done.stderr.strip()}")
    entries: dict[str, list[Any]] = json.loads(done.stdout)
    return entries


def _object(cache: Path, md5: str) -> Path:
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _dvc(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)

"""A file that lies under a URL, pinned by its sha256 → records; used by acquire and benchmarks."""

import hashlib
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from limo.params import UrlSource
from limo.sources.formats import read
from limo.sources.local import mapped

FOLDER = Path(".limo/downloads")
_BLOCK = 1 << 20  # bytes
_PATIENCE = 60  # seconds without a byte


def records(spec: UrlSource) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file under a URL as those of a local one; it is downloaded once, and kept by its sha256.

    Raises:
        ConnectionError: the file cannot be fetched, or breaks off: what is there is kept, and the next try goes on.
        ValueError: its bytes have another sha256, or it cannot be read as a whole.
    """
    yield from mapped(read(fetched(spec.url, spec.sha256, FOLDER)), spec, spec.sha256)


def fetched(url: str, sha256: str, folder: Path) -> Path:
    """The file of this sha256 in `folder`, downloaded where it is not there; its name ends as the URL's path does."""
    if there := held(url, sha256, folder):
        return there
    path = _place(url, sha256, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    try:
        _append(url, partial)
    except (OSError, HTTPException) as error:
        have = partial.stat().st_size if partial.is_file() else 0
        raise ConnectionError(f"{url} cannot be fetched: {error}; {have} bytes are kept, run again to go on") from error
    if (actual := _hash(partial)) != sha256:
        partial.unlink()
        raise ValueError(
            f"{url} has sha256 {actual}, and params.yaml pins {sha256}: the file was changed, or the pin is another's"
        )
    return partial.replace(path)


def held(url: str, sha256: str, folder: Path) -> Path | None:
    """The file of this sha256 in `folder`, None where it is not there whole. No network."""
    path = _place(url, sha256, folder)
    return path if path.is_file() and _hash(path) == sha256 else None


def _place(url: str, sha256: str, folder: Path) -> Path:
    return folder / sha256 / PurePosixPath(unquote(urlsplit(url).path)).name


def _append(url: str, partial: Path) -> None:
    """Download what is not there yet; a server that cannot start in the middle sends all anew."""
    have = partial.stat().st_size if partial.is_file() else 0
    asked = Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310  (params allow http and https)
    try:
        answer = urlopen(asked, timeout=_PATIENCE)  # noqa: S310
    except HTTPError as error:
        if error.code == 416:  # nothing is left to send
            return
        raise
    with answer, partial.open("ab" if answer.status == 206 else "wb") as out:
        expected = answer.headers.get("Content-Length")
        received = 0
        while block := answer.read(_BLOCK):
            out.write(block)
            received += len(block)
        if expected is not None and received < int(expected):
            raise ConnectionError(f"it broke off after {received} of {expected} bytes")


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

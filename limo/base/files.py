"""Files that appear whole or not at all, JSON of one form, and the one hash; used by all stages."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """The name to write `path` under, which it loses for its own once the block has ended well; else nothing stays."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_json(path: str | Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(value: Any, path: str | Path) -> None:
    """Write JSON with sorted keys and a final newline, whole or not at all."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with whole(path) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


def digest(*parts: object) -> str:
    """Hex sha256 of the parts' JSON: the one hash behind ids, keys, seeds and choices."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def by_digest(names: Iterable[str], *parts: object) -> list[str]:
    """Names in an order that chance gives them: by the digest of the parts and each of them."""
    return sorted(names, key=lambda name: digest(*parts, name))

"""A params file → the same file with every unpinned repository at the commit that its hub shows; used by `limo pin`."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

UNPINNED = "unpinned"
_SCALAR = re.compile(r"""'(?:[^']|'')*'|"(?:\\.|[^"\\])*"|[^\s,}#](?:[^\n,}#]*[^\s,}#])?""")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*")


class Unpinned(NamedTuple):
    """An entry of a params file without a commit: its dotted key, what it is on the hub, and the licence it states."""

    key: str
    kind: str
    repo: str
    licence: str


class Commit(NamedTuple):
    """What a hub says of a repository: the commit of its main branch, and its licence, None where it names none."""

    revision: str
    licence: str | None


def unpinned(text: str) -> list[Unpinned]:
    """Every entry of a params file whose `revision` is unpinned, in the order of the file."""
    return [
        Unpinned(key, "model" if key.startswith("models.") else "dataset", entry["repo"], entry["licence"])
        for key, entry in _entries(YAML().load(text))
    ]


def look_up(entry: Unpinned) -> Commit:
    """Ask the hub, of `HF_ENDPOINT` where that is set, for the present commit and licence of a repository.

    Raises:
        ConnectionError: the hub cannot be reached, has no such repository, or does not show it to us.
    """
    from httpx2 import HTTPError  # noqa: PLC0415  (half a second that other commands are spared)
    from huggingface_hub import HfApi  # noqa: PLC0415

    try:
        info = HfApi().model_info(entry.repo) if entry.kind == "model" else HfApi().dataset_info(entry.repo)
    except (HTTPError, OSError, ValueError) as error:
        raise ConnectionError(f"{entry.key}: {entry.kind} {entry.repo} cannot be looked up: {error}") from error
    if info.sha is None:
        raise ConnectionError(f"{entry.key}: the hub names no commit of {entry.kind} {entry.repo}")
    card: Any = info.card_data
    return Commit(info.sha, _licence(card.to_dict() if card else {}, entry.licence))


def _licence(card: Mapping[str, Any], stated: str) -> str | None:
    """The SPDX name of a card's licence, in the spelling of the file where that names the same one."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression  # noqa: PLC0415

    named = card.get("license")
    names = [str(name) for name in (named if isinstance(named, list) else [named]) if name]
    names = [str(card.get("license_name", name)) if name == "other" else name for name in names]
    if names in ([], ["other"], ["unknown"]):
        return None
    said = " AND ".join(sorted(names))
    if said.lower() == stated.lower():
        return stated
    try:
        return canonicalize_license_expression(said)
    except InvalidLicenseExpression:
        return said


def pinned(text: str, commits: Mapping[str, Commit]) -> str:
    """The file with `revision` and `licence` of these entries written in place; all else stays as it is, to the byte.

    Args:
        text: of the params file.
        commits: by the entries' dotted keys.

    Raises:
        ValueError: an entry is spelt in a way that cannot be changed in place.
    """
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    changes: dict[int, tuple[int, str]] = {}
    expected = YAML().load(text)
    wanted = dict(_entries(expected))
    for key, entry in _entries(YAML().load(text)):
        if key not in commits:
            continue
        values = {"revision": commits[key].revision, "licence": commits[key].licence}
        for name, value in values.items():
            if value is None:
                continue
            line, column = entry.lc.value(name)
            begin = starts[line] + column
            found = _SCALAR.match(text, begin)
            changes[begin] = (found.end() if found else begin, value if _PLAIN.fullmatch(value) else json.dumps(value))
            wanted[key][name] = value
    for begin in sorted(changes, reverse=True):
        end, value = changes[begin]
        text = text[:begin] + value + text[end:]
    if YAML(typ="safe", pure=True).load(text) != _plain(expected):
        raise ValueError("the params file cannot be changed in place: write `revision` and `licence` as plain words")
    return text


def _entries(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, CommentedMap]]:
    """The mappings of a document that name a repository without a commit, with their dotted keys."""
    if isinstance(node, CommentedMap):
        if node.get("kind") == "hub" and node.get("revision") == UNPINNED:
            yield ".".join(above), node
        for key, value in node.items():
            yield from _entries(value, (*above, str(key)))
    elif isinstance(node, CommentedSeq):
        for place, value in enumerate(node):
            yield from _entries(value, (*above, str(place)))


def _plain(document: Any) -> Any:
    """The values of a document without their comments and spelling."""
    stream = io.StringIO()
    YAML().dump(document, stream)
    return YAML(typ="safe", pure=True).load(stream.getvalue())

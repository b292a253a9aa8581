"""A profile that reads as its difference from another one → the whole file; `make profiles` writes it.

profiles/differences/NAME.yaml names its `base`, and holds the keys of profiles/NAME.yaml that differ, each with the
comment that says why. A mapping is merged key by key, any other value takes the base's place, a new key comes last, and
`!without` takes one away. A comment on a key takes the place of the base's comment on it; all else stays as it stands
in the base, to the byte.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

FOLDER = Path("profiles")
GONE = "!without"
BANNER = "# ---"
NOTE = "# Written by `make profiles` from {base}.yaml and differences/{name}.yaml: change those, not this file.\n"

Entries = dict[str, "Entry"]


@dataclass(frozen=True)
class Entry:
    """One key: the comment and blank lines above it, its own lines, and the keys below where it is a block mapping."""

    above: list[str]
    lines: list[str]
    below: Entries
    gone: bool

    def text(self) -> list[str]:
        """All lines."""
        return [*self.above, *self.lines, *(line for entry in self.below.values() for line in entry.text())]

    def explained(self) -> bool:
        """Whether it has a comment."""
        return any(line.strip() for line in self.above) or " #" in self.lines[0]


def compose(base: str, difference: str, name: str) -> str:
    """The text of profile `name`, from those of its base and its difference."""
    whole, changes = _entries(base), _entries(difference)
    origin = YAML().load(difference)["base"]
    header = [NOTE.format(base=origin, name=name), *changes.pop("base").above]
    first = next(iter(whole))
    whole[first] = Entry(header, whole[first].lines, whole[first].below, gone=False)
    return "".join(line for entry in _merged(whole, changes).values() for line in entry.text())


def _entries(text: str) -> Entries:
    lines = text.splitlines(keepends=True)
    return _of(YAML().load(text), lines, 0, len(lines))


def _of(node: CommentedMap, lines: list[str], start: int, end: int) -> Entries:
    """The entries of a block mapping, whose first one begins at line `start`; `end` is the line after its last."""
    entries: Entries = {}
    places = [node.lc.key(key)[0] for key in node]
    begins = [start, *(_above(lines, place) for place in places[1:]), end]
    for key, place, begin, stop in zip(node, places, begins, begins[1:], strict=False):
        value = node[key]
        block = isinstance(value, CommentedMap) and not value.fa.flow_style() and bool(value)
        until = _above(lines, value.lc.key(next(iter(value)))[0]) if block else stop
        below = _of(value, lines, until, stop) if block else {}
        gone = str(getattr(value, "tag", None) and value.tag.value) == GONE
        entries[key] = Entry(lines[begin:place], lines[place:until], below, gone)
    return entries


def _above(lines: list[str], place: int) -> int:
    """Where the comment and blank lines above a line begin."""
    while lines[place - 1].strip() == "" or lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def _merged(base: Entries, changes: Entries) -> Entries:
    """The base's entries with the changes in them."""
    merged = {key: _changed(entry, changes[key]) if key in changes else entry for key, entry in base.items()}
    merged |= {key: entry for key, entry in changes.items() if key not in base}
    return {key: entry for key, entry in merged.items() if not entry.gone}


def _changed(entry: Entry, change: Entry) -> Entry:
    kept = [line for line in entry.above if not line.strip() or line.startswith(BANNER)]
    above = kept + [line for line in change.above if line.strip()] if change.explained() else entry.above
    if not (entry.below and change.below):
        return Entry(above, change.lines, change.below, change.gone)
    lines = change.lines if change.explained() else entry.lines
    return Entry(above, lines, _merged(entry.below, change.below), gone=False)


def write(folder: Path) -> None:
    """Write every profile that has a difference in `folder`."""
    for path in sorted((folder / "differences").glob("*.yaml")):
        difference = path.read_text(encoding="utf-8")
        origin: Any = YAML().load(difference)["base"]
        base = (folder / f"{origin}.yaml").read_text(encoding="utf-8")
        (folder / path.name).write_text(compose(base, difference, path.stem), encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)

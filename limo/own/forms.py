"""A question in a text file → the turns that ask it, and what a judge's last line says; used by judge and jury."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from limo.models import load

_FIELD = re.compile(r"\{\{(\w+)\}\}")


@cache
def text(template: Path) -> str:
    """A question with its fields unfilled."""
    return template.read_text(encoding="utf-8")


def filled(template: Path, values: Mapping[str, str]) -> str:
    """A question with its fields filled in one pass, so that no data is read as a field."""
    return _FIELD.sub(lambda field: values[field[1]], text(template))


def turns(prompt: str) -> load.Turns:
    """The turns of a filled question, whose first paragraph is the system turn."""
    system, _, rest = prompt.partition("\n\n")
    return load.turns(system, rest)


def last_said(text: str, line: re.Pattern[str]) -> str | None:
    """What a text's last line that is not blank says, the group `said` of a pattern that is exactly that line."""
    lines = [one for one in (one.strip(" \t\r") for one in text.split("\n")) if one]
    found = line.fullmatch(lines[-1]) if lines else None
    return found["said"] if found else None

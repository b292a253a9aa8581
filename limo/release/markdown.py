"""Values → Markdown that shows them and front matter that hubs read; used by release."""

import re
from typing import Any

import yaml
from jinja2 import Environment
from markupsafe import Markup

from limo.base.templates import environment

# What opens markup in the Markdown of hubs: HTML, tables, code, links, emphasis, formulas, and addresses that become
# links by themselves. An underscore within a word opens nothing and stays, so that names can be read.
SPECIAL = re.compile(r"[&<>|`*\[\]\\$~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.", re.IGNORECASE)


def templates() -> Environment:
    """The templates of the cards (`limo.base.templates.environment`): whatever is put in is escaped for Markdown."""
    return environment("limo.release", finalize=escaped)


def escaped(value: Any) -> Markup:
    """One line of Markdown that shows a value as it is; characters that are not printable become spaces."""
    if isinstance(value, Markup):
        return value
    line = "".join(character if character.isprintable() else " " for character in str(value))
    return Markup(SPECIAL.sub(lambda found: f"&#{ord(found[0])};", line))  # noqa: S704 - just escaped


def commands(*lines: str) -> Markup:
    """A block of shell commands.

    Raises:
        ValueError: a line holds a character that is not printable, such as a line break, and could end the block.
    """
    for line in lines:
        if not line.isprintable():
            raise ValueError(
                f"a card cannot show the command {line!r}: give the path in params.yaml printable characters"
            )
    return Markup("\n".join(["```sh", *lines, "```"]))  # noqa: S704 - code is shown as it is


def front_matter(values: dict[str, Any]) -> Markup:
    """The YAML that hubs read, between its two lines of dashes; values of any text stay values."""
    text = yaml.dump(values, Dumper=_OneLine, sort_keys=True, allow_unicode=True, width=10**9)
    return Markup(f"---\n{text}---\n")  # noqa: S704 - YAML, not HTML


class _OneLine(yaml.SafeDumper):
    """A dumper that breaks no string into lines: no line of it can look like the end of the front matter."""


_OneLine.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"'
    ),
)

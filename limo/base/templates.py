"""A package → its jinja templates, strict and escaped; used by report and release."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(package: str, **more: Any) -> Environment:
    """The templates of a package: what they are given is escaped, and a name they lack is an error.

    Args:
        package: its dotted name.
        more: what else jinja2's Environment takes.
    """
    return Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        **more,
    )

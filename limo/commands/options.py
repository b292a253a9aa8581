"""The option `--params FILE`; used by `limo explain`, `limo funnel` and `limo plan`."""

from collections.abc import Callable
from typing import Any

import click


def params_file(purpose: str) -> Callable[[Any], Any]:
    """The option `--params FILE`, which a command gets as `file`; `purpose` is its line of help."""
    return click.option(
        "--params",
        "file",
        default="params.yaml",
        show_default=True,
        type=click.Path(exists=True, dir_okay=False),
        help=purpose,
    )

import sys
from pathlib import Path

import click

from limo import verify as verification


@click.command()
@click.argument("targets", nargs=-1)
def verify(targets: tuple[str, ...]) -> None:
    """Rebuild TARGETS (default: everything) in a fresh clone and compare every out with the committed dvc.lock.

    Exit code 1 when an out differs, or when everything was asked for and something was not built.
    """
    table = verification.rebuild(Path.cwd(), targets)
    for path, state in table:
        click.echo(f"{state:<10} {path}")
    wrong = [path for path, state in table if state == "different" or (state == "not built" and not targets)]
    click.echo(f"{len(table)} outs, {sum(state == 'identical' for _, state in table)} identical, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)

"""`limo pin`: the unpinned repositories of a params file → their commits and licences, in place."""

from pathlib import Path

import click

from limo import params
from limo.base.files import whole
from limo.commands.options import params_file
from limo.commands.refused import RefusedError


@click.command()
@params_file("The params file that is written.")
def pin(file: str) -> None:
    """Write the present commit and licence of every repository whose `revision` is unpinned.

    The hub is asked, that of HF_ENDPOINT where it is set. Comments and all other values stay. Exit code 2 when a
    repository cannot be looked up: the others are pinned all the same, and that one is named.
    """
    from limo.models import pins  # noqa: PLC0415  (ruamel and a hub's client, which `--help` is spared)

    try:
        params.load(file)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    text = Path(file).read_text(encoding="utf-8")
    commits, faults = {}, []
    entries = pins.unpinned(text)
    for entry in entries:
        try:
            commits[entry.key] = commit = pins.look_up(entry)
        except ConnectionError as error:
            faults.append(str(error))
            continue
        click.echo(f"{entry.key}: {entry.repo} {commit.revision}, licence {_said(entry.licence, commit.licence)}")
    with whole(file) as partial:
        partial.write_text(pins.pinned(text, commits), encoding="utf-8")
    click.echo(f"pinned {len(commits)} of {len(entries)} in {file}")
    if faults:
        raise RefusedError("\n".join(faults))


def _said(stated: str, named: str | None) -> str:
    if named is None:
        return f"{stated} as the file says: the hub names none, so read its card"
    return named if named == stated else f"{named}, where the file said {stated}"

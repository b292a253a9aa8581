"""`limo fetch`: the params → what a run reads of hubs and URLs, shown or brought before it begins."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from limo import params
from limo.commands.options import params_file
from limo.commands.refused import RefusedError


class Wanted(NamedTuple):
    """Something that a run reads: its name, whether it is there, and what brings it and returns its bytes."""

    name: str
    held: Callable[[], Path | None]
    bring: Callable[[], int]


@click.command()
@params_file("The params file whose models and data are meant.")
@click.option("--download", is_flag=True, help="Bring what is missing, and compare all with the hashes stated.")
def fetch(file: str, download: bool) -> None:
    """Show which models and data of hubs and URLs are there, or bring them, without loading any.

    Files of a hub go to its own cache (HF_HOME), those of URLs to .limo/downloads. A whole file is not asked for again.
    Exit code 2 when something is missing or differs; the rest is brought all the same.
    """
    try:
        wanted = _wanted(params.load(file))
    except ValueError as error:
        raise RefusedError(str(error)) from error
    faults: list[str] = []
    for each in wanted:
        try:
            if download:
                click.echo(f"{each.name}: there, {each.bring() / 1e9:.3g} GB, every hash as it is stated")
            elif each.held():
                click.echo(f"{each.name}: there")
            else:
                faults.append(f"{each.name} is not there: run `limo fetch --download`")
        except (ConnectionError, ValueError) as error:
            faults.append(str(error))
    if faults:
        raise RefusedError("\n".join(faults))


def _wanted(p: params.Params) -> list[Wanted]:
    from limo.models import snapshot  # noqa: PLC0415  (a hub's client, which `--help` is spared)
    from limo.sources import url  # noqa: PLC0415

    wanted = [
        Wanted(str(each), partial(snapshot.held, each), partial(snapshot.bring, each))
        for each in snapshot.repositories(p)
    ]
    for source in [*p.sources.values(), *(benchmark.source for benchmark in p.benchmarks.values())]:
        if isinstance(source, params.UrlSource):
            place = (source.url, source.sha256, url.FOLDER)
            wanted.append(Wanted(source.url, partial(url.held, *place), partial(_downloaded, *place)))
    return wanted


def _downloaded(url: str, sha256: str, folder: Path) -> int:
    from limo.sources.url import fetched  # noqa: PLC0415  (as in `_wanted`)

    return fetched(url, sha256, folder).stat().st_size

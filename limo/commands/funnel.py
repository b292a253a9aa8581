"""`limo funnel`: the tables → rows in, kept and rejected of every stage, as text or JSON."""

import json
from pathlib import Path

import click

from limo import params
from limo.commands.options import params_file
from limo.commands.refused import RefusedError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with exact shares.")
@params_file("The params file that the tables were made with.")
def funnel(as_json: bool, file: str) -> None:
    """Count how many rows enter, stay and leave at every stage, and why, from the tables themselves.

    Run it in the project's root. Stages whose tables are not there are named, as are tables that were not made from the
    rows before them, or from a file of yours that has changed since (docs/explain.md). Exit code 2 when no table is
    there.
    """
    # Imported here: polars is loaded once the usage is known to be right.
    from limo.explain import flow  # noqa: PLC0415

    try:
        counts = flow.funnel(params.load(file), Path.cwd())
    except (ValueError, FileNotFoundError) as error:
        raise RefusedError(str(error)) from error
    click.echo(json.dumps(counts, sort_keys=True) if as_json else flow.table(counts))

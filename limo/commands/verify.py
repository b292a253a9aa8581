"""`limo verify`: the last commit → whether its bytes can be made again, as a table or JSON."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from limo.commands.refused import RefusedError


@click.command()
@click.argument("targets", nargs=-1)
@click.option("--data", is_flag=True, help="Only the stages that need no model.")
@click.option(
    "--replay",
    "replayed",
    is_flag=True,
    help="Take what models said and what was trained from the cache or the remote; rebuild what follows.",
)
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Also write the table there.")
@click.option("-v", "--verbose", is_flag=True, help="Show all that the stages print.")
def verify(targets: tuple[str, ...], data: bool, replayed: bool, file: str | None, verbose: bool) -> None:
    """Prove that the bytes of the last commit can be made again.

    Rebuild TARGETS (stages or outs, default everything) in a fresh clone with no cache and an empty generation store,
    and compare every out with the committed dvc.lock (docs/verify.md). Exit code 0: all are identical or taken; 1: an
    out differs or was not built; 2: the proof could not be run.
    """
    # Imported here: `--help` waits for no library of tables.
    from limo.base.files import write_json  # noqa: PLC0415
    from limo.graph.error import VerifyError  # noqa: PLC0415
    from limo.proof import proof, summary  # noqa: PLC0415

    if data and (targets or replayed):
        raise RefusedError("--data names its stages itself and needs no replay: give it alone")
    try:
        proven = proof.prove(
            Path.cwd(),
            targets,
            data=data,
            replayed=replayed,
            verbose=verbose,
            say=lambda line: click.echo(line, err=True),
        )
    except VerifyError as error:
        raise RefusedError(str(error)) from error
    click.echo(summary.text(proven))
    if file is not None:
        write_json({**asdict(proven), "holds": proven.holds}, file)
    sys.exit(0 if proven.holds else 1)

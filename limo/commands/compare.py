"""`limo compare`: two candidates of any two revisions → their difference, paired by problem, as a table or JSON."""

import json
from pathlib import Path

import click

from limo.commands.refused import RefusedError


@click.command()
@click.argument("candidate", metavar="REVISION:CANDIDATE")
@click.argument("other", metavar="REVISION:CANDIDATE")
@click.option(
    "--despite-differences",
    is_flag=True,
    help="Compare although draws, prompt, limits or problems differ, on the problems that both have.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with exact numbers and all differences.")
def compare(candidate: str, other: str, despite_differences: bool, as_json: bool) -> None:
    """Say by how much the first candidate's pass@1 is above the second's, on the same problems.

    A REVISION is anything that git knows, a branch, tag or commit, or `workspace` for the folder as it is. Answers come
    from DVC's cache or a remote. Where the two were not measured alike, every difference is named and nothing compared,
    unless told. Exit code 2 then, and when there is no such revision or candidate (docs/metrics.md).
    """
    # Imported here: polars is loaded once the usage is known to be right.
    from limo.compare import pairs, revision  # noqa: PLC0415

    try:
        ours, theirs = (revision.read(reference, Path.cwd()) for reference in (candidate, other))
        differing = pairs.differences(ours, theirs)
        if differing and not despite_differences:
            raise RefusedError(
                f"{candidate} and {other} were not measured alike (--despite-differences compares what they share):\n  "
                + "\n  ".join(differing)
            )
        rows = pairs.compared(ours, theirs)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if as_json:
        click.echo(json.dumps({"rows": rows, "differences": differing}, sort_keys=True))
        return
    named = ["", "measured differently:", *(f"  {line}" for line in differing)] if differing else []
    title = f"pass@1 of {candidate} less that of {other}, in points, with the 95 % interval"
    click.echo("\n".join([title, pairs.table(rows), *named]))

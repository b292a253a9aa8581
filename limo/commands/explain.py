"""`limo explain`: one problem's whole story from the tables → text or JSON."""

import json
from pathlib import Path
from typing import Any

import click

from limo import params
from limo.commands.options import params_file
from limo.commands.refused import RefusedError


@click.command()
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--question", metavar="TEXT", help="Find the problem by its question, in any spelling.")
@click.option("--row", type=click.IntRange(0), metavar="N", help="Row N, counted from 0, of --dataset.")
@click.option("--dataset", metavar="NAME", default="limo", show_default=True, help="The dataset of --row.")
@click.option("--candidate", metavar="NAME", help="Of a benchmark's problem, every draw of this candidate alone.")
@click.option("--full", is_flag=True, help="Show long texts whole, and the attempts' texts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with all texts and exact numbers.")
@params_file("The params file that the tables were made with.")
def explain(
    identity: str | None, question: str | None, row: int | None, dataset: str, candidate: str | None, **shown: Any
) -> None:
    """Tell one problem's whole story: its sources, every decision on it, its attempts, chains and datasets.

    ID is a problem id, 6 or more of its first digits, or SOURCE:SOURCE_ID. BENCHMARK:SOURCE_ID, or
    BENCHMARK/PROTOCOL:SOURCE_ID, shows what candidates answered. Run it in the project's root; it reads the tables that
    are there and says which are not (docs/explain.md). Exit code 2 when there is no such problem, or more than one.
    """
    if [identity, question, row].count(None) != 2:
        raise RefusedError("name one problem: give an ID, --question TEXT or --row N")
    # Imported here: polars is loaded once the usage is known to be right.
    from limo.explain import exam, find  # noqa: PLC0415
    from limo.explain.story import story  # noqa: PLC0415
    from limo.explain.text import page  # noqa: PLC0415
    from limo.graph import outs  # noqa: PLC0415

    try:
        p, root = params.load(shown["file"]), Path.cwd()
        if identity is not None and exam.of_benchmark(identity, p):
            told = exam.story(identity, candidate, p, root)
            click.echo(json.dumps(told, sort_keys=True) if shown["as_json"] else exam.page(told, full=shown["full"]))
            return
        if candidate is not None:
            raise RefusedError("--candidate goes with a problem of a benchmark, BENCHMARK:SOURCE_ID")
        outs.unbuilt(p, root)
        if identity is not None:
            problem = find.by_id(identity, p, root)
        elif question is not None:
            problem = find.by_question(question, p, root)
        else:
            problem = find.by_row(row or 0, dataset, p, root)
        whole = story(problem, p, root)
    except (ValueError, FileNotFoundError) as error:
        raise RefusedError(str(error)) from error
    click.echo(json.dumps(whole, sort_keys=True) if shown["as_json"] else page(whole, full=shown["full"]))

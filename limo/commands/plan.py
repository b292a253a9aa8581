"""`limo plan`: a params file → draws, tokens, hours, money and memory before a run, as tables or JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from limo import params
from limo.commands.options import params_file
from limo.commands.refused import RefusedError

if TYPE_CHECKING:
    from limo.plan.forecast import Planned


@click.command()
@params_file("The params file to plan.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables, with exact numbers.")
@click.option(
    "--store", "look", is_flag=True, help="Count which draws the generation store holds; reads the tokenizers."
)
def plan(file: str, as_json: bool, look: bool) -> None:
    """Say what a params file will cost before it runs: draws, tokens, device-hours, money, training memory.

    Run it in the project's root: outs that dvc.lock says were made with the same values are counted, everything else
    is expected from the section `plan` (docs/plan.md). Nothing is drawn and nothing written.
    """
    # Imported here: polars is loaded once the params are known to be right.
    from limo.plan import cache, checks, counted, forecast, hours, judging, memory, power, table  # noqa: PLC0415
    from limo.plan.disk import disk  # noqa: PLC0415

    try:
        p = params.load(file)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if params.empty(p.plan):
        raise RefusedError(
            f"section plan of {file} is empty: without sizes, speeds and prices there is nothing to reckon; copy "
            "that of params.yaml or profiles/one_gpu.yaml, and fit it to the run (docs/plan.md)"
        )
    rows = counted.local(p, file, Path.cwd())
    planned = forecast.stages(p, rows)
    sizes = rows.benchmarks or p.plan.benchmarks
    shown, judges = power.shown(p, sizes, rows.evaluation or {}), judging.judging(p, sizes)
    held = None
    if look:
        from limo.plan import stored  # noqa: PLC0415  (loads transformers)

        try:
            held = stored.held(p, planned, Path.cwd())
        except FileNotFoundError as error:
            raise RefusedError(str(error)) from error
    shapes = memory.shapes(p, Path.cwd())
    room, took = disk(p, shapes, planned), hours.hours(p, shapes)
    caches = cache.caches(p, shapes)
    said = checks.findings(p, shapes, caches, room)
    if as_json:
        more: dict[str, Sequence[Any]] = {"power": shown, "hours": took, "caches": caches, "checks": said}
        more |= {"judges": judges}
        report = _report(p, planned, held, shapes) | {
            name: [asdict(one) for one in these] for name, these in more.items()
        }
        click.echo(json.dumps(report | {"disk_bytes": room.parts()}, sort_keys=True))
    else:
        parts = [table.generation(planned, held), table.judges(judges), table.caches(caches, p)]
        parts += [table.training(p, shapes), table.hours(took)]
        parts += [table.disk(room, p), table.power(shown, p), table.checks(said)]
        click.echo("\n\n".join(part for part in parts if part))


def _report(
    p: params.Params,
    planned: Sequence["Planned"],
    held: Mapping[str, tuple[int, int]] | None,
    shapes: Mapping[str, params.Shape],
) -> dict[str, Any]:
    """The plan as `--json` prints it, with exact numbers."""
    from limo.plan import forecast, memory, table  # noqa: PLC0415  (as in `plan`)
    from limo.plan.trainings import trainings  # noqa: PLC0415

    needs = [(each, memory.need(shapes[each.model], each.train, p.plan.reserve_gib)) for each in trainings(p)]
    return {
        "stages": [asdict(stage) for stage in planned],
        "store": None if held is None else {name: {"held": n, "possible": of} for name, (n, of) in held.items()},
        "total": asdict(forecast.total([stage.cost for stage in planned])),
        "total_without_early_stopping": asdict(forecast.total([stage.full_cost for stage in planned])),
        "training": {
            each.name: {
                "parameters": memory.parameters(shapes[each.model]),
                "bytes": asdict(need),
                "device_bytes": need.device,
                "fits": memory.fits(need, each.train, p.plan),
                "verdict": table.verdict(need, shapes[each.model], each, p.plan),
            }
            for each, need in needs
        },
    }

"""params.yaml and the outs of metrics → data/report; used by report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base.files import read_json
from limo.graph import places, schemas
from limo.models.origin import origin
from limo.plan import power
from limo.quality import recipes
from limo.report import charts, costs, drawings, page, published, svg

PAGE = "index.html"


def write(p: params.Params) -> dict[str, int]:
    """Write the report from the outs of `metrics` and their like, no table among them; count figures and kilobytes.

    Raises:
        FileNotFoundError: one of them is missing.
    """
    metrics = {name: read_json(out.path) for name, out in places.METRICS.items()}
    plots = {name: pl.read_csv(places.plot(name), schema=schema) for name, schema in schemas.PLOTS.items()}
    made = files(p, metrics, plots, read_json(places.EVIDENCE.path))
    folder = Path(places.REPORT.path)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {"figures": len(made) - 1, "kilobytes": len(made[PAGE].encode()) // 1024}


def files(
    p: params.Params, metrics: Mapping[str, Any], plots: Mapping[str, pl.DataFrame], evidence: Mapping[str, Any]
) -> dict[str, str]:
    """The files of the report by their names: every figure that has data as SVG, and the page that holds them all.

    Args:
        p: all parameters.
        metrics: every JSON metric by name.
        plots: the data of the figures by name (`schemas.PLOTS`).
        evidence: what `limo.metrics.evidence` collected.
    """
    weights = recipes.weights(p.score)
    plotted = {**plots, "components": charts.component_rows(metrics["quality"], weights)}
    filled = {name: rows for name, rows in plotted.items() if not rows.is_empty()}
    drawn = {name: svg.wide(name, rows) for name, rows in filled.items()}
    label = drawings.labels(plotted)
    known = {name: count for name, count in evidence["benchmarks"].items() if metrics["evaluation"]}
    text = page.render(
        {name: drawings.inline(drawing, label[name]) for name, drawing in drawn.items()},
        {name: drawings.inline(svg.narrow(name, rows), label[name]) for name, rows in filled.items()},
        release=p.release.model_dump(),
        metrics=metrics,
        **{name: plots[name].to_dicts() for name in ("funnel", "pass_rates", "evaluation", "comparisons")},
        rule=p.rate.rule,
        rounds={name: teacher.round for name, teacher in p.teachers.items()} if len(p.rounds) > 1 else {},
        raters={name: rater.model_dump() for name, rater in sorted(p.rate.raters.items())},
        weights=weights,
        **{name: evidence[name] for name in ("dataset_rows", "samples", "levels", "grid")},
        power=[] if params.empty(p.plan) or not known else power.shown(p, known, metrics["evaluation"]),
        exams={} if params.empty(p.evaluate) else _exams(p),
        published=published.beside(p, metrics["evaluation"]),
        spent=[] if params.empty(p.plan) else costs.spent(p, metrics["funnel"], evidence),
        provenance={**evidence["provenance"], "models": models(p)},
    )
    return {**{f"{name}.svg": f"{drawing}\n" for name, drawing in drawn.items()}, PAGE: text}


def _exams(p: params.Params) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "named": exam.named,
            "protocol": exam.protocol.model_dump(),
            "system": params.system(p.prompt, exam.protocol),
        }
        for name, exam in params.exams(p.evaluate).items()
    }


def models(p: params.Params) -> list[dict[str, Any]]:
    """Every model of the parameters: name, where it comes from, revision, licence, and the stages that use it."""
    uses: dict[str, list[str]] = {name: [] for name in p.models}
    trained_here = {places.model(name).path for name in p.variants}
    raters = {name.replace("rate.raters.", "rate "): rater for name, rater in p.raters.items()}
    asked = [(name, rater.name) for name, rater in raters.items() if isinstance(rater, params.AskedRater)]
    taught = [(f"collect {name}", t.name) for name, t in p.teachers.items() if t.path not in trained_here]
    trained = [(f"train {name}", variant.model) for name, variant in p.variants.items()]
    for use, model in [*asked, *taught, *trained]:
        uses[model].append(use)
    return [
        {
            "name": name,
            "origin": origin(model)[0],
            "revision": origin(model)[1] or "a folder of the project",
            "licence": model.licence,
            "uses": uses[name],
        }
        for name, model in p.models.items()
    ]

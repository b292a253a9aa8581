from pathlib import Path
from typing import Any

import click
import polars as pl

from limo import params
from limo.base import timing
from limo.base.files import read_json
from limo.base.tables import read
from limo.graph.schemas import DATASET
from limo.metrics.figures import PLOTS
from limo.report import charts, costs, drawings, page, provenance, samples

OUT = Path("data/report")
METRICS = ("funnel", "quality", "training", "evaluation", "problems", "diversity")
TABLES = ("benchmarks", "pool", "pool_rejected", "screened", "rated", "questions", "tiers", "limo")


@click.command()
def main() -> None:
    """Draw every figure and put them on one offline page."""
    p = params.load()
    with timing.record("report") as counts:
        metrics = {name: read_json(f"metrics/{name}.json") for name in METRICS}
        plots = {name: pl.read_csv(f"metrics/plots/{name}.csv", schema=schema) for name, schema in PLOTS.items()}
        plots["components"] = charts.component_rows(metrics["quality"], p.score.weights.model_dump())
        drawn = {name: getattr(charts, name)(rows) for name, rows in plots.items() if not rows.is_empty()}
        OUT.mkdir(parents=True, exist_ok=True)
        for name, svg in drawn.items():
            (OUT / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")
        label = drawings.labels(plots)
        dataset = read("data/limo.parquet", DATASET)
        files = {name: Path(f"data/{name}.parquet") for name in TABLES}
        table = {name: pl.scan_parquet(path) for name, path in files.items()}
        asked = {
            **{stage: Path(f"data/{stage}_attempts.parquet") for stage in ("screen", "rate")},
            **{f"answer {name}": Path(f"data/answers/{name}.parquet") for name in p.candidates},
        }
        attempts = {stage: pl.scan_parquet(path) for stage, path in asked.items()}
        decisions = {"screen": table["screened"], "rate": table["rated"]}
        text = page.render(
            {name: drawings.inline(svg, label[name]) for name, svg in drawn.items()},
            release=p.release.model_dump(),
            metrics=metrics,
            **{name: plots[name].to_dicts() for name in ("funnel", "pass_rates", "evaluation")},
            band={"low": p.rate.min_correct, "high": p.rate.max_correct, "draws": p.rate.draws},
            weights=p.score.weights.model_dump(),
            dataset_rows=dataset.height,
            samples=samples.best(dataset),
            levels=samples.levels(table["tiers"], table["questions"]),
            spent=[]
            if params.empty(p.plan)
            else costs.spent(p, metrics["funnel"], decisions, attempts, table["benchmarks"]),
            provenance=_provenance(p, table, attempts, [*files.values(), *asked.values()]),
        )
        (OUT / "index.html").write_text(text, encoding="utf-8")
        counts.update({"figures": len(drawn), "kilobytes": len(text.encode()) // 1024})


def _provenance(
    p: params.Params, table: dict[str, pl.LazyFrame], attempts: dict[str, pl.LazyFrame], files: list[Path]
) -> dict[str, Any]:
    return {
        "sources": provenance.sources(table["pool"], table["pool_rejected"], table["limo"]),
        "benchmarks": provenance.benchmarks(table["benchmarks"]),
        "models": provenance.models(p),
        "answered": provenance.answered_with(attempts),
        "trained": provenance.trained_with({name: read_json(f"data/training/{name}.json") for name in p.variants}),
        "files": provenance.files(files),
    }


if __name__ == "__main__":
    main()

import json
from pathlib import Path

import click

from limo import params
from limo.base import tables, timing
from limo.base.files import write_json
from limo.graph import schemas
from limo.metrics import figures as report
from limo.metrics.evaluation import evaluate

FOLDER = Path("metrics")


@click.command()
def main() -> None:
    """Write every figure of the run: four JSON files of metrics and the data of the plots."""
    p = params.load()
    with timing.record("metrics") as counts:
        # Only what params.yaml names is read: the folders may hold files of variants that are gone.
        sources = {name: tables.read(f"data/sources/{name}.parquet", schemas.SOURCE) for name in p.sources}
        datasets = {name: tables.read(spec.path, schemas.DATASET) for name, spec in p.datasets.items()}
        answers = {name: tables.read(f"data/answers/{name}.parquet", schemas.ANSWER) for name in p.candidates}
        records = {v: json.loads(Path(f"data/training/{v}.json").read_text(encoding="utf-8")) for v in p.variants}
        pool = tables.read("data/pool.parquet", schemas.POOL)
        pool_rejected = tables.read("data/pool_rejected.parquet", schemas.POOL_REJECTED)
        screened = tables.read("data/screened.parquet", schemas.SCREENED)
        rated = tables.read("data/rated.parquet", schemas.RATED)
        questions = tables.read("data/questions.parquet", schemas.QUESTIONS)
        tiers = tables.read("data/tiers.parquet", schemas.TIERS)

        funnel = report.funnel(
            sources=sources,
            pool=pool,
            pool_rejected=pool_rejected,
            screened=screened,
            rated=rated,
            questions=questions,
            tiers=tiers,
            datasets=datasets,
        )
        quality = report.rounded(report.quality(tiers, datasets))
        training = report.rounded(report.training(records))
        draws = {name: protocol.draws for name, protocol in p.evaluate.protocols.items()}
        evaluation = report.rounded(evaluate(answers, draws))
        figures = {"funnel": funnel, "quality": quality, "training": training, "evaluation": evaluation}
        for name, found in figures.items():
            write_json(found, FOLDER / f"{name}.json")
        plots = {
            "funnel": report.funnel_rows(funnel),
            "pass_rates": report.pass_rates(screened, rated),
            "scores": report.score_histogram(tiers),
            "tiers": report.tier_curve(quality, evaluation, p.datasets, p.variants, p.candidates),
            "loss": report.loss_rows(records),
            "validation": report.validation_rows(records),
            "evaluation": report.evaluation_rows(evaluation),
        }
        (FOLDER / "plots").mkdir(parents=True, exist_ok=True)
        for name, rows in plots.items():
            rows.write_csv(FOLDER / "plots" / f"{name}.csv")
        counts.update({"candidates": len(answers), "variants": len(records), "plots": len(plots)})


if __name__ == "__main__":
    main()

"""A project folder as it is before `release`: the tables, metrics and models that it reads."""

from pathlib import Path

from click.testing import CliRunner

from limo.base import tables
from limo.graph import schemas
from limo.release.facts import Facts
from stages import audit, check, dataset, gather, measure, metrics, score, tiers
from tests import tiny_model
from tests.asked import asked
from tests.chains import world as quality
from tests.report import world as report

STEP = {"in": 9, "kept": 7, "rejected": {"too easy": 2}}
FUNNEL = {
    **dict.fromkeys(("pool", "screen", "rate", "select", "tiers"), STEP),
    "acquire": {name: {"in": 12, "kept": 12, "rejected": {}} for name in ("easy", "hard")},
}
AUDITED = {"pairs": 10, "precision": 1.0, "recall": 0.875}
TRAINED = {"examples": 3, "steps": 4, "tokens": 900, "trained_tokens": 700, "first_loss": 2.5, "final_loss": 1.75}
TRAINED |= {"validation_loss": 1.875, "validation_examples": 1, "best_epoch": 1, "exported_epoch": 1}
FIGURES = {"pass_at_1": 0.25, "low": 0.125, "high": 0.375, "answered": 1.0, "unfinished": 0.0, "undecided": 0.0}
GUARDED = [
    asked("sums", "b1", "What is 4 + 4?", "8", id="guarded1", source_revision="rev9"),
    asked("products", "b1", "What is 4 × 4?", "8", id="guarded2", source_revision="rev9"),
]
HIT = {"source": "easy", "source_id": "leak", "rejected": "contaminated: reworded", "match": "sums:b:1"}


def benchmarks(**changes):
    """BENCHMARK rows: two problems that are in no dataset."""
    return tables.frame([{**row, **changes} for row in GUARDED], schemas.BENCHMARK)


def rows(**changes):
    """Three DATASET rows, p01 to p03."""
    found = [
        {
            **quality.problem(number),
            **quality.chain(f"p{number:02}", "so"),
            "solution": "so",
            "difficulty": 1,
            "decontamination": "clean",
            "rank": number,
            "level": None,
            "truncated": False,
            **changes,
        }
        for number in range(1, 4)
    ]
    return quality.table(found, schemas.DATASET)


def facts(**changes):
    """Made-up findings for cards; `changes` replace fields."""
    found = {
        "funnel": FUNNEL,
        "audit": {"decontamination": AUDITED, "deduplication": {**AUDITED, "pairs": 20}},
        "training": {"limo": TRAINED, "L5": TRAINED},
        "evaluation": {"base": {"sums": FIGURES}, "limo": {"sums": FIGURES}},
        "comparisons": [],
        "benchmarks": benchmarks(),
        "contaminated": quality.table([quality.problem(70, **HIT)], schemas.POOL_REJECTED),
        "languages": {"p01": "en", "p02": "zh", "p03": "zxx"},
    }
    return Facts(**{**found, **changes})


def build() -> None:
    """Fill the current folder with all that `release` reads."""
    report.build()
    run(gather)
    for stage in (check, measure):
        run(stage, "0")
    for stage in (score, tiers, audit):
        run(stage)
    for name in quality.PARAMS["datasets"]:
        run(dataset, name)
    report.train_and_answer()
    run(metrics)
    for name in quality.PARAMS["variants"]:
        tiny_model.save(Path("models") / name)
    tables.write(benchmarks(), "data/benchmarks.parquet", schemas.BENCHMARK, ["benchmark", "source_id"])
    refused = tables.read("data/pool_rejected.parquet", schemas.POOL_REJECTED)
    leaks = quality.table([quality.problem(70, **HIT)], schemas.POOL_REJECTED)
    tables.write(refused.vstack(leaks), "data/pool_rejected.parquet", schemas.POOL_REJECTED, ["source", "source_id"])


def run(stage, *arguments) -> None:
    """Run a stage in the current folder; it must succeed."""
    result = CliRunner().invoke(stage.main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output

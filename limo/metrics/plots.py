"""Tables and figures of a run → the data of every plot; used by metrics."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base.tables import kept
from limo.graph import places
from limo.graph.schemas import BARS, PLOTS, SHARES
from limo.metrics.figures import Figures, ends
from limo.metrics.run import Run


def every(run: Run, figures: Mapping[str, Any], p: params.Params) -> dict[str, pl.DataFrame]:
    """The data of all plots, by the names of `schemas.PLOTS`.

    Args:
        run: the tables.
        figures: all figures of the run, by name.
        p: says which candidate was trained on which quality level.
    """
    return {
        "funnel": funnel_rows(figures["funnel"]),
        "pass_rates": pass_rates(run.screened, run.rated),
        "scores": score_histogram(run.tiers),
        "tiers": tier_curve(figures["quality"], figures["evaluation"], p.datasets, p.variants, p.candidates),
        "loss": loss_rows(run.records),
        "validation": validation_rows(run.records),
        "evaluation": evaluation_rows(figures["evaluation"]),
        "comparisons": comparison_rows(figures["comparisons"]),
    }


def write(plots: Mapping[str, pl.DataFrame]) -> None:
    """Write the data of all plots to the current folder, a CSV file each."""
    Path(places.PLOTS.path).mkdir(parents=True, exist_ok=True)
    for name, rows in plots.items():
        rows.write_csv(places.plot(name))


def funnel_rows(figures: Figures) -> pl.DataFrame:
    """The steps of a funnel as rows of stage, outcome (`kept` or a reason) and rows, in the order of the pipeline."""
    steps = [
        *((f"acquire {name}", step) for name, step in figures["acquire"].items()),
        *((name, figures[name]) for name in ("pool", "screen", "rate", "select", "tiers")),
    ]
    rows = [
        (name, outcome, count)
        for name, step in steps
        for outcome, count in [("kept", step["kept"]), *step["rejected"].items()]
    ]
    return pl.DataFrame(rows, schema=PLOTS["funnel"], orient="row")


def loss_rows(records: Mapping[str, Figures]) -> pl.DataFrame:
    """The curves of every variant as rows of variant, step and epoch (from 1), loss, lr, gradient norm and tokens."""
    schema = PLOTS["loss"]
    rows = [
        {"variant": name, **{key: taken[key] for key in schema if key != "variant"}}
        for name, record in sorted(records.items())
        for taken in record["steps"]
    ]
    return pl.DataFrame(rows, schema=schema)


def validation_rows(records: Mapping[str, Figures]) -> pl.DataFrame:
    """The held-out loss of every variant as rows of variant, epoch (from 1) and loss."""
    rows = [(name, epoch, loss) for name, record in sorted(records.items()) for epoch, loss in ends(record)]
    return pl.DataFrame(rows, schema=PLOTS["validation"], orient="row")


def pass_rates(screened: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Histogram of correct draws: stage, correct, outcome (kept or rejected), problems.

    Sampling stops once the verdict is settled, so a count at or beyond the edge of the band is a lower bound.
    """
    outcome = pl.when(pl.col("rejected").is_null()).then(pl.lit("kept")).otherwise(pl.lit("rejected"))
    parts = [
        table.select(pl.lit(stage).alias("stage"), pl.col(f"{stage}_correct").alias("correct"), outcome=outcome)
        .filter(pl.col("correct").is_not_null())  # what screen is not for
        .group_by("stage", "correct", "outcome")
        .len("problems")
        .sort("correct", "outcome")
        for stage, table in (("screen", screened), ("rate", rated))
    ]
    return pl.concat(parts).cast({"problems": pl.Int64})


def score_histogram(tiers: pl.DataFrame) -> pl.DataFrame:
    """Histogram of the usable chains' scores: teacher, low (lower edge of one of 20 bars), chains."""
    # Scores have 9 decimals: the small term puts one on an edge into the bar above it, whatever its binary fraction.
    bar = (pl.col("score") * BARS + 1e-8).floor().clip(upper_bound=BARS - 1)
    bars = kept(tiers).select("teacher", low=bar / BARS)
    return bars.group_by("teacher", "low").len("chains").sort("teacher", "low").cast({"chains": pl.Int64})


def tier_curve(
    quality_figures: Figures,
    evaluation: Mapping[str, Mapping[str, Figures]],
    datasets: Mapping[str, params.Dataset],
    variants: Mapping[str, params.Variant],
    candidates: Mapping[str, str],
) -> pl.DataFrame:
    """Per quality level its mean score and tokens, and mean pass@1 of the candidate trained on it, null if none is."""
    paths = {spec.path: spec.level for spec in datasets.values() if isinstance(spec, params.LevelDataset)}
    data = {places.model(name).path: variant.data for name, variant in variants.items()}
    trained = {paths[data[folder]]: name for name, folder in sorted(candidates.items()) if data.get(folder) in paths}
    rows = []
    for key, figures in quality_figures["levels"].items():
        level = int(key.removeprefix("L"))
        name = trained.get(level)
        mean = evaluation[name]["mean"] if name else {}
        rows.append((level, figures["score"], figures["tokens"], name, *map(mean.get, ("pass_at_1", "low", "high"))))
    return pl.DataFrame(rows, schema=PLOTS["tiers"], orient="row")


def evaluation_rows(evaluation: Mapping[str, Mapping[str, Figures]]) -> pl.DataFrame:
    """The figures of every candidate on every benchmark and their mean as rows."""
    rows = [
        {"candidate": name, "benchmark": benchmark, **{key: figures[key] for key in SHARES}}
        for name, benchmarks in evaluation.items()
        for benchmark, figures in benchmarks.items()
    ]
    return pl.DataFrame(rows, schema=PLOTS["evaluation"])


def comparison_rows(compared: Sequence[Figures]) -> pl.DataFrame:
    """The comparisons with a name of both candidates."""
    rows = [{**row, "pair": f"{row['candidate']} − {row['other']}"} for row in compared]
    return pl.DataFrame(rows, schema=PLOTS["comparisons"])

"""The tables of a run → what the report shows beside figures: samples, counts of draws, provenance; used by metrics."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from limo.base.tables import kept
from limo.graph import outs
from limo.metrics import grid, provenance, samples
from limo.metrics.run import Run

_TABLES = (outs.BENCHMARKS, outs.POOL, outs.POOL_REJECTED, outs.SCREENED, outs.RATED, outs.QUESTIONS, outs.TIERS)


def collect(run: Run, released: outs.Table) -> dict[str, Any]:
    """All that `report` needs of the tables, so that it reads none.

    Args:
        run: the tables.
        released: the dataset that the report shows.

    Returns:
        dataset_rows: of this dataset; grid: rows of `grid.grid`; samples, levels: rows of `samples.best` and
        `samples.levels`; benchmarks: problems of each; drawn: of screen and every rater (`rate NAME`) how many problems
        took how many draws, in pairs (draws, problems); selected: questions by source, in pairs; tokens: of all
        answers, by stage in words; provenance: of data, answers and files.
    """
    dataset = outs.read(released)
    attempts = {stage: pl.scan_parquet(table.path) for stage, table in run.asked.items()}
    return {
        "dataset_rows": dataset.height,
        "samples": samples.best(dataset),
        "grid": grid.grid(run.answered, run.benchmarks),
        "levels": samples.levels(run.tiers.lazy(), run.questions.lazy()),
        "benchmarks": dict(_counted(run.benchmarks["benchmark"])),
        "drawn": {"screen": _counted(run.screened["screen_drawn"].drop_nulls()), **_by_rater(run.rated)},
        "selected": _counted(kept(run.questions)["source"]),
        "tokens": {stage: _tokens(table) for stage, table in attempts.items()},
        "provenance": {
            "sources": provenance.sources(run.pool.lazy(), run.pool_rejected.lazy(), dataset.lazy()),
            "benchmarks": provenance.benchmarks(run.benchmarks.lazy()),
            "answered": provenance.answered_with(attempts),
            "trained": provenance.trained_with(run.records),
            "files": provenance.files(Path(table.path) for table in [*_TABLES, released, *run.asked.values()]),
        },
    }


def _counted(values: pl.Series) -> Sequence[tuple[Any, int]]:
    """Each value and how often it stands there, sorted."""
    return values.value_counts().sort(values.name).rows()


def _by_rater(rated: pl.DataFrame) -> dict[str, Sequence[tuple[Any, int]]]:
    each = rated.select(pl.col("raters").explode()).unnest("raters").sort("rater")
    return {f"rate {name}": _counted(rows["drawn"]) for (name,), rows in each.group_by("rater", maintain_order=True)}


def _tokens(attempts: pl.LazyFrame) -> int:
    return int(attempts.select(pl.col("tokens").sum()).collect().item())

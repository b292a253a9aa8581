"""Rows that the pool refused → how much of each benchmark the sources hold, and its age; used by metrics."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from limo import params

Figures = dict[str, Any]


def contamination(
    rejected: pl.DataFrame, benchmarks: pl.DataFrame, specs: Mapping[str, params.Benchmark]
) -> dict[str, Figures]:
    """What is known of how well models may know each benchmark.

    Args:
        rejected: POOL_REJECTED rows.
        benchmarks: BENCHMARK rows.
        specs: the section.

    Returns:
        Per benchmark `rows`, `met`, how many of them the sources hold, `refused`, the rows of sources that the pool
        refused for them, by rule, and `published`, the day from which they could be read, null where unknown. A row of
        a source counts for the first benchmark that has its problem.
    """
    refused = rejected.filter(pl.col("rejected").str.starts_with("contaminated: ")).select(
        rule=pl.col("rejected").str.strip_prefix("contaminated: "),
        benchmark=pl.col("match").str.split(":").list.first(),
        match="match",
    )
    return {name: _of(refused.filter(benchmark=name), benchmarks, name, spec) for name, spec in specs.items()}


def known_before(candidate: str, benchmark: str, p: params.Params) -> bool | None:
    """Whether the problems could be read before the candidate's base model was released; null where a day is unknown.

    A model that is younger than a benchmark may have been trained on it, whatever the pool refuses.
    """
    *above, name = p.candidates[candidate].split("/")
    model = name if above[-1:] == ["base"] else p.variants[name].model
    released, published = p.evaluate.released.get(model), p.benchmarks[benchmark].published
    return None if released is None or published is None else published < released


def _of(refused: pl.DataFrame, benchmarks: pl.DataFrame, name: str, spec: params.Benchmark) -> Figures:
    rules = refused["rule"].value_counts().sort("rule")
    return {
        "rows": benchmarks.filter(benchmark=name).height,
        "met": refused["match"].n_unique(),
        "refused": dict(rules.iter_rows()),
        "published": spec.published,
    }

"""Metrics and tables of the graph → what the cards cite; used by release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base.files import digest, read_json
from limo.graph import outs, places

METRICS = [places.METRICS[name] for name in ("funnel", "problems", "training", "evaluation", "comparisons")]
INPUTS = [outs.BENCHMARKS, outs.POOL, outs.POOL_REJECTED, *METRICS]
# Sections of params.yaml that decide what a release says, as dvc.yaml names them for the stage.
SECTIONS = (
    "seed",
    "release",
    "prompt",
    "models",
    "sources",
    "pool.decontamination",
    "answers.extraction",
    "screen",
    "rate",
    "select",
    "question_sets",
    "teachers",
    "gates",
    "score",
    "tiers",
    "round_datasets",
    "datasets",
    "train",
    "variants",
    "candidates",
    "evaluate",
)


@dataclass(frozen=True)
class Facts:
    """What the graph found out: metrics as stored, `benchmarks` and `contaminated` rows, languages by problem id."""

    funnel: Mapping[str, Any]
    audit: Mapping[str, Any]
    training: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    comparisons: Sequence[Mapping[str, Any]]
    benchmarks: pl.DataFrame
    contaminated: pl.DataFrame
    languages: Mapping[str, str]


def load(ids: Iterable[str]) -> Facts:
    """Read what the cards cite; of the pool, which may be larger than memory, only the languages of these problems.

    Raises:
        FileNotFoundError: a table or metric is missing; the message says which command makes it.
    """
    here = Path()
    for out in INPUTS:
        if not outs.built(out, here):
            raise FileNotFoundError(
                f"{out.path} is missing: run `{out.remedy}`, or `dvc pull {out.path}` where a remote holds it"
            )
    funnel, audit, training, evaluation, comparisons = (read_json(metric.path) for metric in METRICS)
    known = pl.LazyFrame({"id": sorted(set(ids))}, schema={"id": pl.String})
    pool = outs.scan(outs.POOL, here).select("id", "language").join(known, on="id", how="semi")
    refused = outs.scan(outs.POOL_REJECTED, here).select("rejected", "match")
    return Facts(
        funnel,
        audit,
        training,
        evaluation,
        comparisons,
        outs.read(outs.BENCHMARKS),
        refused.filter(pl.col("rejected").str.starts_with("contaminated")).collect(),
        dict(pool.collect().iter_rows()),
    )


def identity(p: params.Params, inputs: Mapping[str, str]) -> str:
    """What a release is made from, without git: sha256 over the inputs' sha256 and the sections of params.yaml."""
    values = p.model_dump(mode="json")
    sections = {key: reduce(lambda at, part: at[part], key.split("."), values) for key in SECTIONS}
    return digest(dict(inputs), sections)


def origins(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows by source, revision and licence: dicts of these and `rows`."""
    return counted(table, "source", "source_revision", "licence")


def guarded(facts: Facts) -> list[dict[str, Any]]:
    """Benchmarks by revision and licence: dicts of these and `rows`."""
    return counted(facts.benchmarks, "benchmark", "source_revision", "licence")


def hits(facts: Facts) -> list[dict[str, Any]]:
    """Problems refused as contaminated: dicts of `benchmark`, `rule` and `rows`."""
    return counted(
        facts.contaminated.select(
            # A benchmark's name has no colon, what stands behind it may have some.
            pl.col("match").str.splitn(":", 2).struct.field("field_0").alias("benchmark"),
            pl.col("rejected").str.strip_prefix("contaminated: ").alias("rule"),
        ),
        "benchmark",
        "rule",
    )


def counted(table: pl.DataFrame, *keys: str) -> list[dict[str, Any]]:
    """How many `rows` have each combination of values, sorted; a null comes first."""
    return table.group_by(keys).len("rows").sort(keys).rows(named=True)


def spoken(table: pl.DataFrame, facts: Facts) -> list[str]:
    """Languages of the rows' questions, without zxx: formulas alone are none."""
    return sorted({facts.languages[identifier] for identifier in table["id"]} - {"zxx"})

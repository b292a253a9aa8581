"""Datasets → those that may be handed out, if need be without text; used by release."""

from collections.abc import Mapping, Sequence

import polars as pl

from limo.graph.schemas import DATASET
from limo.params import Release

SHOWN = 5  # rows that a refusal names
TEXT = ("question", "solution", "answer")
# A released table where rows may be withheld: `withheld` is true where question, solution and answer are kept back.
WITHHELD = pl.Schema([*DATASET.items(), ("withheld", pl.Boolean)])


def check(datasets: Mapping[str, pl.DataFrame], benchmarks: pl.DataFrame, release: Release) -> None:
    """Let datasets pass that may be handed out, if need be without the text of some rows.

    Args:
        datasets: DATASET rows by name.
        benchmarks: BENCHMARK rows, none of which may be in a dataset.
        release: its `on_restricted` says whether a restricted row stops the release.

    Raises:
        ValueError: a dataset has no rows, holds a benchmark's problem or, under `stop`, restricted rows; the dataset,
            the first rows and the remedy are named.
    """
    for name, table in datasets.items():
        if table.is_empty():
            raise ValueError(f"datasets.{name} has no rows to release: run `dvc repro dataset@{name}`, or drop it")
        _refuse_benchmarks(name, table, benchmarks)
    if release.on_restricted == "stop":
        _refuse_restricted(datasets, release.redistributable)


def restricted(table: pl.DataFrame, redistributable: Sequence[str]) -> pl.Series:
    """True for each row whose licence, or that of its chain, is not listed.

    A null or empty licence of a problem never is; a chain without one was drawn here.
    """
    allowed = set(redistributable)
    pairs = table.select("licence", "chain_licence").iter_rows()
    barred = [licence not in allowed or chain not in {*allowed, None} for licence, chain in pairs]
    return pl.Series("withheld", barred, dtype=pl.Boolean)


def withhold(table: pl.DataFrame, redistributable: Sequence[str]) -> pl.DataFrame:
    """DATASET rows as WITHHELD rows: restricted ones keep ids, provenance, counts and scores, but no text."""
    marked = table.with_columns(restricted(table, redistributable))
    return marked.with_columns(pl.when(~pl.col("withheld")).then(pl.col(name)).alias(name) for name in TEXT)


def _refuse_benchmarks(name: str, table: pl.DataFrame, benchmarks: pl.DataFrame) -> None:
    held = benchmarks.join(table.select("id"), on="id", how="semi").sort("benchmark", "source_id")
    if held.is_empty():
        return
    first = held.row(0, named=True)
    raise ValueError(
        f"datasets.{name}: row {first['id']} is problem {first['source_id']!r} of benchmark {first['benchmark']}, "
        f"one of {held.height}; texts of benchmarks are never released: make the pool again with `dvc repro pool`"
    )


def _bars(redistributable: Sequence[str]) -> pl.Expr:
    """The licence that bars a row: that of its chain, where only that is not listed."""
    own = pl.col("licence").is_in(list(redistributable))
    return pl.when(own).then(pl.format("{} of its chain", "chain_licence")).otherwise("licence").alias("licence")


def _refuse_restricted(datasets: Mapping[str, pl.DataFrame], redistributable: Sequence[str]) -> None:
    barred = pl.concat(
        table.filter(restricted(table, redistributable))
        .select(pl.lit(name).alias("dataset"), "id", "source", "source_id", _bars(redistributable))
        .sort("id")
        for name, table in datasets.items()
    )
    if barred.is_empty():
        return
    rows = "".join(
        f"\n  dataset {dataset}, id {identity}, source {source}, source_id {row!r}, licence {licence or 'unknown'!r}"
        for dataset, identity, source, row, licence in barred.head(SHOWN).iter_rows()
    )
    more = f"\n  and {barred.height - SHOWN} more" if barred.height > SHOWN else ""
    total = sum(table.height for table in datasets.values())
    raise ValueError(
        f"{barred.height} of {total} rows may not be released:{rows}{more}\n"
        "drop their source from params.yaml, add the licence to release.redistributable if it permits this, or set "
        "release.on_restricted to withhold, which releases such rows without their text"
    )

"""Section `benchmarks` of params.yaml → BENCHMARK rows, every one of them usable; used by benchmarks."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.graph.schemas import BENCHMARK
from limo.problems.answer_type import kind
from limo.sources import options, related, repairs, rows

Figures = dict[str, Any]


def read(specs: Mapping[str, params.Benchmark], seed: int) -> pl.DataFrame:
    """The rows of all evaluation sets, as they are asked.

    Args:
        specs: the section.
        seed: of the run, by which options are shuffled.

    Raises:
        ValueError: a set cannot be read, or a row is unusable: a score over the rest would not be comparable. All
            faults of all sets are named, a line each.
    """
    read_sets, faults = [tables.frame([], BENCHMARK)], []
    for name, spec in specs.items():
        try:
            read_sets.append(_asked(_published(name, spec), spec, seed))
        except (ValueError, OSError) as error:
            faults += [f"benchmark {name}: {line}" for line in str(error).splitlines()]
    if faults:
        remedy = "a score over the rest would not be comparable: correct the data, its repairs or max_characters"
        raise ValueError("\n".join([*faults, remedy]))
    return pl.concat(read_sets)


def counts(benchmarks: pl.DataFrame) -> dict[str, Figures]:
    """Per benchmark its rows, answers by kind, repaired answers, rows that belong with others, and moved options.

    `clusters` counts what stands for independent questions: rows that belong together are one.
    """
    return {name: _counted(table) for (name,), table in benchmarks.group_by("benchmark", maintain_order=True)}


def _published(name: str, spec: params.Benchmark) -> list[dict[str, Any]]:
    """The rows of one set as they are published, with repaired answers."""
    records = list(rows.SOURCES[spec.source.kind](spec.source))
    if spec.repairs is not None:
        records = list(repairs.repaired(records, repairs.read(spec.repairs)))
    table = rows.table(name, records, spec.max_characters, benchmark=True)
    refused = table.filter(pl.col("rejected").is_not_null())
    if refused.height:
        lines = (f"row {row['source_id']} is unusable ({row['rejected']})" for row in refused.iter_rows(named=True))
        raise ValueError("\n".join(lines))
    together = related.related(table["question"].to_list(), name)
    names = table["source_id"].to_list()
    rows_of = [
        {
            **row,
            "benchmark": name,
            "answer_type": kind(row["answer"]),
            "source": record.get("origin"),
            "repair": record.get("repair"),
            "cluster": names[first],
            "order": None,
            "written": None,
        }
        for row, record, first in zip(table.iter_rows(named=True), records, together, strict=True)
    ]
    return [{column: row[column] for column in BENCHMARK} for row in rows_of]


def _asked(published: list[dict[str, Any]], spec: params.Benchmark, seed: int) -> pl.DataFrame:
    """The rows of one set as they are asked.

    Raises:
        ValueError: options of some rows cannot be moved, a line each.
    """
    if spec.options == "as_written":
        return tables.frame(published, BENCHMARK)
    moved: list[options.Row] = []
    faults = []
    for row in published:
        try:
            moved += options.asked(row, seed, spec.options)
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError("\n".join(faults))
    return tables.frame(moved, BENCHMARK)


def _counted(table: pl.DataFrame) -> Figures:
    kinds = table["answer_type"].value_counts().sort("answer_type")
    return {
        "rows": table.height,
        "answers": dict(kinds.iter_rows()),
        "repaired": table["repair"].count(),
        "clusters": table["cluster"].n_unique(),
        "clustered": table.filter(pl.len().over("cluster") > 1).height,
        "moved": table["order"].count(),
    }

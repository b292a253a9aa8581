from collections.abc import Sequence
from typing import Any

import polars as pl

from limo import params
from limo.answers.compare import quick
from limo.problems import decontaminate, dedup, verifiable
from limo.tables import POOL, POOL_REJECTED, frame

Row = dict[str, Any]


def build(sources: pl.DataFrame, benchmarks: pl.DataFrame, p: params.Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One clean row per problem, and every other row with its reason (paper 2, design contract 2).

    In order: rows a source already rejected, unverifiable ones, duplicates and conflicting answers, contaminated ones.
    Of a cluster of duplicates the survivor is the row of the source that stands first in `source_rank`, then one
    with solutions, then the lowest source id.

    Args:
        sources: SOURCE rows of every source.
        benchmarks: BENCHMARK rows.
        p: the pool section.

    Returns:
        POOL rows and POOL_REJECTED rows; together as many as `sources` has.
    """
    rank = {name: position for position, name in enumerate(p.source_rank)}
    rows = sorted(
        sources.iter_rows(named=True), key=lambda row: (rank[row["source"]], not row["solutions"], row["source_id"])
    )
    rejected: list[Row] = []
    usable = []
    for row in rows:
        reason = row["rejected"] or verifiable.fault(row["question"], row["answer"])
        if reason:
            rejected.append({**row, "rejected": reason, "match": None, "match_score": None})
        else:
            usable.append(row)
    survivors, merged = _merge(usable, p)
    kept, contaminated = _guard(survivors, benchmarks, p)
    rejected += merged + contaminated
    assert len(kept) + len(rejected) == sources.height, "a row was lost between sources and pool"
    return frame(kept, POOL), frame(rejected, POOL_REJECTED)


def _merge(rows: Sequence[Row], p: params.Pool) -> tuple[list[Row], list[Row]]:
    found = dedup.clusters([row["question"] for row in rows], [row["id"] for row in rows], p.near)
    members: dict[int, list[int]] = {}
    for position, (root, _) in enumerate(found):
        members.setdefault(root, []).append(position)
    survivors, rejected = [], []
    for root, positions in members.items():
        first = rows[root]
        others = [rows[position] for position in positions if position != root]
        answers = sorted({row["answer"] for row in (first, *others)})
        if any(quick(first["answer"], answer) != "correct" for answer in answers):
            reason = "conflicting answers: " + " | ".join(answers)
            rejected += [
                {**rows[i], "rejected": reason, "match": _name(first), "match_score": found[i][1]} for i in positions
            ]
            continue
        survivors.append({**first, "duplicates": sorted(_name(row) for row in others)})
        for position in positions:
            if position != root:
                row = rows[position]
                how = "exact" if row["id"] == first["id"] else "near"
                rejected.append(
                    {**row, "rejected": f"duplicate: {how}", "match": _name(first), "match_score": found[position][1]}
                )
    return survivors, rejected


def _guard(rows: Sequence[Row], benchmarks: pl.DataFrame, p: params.Pool) -> tuple[list[Row], list[Row]]:
    hits = decontaminate.find([row["question"] for row in rows], benchmarks.to_dicts(), p.decontamination)
    kept, rejected = [], []
    for row, hit in zip(rows, hits, strict=True):
        if hit is None:
            kept.append({key: row[key] for key in POOL.names()})
            continue
        plain = {key: value for key, value in row.items() if key != "duplicates"}
        rejected.append(
            {**plain, "rejected": f"contaminated: {hit.rule}", "match": hit.match, "match_score": hit.score}
        )
    return kept, rejected


def _name(row: Row) -> str:
    return f"{row['source']}:{row['source_id']}"

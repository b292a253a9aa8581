from typing import Any

import polars as pl
from tqdm import tqdm

from limo.params import Pool
from limo.problems.core import core
from limo.problems.decontaminate import contaminated
from limo.problems.dedup import Rejection, Row, merge, name
from limo.problems.text import canonical
from limo.problems.verifiable import unverifiable
from limo.tables import POOL, POOL_REJECTED, frame


def build(sources: pl.DataFrame, benchmarks: pl.DataFrame, p: Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One clean row per problem (POOL) and every other row with its reason (POOL_REJECTED), both sorted.

    Rows are rejected in this order: malformed (as the source says), unverifiable, duplicate or in conflict with a
    duplicate, contaminated. A problem is contaminated when any row merged into it is. The result does not depend on
    the order of the rows.

    Args:
        sources: SOURCE rows of all sources; (source, source_id) is unique.
        benchmarks: BENCHMARK rows.

    Raises:
        ValueError: a row's source is missing in `source_rank`.
    """
    rejected: list[dict[str, Any]] = []
    usable: list[dict[str, Any]] = []
    for row in sources.sort("source", "source_id").iter_rows(named=True):
        reason = row["rejected"] or _prefixed(unverifiable(row["question"], row["answer"]))
        if reason:
            rejected.append(_reject(row, Rejection(reason, None, None)))
        else:
            usable.append(row)
    questions = {row["id"]: row["question"] for row in usable}
    progress = tqdm(questions.items(), desc="pool", unit=" problems", disable=None)
    cores = {identity: core(canonical(question)) for identity, question in progress}
    clusters, merged = merge(usable, cores, p.source_rank, p.near)
    rejected += [_reject(row, rejection) for row, rejection in merged]
    hits = contaminated(cores, benchmarks, p.decontamination)
    kept = []
    for survivor, *duplicates in clusters:
        hit = next((hits[row["id"]] for row in (survivor, *duplicates) if row["id"] in hits), None)
        if hit:
            rejected.append(_reject(survivor, hit))
            continue
        names = sorted(name(row) for row in duplicates)
        kept.append({key: value for key, value in survivor.items() if key != "rejected"} | {"duplicates": names})
    assert len(kept) + len(rejected) == sources.height
    return frame(kept, POOL).sort("id"), frame(rejected, POOL_REJECTED).sort("source", "source_id")


def _prefixed(reason: str | None) -> str | None:
    return f"unverifiable: {reason}" if reason else None


def _reject(row: Row, rejection: Rejection) -> dict[str, Any]:
    return {**row, "rejected": rejection.reason, "match": rejection.match, "match_score": rejection.score}

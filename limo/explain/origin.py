"""A problem's id → its source rows, those merged into it, and the pool's verdict; used by `limo explain`."""

from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.graph import outs
from limo.graph.outs import Rows

LABELS = ("subject", "language", "answer_type", "family")
# What the row that a rejection names is to the rejected one, by the reason's first words.
RELATIONS = {
    "duplicate": "kept instead",
    "conflicting answers": "conflicts with",
    "contaminated": "benchmark row",
    "template": "first of its family",
}


def name(row: dict[str, Any]) -> str:
    """ "SOURCE:SOURCE_ID", as tables name a row of another one."""
    return f"{row['source']}:{row['source_id']}"


def source_rows(identity: str, p: params.Params, root: Path) -> Rows:
    """Every row of the problem and every row that the pool merged into one of these, by source and source id.

    `outcome` is "kept", the reason for the rejection, or null where the pool is not built or is of other rows. `match`
    is null or the row that the rejection names (`_match`).
    """
    rejected = outs.rows(outs.POOL_REJECTED, root, pl.col("id") == identity)
    kept = outs.rows(outs.POOL, root, pl.col("id") == identity)
    acquired = [row for out in outs.sources(p).values() for row in outs.rows(out, root, pl.col("id") == identity)]
    own = {name(row): row for row in [*kept, *rejected, *acquired]}
    other = pl.col("id") != identity
    merged = outs.rows(outs.POOL_REJECTED, root, other, pl.col("match").is_in(list(own)), _merged())
    fates = {name(row): row for row in [*rejected, *merged]}
    survivors = {name(row) for row in kept}
    rows = []
    for row in sorted([*own.values(), *merged], key=lambda row: (row["source"], row["source_id"])):
        fate = fates.get(name(row))
        outcome = fate["rejected"] if fate else "kept" if name(row) in survivors else None
        facts = ("id", "source", "source_id", "source_revision", "licence", "domain", "level", "question", "answer")
        styles = [solution["style"] for solution in row["solutions"] or []]
        match = _match(fate, p, root) if fate and fate["match"] else None
        rows.append({**{key: row[key] for key in facts}, "styles": styles, "outcome": outcome, "match": match})
    return rows


def pool(identity: str, rows: Rows, root: Path) -> dict[str, Any]:
    """Whether the pool holds the problem, its labels and the verdict of decontamination.

    Args:
        identity: the problem's id.
        rows: its `source_rows`.
    """
    absent = next((out for out in (outs.POOL, outs.POOL_REJECTED) if not outs.built(out, root)), None)
    if absent:
        return {"state": "not built", "remedy": absent.remedy}
    kept = outs.rows(outs.POOL, root, pl.col("id") == identity)
    if kept:
        labels = {label: kept[0][label] for label in LABELS}
        duplicates = {"duplicates": kept[0]["duplicates"]}
        return {"state": "kept", **labels, **duplicates, "decontamination": "clean"}
    reasons = [row["outcome"] for row in rows if row["id"] == identity and row["outcome"]]
    if not reasons:
        return {"state": "no row", "remedy": outs.POOL.remedy}
    return {"state": "rejected", "reason": _first(reasons), "decontamination": _verdict(reasons)}


def _merged() -> pl.Expr:
    """Rejections that name another row of the sources; a benchmark may be called as a source is."""
    return ~pl.col("rejected").str.starts_with("contaminated") & ~pl.col("rejected").str.starts_with("template")


def _first(reasons: list[str]) -> str:
    """The reason that speaks for the problem: that of its survivor, if it had one, before those of its duplicates."""
    return next((reason for reason in reasons if not reason.startswith("duplicate: ")), reasons[0])


def _verdict(reasons: list[str]) -> str:
    contaminated = next((reason for reason in reasons if reason.startswith("contaminated")), None)
    if contaminated:
        return contaminated
    if any(reason.startswith("duplicate: ") for reason in reasons):
        return "judged with the row that was kept instead"
    if any(reason.startswith(("template", "language", "answer type")) for reason in reasons):
        return "clean"
    return "not judged: rejected before"


def _match(rejected: dict[str, Any], p: params.Params, root: Path) -> dict[str, Any]:
    """The row that a rejection names: what it is to the rejected one, its name, score, and what is known of it.

    `outcome` is its own fate in the pool, null for a benchmark's row.
    """
    relation = RELATIONS.get(rejected["rejected"].split(":")[0], "names")
    first, _, second = rejected["match"].partition(":")
    named = {"relation": relation, "name": rejected["match"], "score": rejected["match_score"]}
    here = pl.col("source_id") == second
    if relation == "benchmark row":
        rows = outs.rows(outs.BENCHMARKS, root, pl.col("benchmark") == first, here)
        outcome = None
    else:
        here = (pl.col("source") == first) & here
        kept, fallen = outs.rows(outs.POOL, root, here), outs.rows(outs.POOL_REJECTED, root, here)
        known = outs.sources(p).get(first)
        rows = kept or fallen or (outs.rows(known, root, here) if known else [])
        outcome = "kept" if kept else fallen[0]["rejected"] if fallen else None
    facts = {key: rows[0][key] if rows else None for key in ("id", "question", "answer")}
    return {**named, **facts, "outcome": outcome}

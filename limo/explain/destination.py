"""A problem's id → its chains, and what every dataset made of them; used by `limo explain`."""

from collections.abc import Set
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.graph import outs
from limo.graph.outs import Rows, Table
from limo.graph.schemas import MEASURES, SCALED

# Of a chain's row, in the order of the stages that add them; null where a stage is not built.
FACTS = (
    *("chain_id", "teacher", "round", "origin", "seed", "stop", "extracted", "verdict", "rule", "tokens"),
    *("verify_count", "explore_count", "connect_count", *MEASURES, "votes", *SCALED, "score"),
    *("author", "author_kind", "chain_licence", "claimed"),
    *("selected", "best", "rank", "level", "truncated", "rejected", "chain"),
)


def of_problem(identity: str, p: params.Params, root: Path) -> dict[str, Any]:
    """Every chain of the problem, best first, from the last table there is of check, score and tiers.

    Returns:
        table: the path of that table, of check those of all rounds, or null where chains are only collected, or not
        even that; chains: `FACTS` of each, and `also`, the teachers and origins of the same text that was merged into
        it.
    """
    here = pl.col("id") == identity
    collected = [row for number in p.rounds for out in outs.chains(p, number) for row in outs.rows(out, root, here)]
    stages = ([outs.TIERS], [outs.SCORED], outs.all_checked(p))
    last = next((tables for tables in stages if all(outs.built(out, root) for out in tables)), [])
    known = [row for out in last for row in outs.rows(out, root, here)] if last else collected
    rows = list({row["chain_id"]: row for row in known[::-1]}.values())  # the earliest of identical ones
    facts = [{**{fact: row.get(fact) for fact in FACTS}, "also": _also(row, collected)} for row in rows]
    return {"table": ", ".join(out.path for out in last) or None, "chains": sorted(facts, key=_best_first)}


def uses(identity: str, chains: dict[str, Any], p: params.Params, root: Path) -> Rows:
    """What every dataset makes of the problem, and the variants that train on it.

    Args:
        identity: the problem's id.
        chains: its chains, as `of_problem` gives them.

    Returns:
        name, path, state: "in it" (with row, counted from 0, chain_id, question, answer and variants), "not in it"
        (with reason) or "not built" (with remedy).
    """
    own = {row["source"] for row in outs.rows(outs.POOL, root, pl.col("id") == identity)}
    return [
        {"name": name, "path": out.path}
        | (_held(identity, out, p, root) or {"state": "not in it", "reason": _why_not(chains, name, own, p)})
        for name, out in outs.datasets(p).items()
    ]


def _held(identity: str, out: Table, p: params.Params, root: Path) -> dict[str, Any] | None:
    """That a dataset is not built, or where the problem is in it; null where it is not."""
    if not outs.built(out, root):
        return {"state": "not built", "remedy": out.remedy}
    numbered = outs.scan(out, root).select("id", "chain_id", "question", "answer").with_row_index("row")
    held = numbered.filter(pl.col("id") == identity).drop("id").collect().to_dicts()
    if not held:
        return None
    return {"state": "in it", **held[0], "variants": [key for key, spec in p.variants.items() if spec.data == out.path]}


def _why_not(chains: dict[str, Any], name: str, own: Set[str], p: params.Params) -> str:
    """Why a dataset did not take the problem, whose sources in the pool are `own` (`limo.chains.dataset.choose`)."""
    sources = p.every_dataset[name].sources
    if sources is not None and own and own.isdisjoint(sources):
        return f"not of its sources: {', '.join(sources)}"
    return _passed_over(chains, name, p)


def _passed_over(chains: dict[str, Any], name: str, p: params.Params) -> str:
    """Why the rule of a dataset did not take the problem, which is of its sources."""
    spec = p.every_dataset[name]
    if chains["table"] != outs.TIERS.path:
        return f"unknown: run {outs.TIERS.remedy}"
    usable = [chain for chain in chains["chains"] if chain["rejected"] is None]
    if not usable:
        return "no usable chain"
    if name in p.round_datasets:
        number = p.round_datasets[name].round
        return (
            f"its rule took no chain of round {number}" if number in {c["round"] for c in usable} else "no usable chain"
        )
    if isinstance(spec, params.RandomDataset):
        return "not drawn"
    if isinstance(spec, params.SetDataset):
        return f"not in the set {spec.questions}, or not drawn"
    if isinstance(spec, params.HeldOutDataset):
        return "held by another dataset, or not drawn"
    best = next((chain for chain in usable if chain["best"]), None)
    if best is None:
        return "not a selected question"
    if isinstance(spec, params.TopDataset):
        return f"rank {best['rank']}, and {spec.rows} rows rank before it"
    if best["level"] is None:
        return f"{len(usable)} usable chains are fewer than tiers.min_chains"
    return f"beyond rows: {spec.rows} of the questions with levels"


def _also(row: dict[str, Any], collected: Rows) -> list[str]:
    own = (row["teacher"], row["origin"])
    same = [(other["teacher"], other["origin"]) for other in collected if other["chain_id"] == row["chain_id"]]
    return [f"{teacher} {origin}" for teacher, origin in same if (teacher, origin) != own]


def _best_first(chain: dict[str, Any]) -> tuple[Any, ...]:
    """Usable ones before rejected ones, then by falling score; of equal ones the shorter, then the lower id."""
    score = chain["score"]
    unscored = score is None
    return (chain["rejected"] is not None, unscored, -(score or 0.0), chain["tokens"] or 0, chain["chain_id"])

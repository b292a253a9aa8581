"""Tables → rows in, kept and rejected of every stage, as numbers or text; used by `limo funnel`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base.columns import aligned
from limo.explain import changed_files
from limo.graph import outs
from limo.metrics.figures import pool_step, step, verdicts

Step = dict[str, Any]
# The stages after the pool that decide on problems, in their order.
FILTERS = {"screen": outs.SCREENED, "rate": outs.RATED, "select": outs.QUESTIONS}
# Stage, its table, the stage before and which of its counts goes on: score and tiers mark chains and drop none.
FLOW = (
    ("screen", outs.SCREENED, "pool", "kept"),
    ("rate", outs.RATED, "screen", "kept"),
    ("select", outs.QUESTIONS, "rate", "kept"),
    ("score", outs.SCORED, "check", "kept"),
    ("tiers", outs.TIERS, "score", "in"),
)


def funnel(p: params.Params, root: Path) -> dict[str, Any]:
    """Rows in, kept and rejected by reason of every stage whose tables are under `root`, counted from them.

    Where metrics/funnel.json has a figure, it is the same under the same name.

    Returns:
        acquire: a step per source; pool, screen, rate, select, check (chains in, identical ones rejected), score (those
        that are not correct have no score) and tiers: a step each; chains: per teacher their number and verdicts;
        datasets: rows of each; not_built: stage, out and remedy of every table that is not there, whose figures are
        left out; stale: out, reason and remedy of every table that was not made from the rows before it, or from a file
        that has changed since. A step has in, kept, rejected and share, which is kept / in, null for no rows.

    Raises:
        FileNotFoundError: no table is there.
        ValueError: a table has other columns than its schema.
    """
    absent = outs.unbuilt(p, root)
    steps = {name: _step([out], "source_id", root) for name, out in outs.sources(p).items() if outs.built(out, root)}
    flow: dict[str, Any] = {"acquire": steps} if steps else {}
    if outs.built(outs.POOL, root) and outs.built(outs.POOL_REJECTED, root):
        flow["pool"] = _pool(root)
    flow |= {name: _step([out], "id", root) for name, out in FILTERS.items() if outs.built(out, root)}
    flow |= _chains(p, root)
    rows = {name: _height(out, root) for name, out in sorted(outs.datasets(p).items()) if outs.built(out, root)}
    flow |= {"datasets": rows} if rows else {}
    missing = [{"stage": out.stage, "out": out.path, "remedy": out.remedy} for out in absent]
    return {**flow, "stale": _stale(flow, p) + changed_files.stale(p, root), "not_built": missing}


def table(flow: dict[str, Any]) -> str:
    """A funnel as an aligned table, with the rows of the datasets, and what is stale or not built."""
    steps = {f"acquire {name}": entry for name, entry in flow.get("acquire", {}).items()}
    steps |= {key: flow[key] for key in ("pool", *FILTERS, "check", "score", "tiers") if key in flow}
    lines = []
    if steps:
        head = ("stage", "in", "kept", "share", "rejected")
        rows = [(name, f"{s['in']:,}", f"{s['kept']:,}", _percent(s["share"]), _counts(s)) for name, s in steps.items()]
        columns = aligned([row[:-1] for row in (head, *rows)], left=1, indent=0)
        lines += [f"{line}  {row[-1]}".rstrip() for line, row in zip(columns, (head, *rows), strict=True)]
    for name, counts in flow.get("chains", {}).items():
        listed = ", ".join(f"{verdict} {count:,}" for verdict, count in counts.items() if verdict != "in")
        lines.append(f"chains of {name}: {counts['in']:,}: {listed}")
    if "datasets" in flow:
        lines.append("rows per dataset: " + ", ".join(f"{name} {rows:,}" for name, rows in flow["datasets"].items()))
    lines += [f"stale: {row['out']}: {row['reason']}: run {row['remedy']}" for row in flow["stale"]]
    return "\n".join([*lines, *(f"not built: {row['out']}: run {row['remedy']}" for row in flow["not_built"])])


def _step(tables: Iterable[outs.Table], key: str, root: Path) -> Step:
    return _shared(step(outs.columns(tables, root, [key, "rejected"])))


def _shared(entry: Step) -> Step:
    """A step with the share that is kept."""
    assert entry["kept"] + sum(entry["rejected"].values()) == entry["in"], "kept + rejected = in"
    return {**entry, "share": entry["kept"] / entry["in"] if entry["in"] else None}


def _pool(root: Path) -> Step:
    return _shared(pool_step(_height(outs.POOL, root), outs.columns([outs.POOL_REJECTED], root, ["id", "rejected"])))


def _chains(p: params.Params, root: Path) -> dict[str, Any]:
    """Steps of check, score and tiers, and the verdicts per teacher."""
    steps: dict[str, Any] = {}
    collected = [out for number in p.rounds for out in outs.chains(p, number)]
    checked = outs.all_checked(p)
    if all(outs.built(out, root) for out in [*checked, *collected]):
        entered = sum(_height(out, root) for out in collected)
        kept = outs.columns(checked, root, ["chain_id"])["chain_id"].n_unique()
        identical = {"identical": entered - kept} if entered != kept else {}
        steps["check"] = _shared({"in": entered, "kept": kept, "rejected": identical})
    if outs.built(outs.SCORED, root):
        given = outs.scan(outs.SCORED, root).select(pl.len(), given=pl.col("score").count()).collect().row(0)
        rejected = {"not correct": given[0] - given[1]} if given[0] != given[1] else {}
        steps["score"] = _shared({"in": given[0], "kept": given[1], "rejected": rejected})
    if outs.built(outs.TIERS, root):
        steps["tiers"] = _step([outs.TIERS], "chain_id", root)
        steps["chains"] = verdicts(outs.scan(outs.TIERS, root))
    return steps


def _stale(flow: dict[str, Any], p: params.Params) -> list[dict[str, str]]:
    """Tables that more or fewer rows entered than now leave the stage before."""
    left = {(before, count): flow[before][count] for _, _, before, count in FLOW if before in flow}
    acquired = flow.get("acquire", {})
    if acquired.keys() == p.sources.keys():
        left["acquire", "in"] = sum(entry["in"] for entry in acquired.values())
    return [
        {
            "out": out.path,
            "reason": f"{flow[name]['in']} rows entered, {left[before, count]} are there now",
            "remedy": out.remedy,
        }
        for name, out, before, count in (("pool", outs.POOL, "acquire", "in"), *FLOW)
        if name in flow and (before, count) in left and flow[name]["in"] != left[before, count]
    ]


def _height(out: outs.Table, root: Path) -> int:
    return int(outs.scan(out, root).select(pl.len()).collect().item())


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _counts(entry: Step) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in entry["rejected"].items()) or "-"

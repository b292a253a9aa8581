"""A problem's id and the tables → all that they say of it, in plain values; used by `limo explain`."""

from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.explain import destination, origin
from limo.graph import outs

Story = dict[str, Any]
ATTEMPT = ("sample", "seed", "model", "tokens", "stop", "extracted", "verdict", "claimed", "rule", "text")


def story(identity: str, p: params.Params, root: Path) -> Story:
    """All that the tables under `root` say of one problem, in plain values that JSON holds.

    A stage has a `state`: "kept" or "rejected" (with `reason`), "not reached" where an earlier one rejected the
    problem, "not built" (with `remedy`, a command), or "no row" where its table is there and lacks the problem, as one
    made from other rows does.

    Returns:
        id, question, answer, outcome (one sentence); sources (`origin.source_rows`); pool (`origin.pool`); screen and
        rate with counts and attempts; select; chains and datasets (`limo.explain.destination`); not_built: stage, out
        and remedy of every table that is not there.
    """
    absent = outs.unbuilt(p, root)
    sources = origin.source_rows(identity, p, root)
    pool = origin.pool(identity, sources, root)
    screen = _drawn("screen", identity, outs.SCREENED, [outs.SCREEN_ATTEMPTS], pool, root)
    rate = _drawn("rate", identity, outs.RATED, outs.attempts(p), screen, root)
    select = _decided(outs.rows(outs.QUESTIONS, root, pl.col("id") == identity), outs.QUESTIONS, rate, root)
    chains = destination.of_problem(identity, p, root)
    used = destination.uses(identity, chains, p, root)
    stages = {"pool": pool, "screen": screen, "rate": rate, "select": select}
    first = next((row for row in sources if row["outcome"] == "kept"), sources[0] if sources else None)
    text = first or next(row for row in used if row["state"] == "in it")
    return {
        "id": identity,
        "question": text["question"],
        "answer": text["answer"],
        "outcome": _outcome(stages, used),
        "sources": sources,
        **stages,
        "chains": chains,
        "datasets": used,
        "not_built": [{"stage": out.stage, "out": out.path, "remedy": out.remedy} for out in absent],
    }


def _decided(rows: outs.Rows, out: outs.Table, before: Story, root: Path) -> Story:
    if not outs.built(out, root):
        return {"state": "not built", "remedy": out.remedy}
    if rows:
        reason = rows[0]["rejected"]
        return {"state": "kept"} if reason is None else {"state": "rejected", "reason": reason}
    if before["state"] in {"rejected", "not reached"}:
        return {"state": "not reached"}
    return {"state": "no row", "remedy": out.remedy}


def _drawn(stage: str, identity: str, out: outs.Table, attempts: list[outs.Table], before: Story, root: Path) -> Story:
    """A stage that draws answers or looks them up: its state, counts and attempts, and whether sampling stopped early.

    Of rate `rater`, the one that the counts are of, and `raters`, with those of all.
    """
    here = pl.col("id") == identity
    rows = outs.rows(out, root, here)
    decided = _decided(rows, out, before, root)
    if not rows:
        return decided
    counts = {key: rows[0][f"{stage}_{key}"] for key in ("correct", "drawn", "stopped", "claimed")}
    counts |= {key: rows[0][key] for key in ("rater", "raters") if stage == "rate"}
    drawn = [row for table in attempts for row in sorted(outs.rows(table, root, here), key=lambda row: row["sample"])]
    return {**decided, **counts, "attempts": [{key: row[key] for key in ATTEMPT} for row in drawn]}


def _outcome(stages: dict[str, Story], used: outs.Rows) -> str:
    """The last stage that says anything of the problem, and the datasets that it is in."""
    decided = {name: stage for name, stage in stages.items() if stage["state"] in {"kept", "rejected"}}
    fate = "known to no decision table"
    if decided:
        name, last = list(decided.items())[-1]
        fate = f"rejected by {name}: {last['reason']}" if "reason" in last else f"kept by {name}"
    held = [row["name"] for row in used if row["state"] == "in it"]
    if held:
        return f"{fate}; in datasets {', '.join(held)}"
    built = " that is built" if any(row["state"] == "not built" for row in used) else ""
    return f"{fate}; in no dataset{built}"

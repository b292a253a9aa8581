"""A problem's story → text in sections; used by `limo explain`."""

from collections.abc import Iterator
from typing import Any

import click

from limo.base.columns import aligned
from limo.explain.columns import cell, labelled
from limo.graph.schemas import MEASURES

COUNTS = ("verify_count", "explore_count", "connect_count")
SCORES = ("length_z", "verify_z", "explore_z", "connect_z", "score")
MARKS = ("level", "rank", "best", "selected", "truncated")
LINEAGE = ("chain_id", "teacher", "round", "origin", "verdict", "rule", "extracted", "stop", "seed")


def page(story: dict[str, Any], *, full: bool) -> str:
    """A story (`limo.explain.story.story`) as text in sections; long texts are cut to a line unless `full`."""
    sections = {
        "problem": [labelled(key, story[key], full=full, indent=2) for key in ("id", "question", "answer", "outcome")],
        "sources": list(_sources(story, full)),
        "pool": list(_pool(story["pool"])),
        "screen": list(_drawn(story["screen"], full)),
        "rate": list(_drawn(story["rate"], full)),
        "select": [_state(story["select"])],
        "chains": list(_chains(story["chains"], full)),
        "datasets": list(_datasets(story["datasets"])),
        "not built": [f"  {row['out']}: run {row['remedy']}" for row in story["not_built"]],
    }
    blocks = ("\n".join([click.style(name, bold=True), *lines]) for name, lines in sections.items() if lines)
    return "\n\n".join(blocks)


def _state(stage: dict[str, Any]) -> str:
    if "remedy" in stage:
        lacks = "not built" if stage["state"] == "not built" else "no row of this problem, made from other rows"
        return f"  {lacks}: run {stage['remedy']}"
    return f"  {stage['state']}: {stage['reason']}" if "reason" in stage else f"  {stage['state']}"


def _sources(story: dict[str, Any], full: bool) -> Iterator[str]:
    head = ("row", "revision", "licence", "domain", "level", "solutions", "outcome")
    facts = ("source_revision", "licence", "domain", "level", "styles", "outcome")
    rows = [
        (f"{row['source']}:{row['source_id']}", *(cell(row[fact], full=full) for fact in facts))
        for row in story["sources"]
    ]
    if rows:
        yield from aligned([head, *rows], left=len(head), indent=2)
    for row in story["sources"]:
        labels = {key: row[key] for key in ("id", "question", "answer") if row[key] != story[key]}
        if labels or row["match"]:
            yield f"  {row['source']}:{row['source_id']}"
        yield from (labelled(key, value, full=full, indent=4) for key, value in labels.items())
        if match := row["match"]:
            score = "" if match["score"] is None else f", score {match['score']:.3f}"
            fate = "" if match["outcome"] is None else f", itself {match['outcome']}"
            labels = {match["relation"]: f"{match['name']}{score}{fate}"}
            labels |= {f"  {key}": match[key] for key in ("id", "question", "answer")}
            yield from (labelled(key, value, full=full, indent=4) for key, value in labels.items())


def _pool(pool: dict[str, Any]) -> Iterator[str]:
    yield _state(pool)
    for key in ("subject", "language", "answer_type", "family", "duplicates", "decontamination"):
        if key in pool:
            yield labelled(key.replace("_", " "), pool[key], full=True, indent=2)


def _drawn(stage: dict[str, Any], full: bool) -> Iterator[str]:
    yield _state(stage)
    if "attempts" not in stage:
        return
    raters = stage.get("raters") or []
    if len(raters) == 1:
        yield f"  {_count(raters[0])}"
    elif raters:
        yield from (labelled(rater["rater"], _count(rater), full=full, indent=2) for rater in raters)
    elif stage["drawn"] is None:
        yield "  of a source that it is not for"
    else:
        yield f"  {_count(stage)}"
    head = ["sample", "seed", "model", "tokens", "stop", "extracted", "verdict", "rule"]
    head += ["claimed"] if any(row["claimed"] for row in stage["attempts"]) else []
    if stage["attempts"]:
        yield from aligned(
            [head, *([cell(row[key], full=full) for key in head] for row in stage["attempts"])], len(head), 2
        )
    if full:
        yield from (labelled(f"sample {row['sample']}", row["text"], full=full, indent=2) for row in stage["attempts"])


def _count(rater: dict[str, Any]) -> str:
    """What a rater's draws are, and whether they are all."""
    asked = rater.get("asked", rater["drawn"])
    early = "stopped early: the counts are lower bounds" if rater["stopped"] else "all drawn"
    early = f"{asked} asked for" if not rater["stopped"] and rater["drawn"] < asked else early
    early = "claimed by the publisher" if rater["claimed"] else early
    return f"{rater['correct']} correct of {rater['drawn']} drawn, {early}"


def _chains(chains: dict[str, Any], full: bool) -> Iterator[str]:
    yield f"  {len(chains['chains']) or 'none'} in {chains['table'] or 'data/chains, not checked yet'}"
    if not chains["chains"]:
        return
    for part in (
        LINEAGE,
        ("chain_id", "tokens", *COUNTS, *SCORES),
        ("chain_id", *MEASURES),
        ("chain_id", *MARKS, "rejected"),
    ):
        head = [name.removesuffix("_count") if name in COUNTS else name for name in part]
        rows = [[cell(chain[name], full=full) for name in part] for chain in chains["chains"]]
        yield from aligned([head, *rows], left=len(part), indent=2)
        yield ""
    for chain in chains["chains"]:
        yield labelled(chain["chain_id"], chain["chain"], full=full, indent=2)
        if chain["origin"].startswith("import:") or chain["chain_licence"] or full:
            yield labelled("", _written(chain), full=True, indent=2)
        if chain["also"]:
            yield labelled("", f"also from {', '.join(chain['also'])}", full=True, indent=2)


def _written(chain: dict[str, Any]) -> str:
    """Who wrote a chain, under which licence, and what the publisher says of it."""
    kind = f" ({chain['author_kind']})" if chain["author_kind"] else ""
    licence = f", {chain['chain_licence']}" if chain["chain_licence"] else ""
    claimed = f", claimed {chain['claimed']}" if chain["claimed"] else ""
    return f"by {chain['author']}{kind}{licence}{claimed}"


def _datasets(datasets: list[dict[str, Any]]) -> Iterator[str]:
    for row in datasets:
        use = _state(row).strip()
        if row["state"] == "in it":
            use = f"row {row['row']} of {row['path']}, chain {row['chain_id']}"
            use += f"; trains {', '.join(row['variants'])}" if row["variants"] else ""
        yield labelled(row["name"], use, full=True, indent=2)

"""Pairs of problems labelled by hand → precision and recall of both decisions of the pool; used by audit."""

import json
from importlib.resources import files
from typing import Any, NamedTuple

from limo.params import Pool
from limo.problems.canonical import canonical
from limo.problems.clusters import clusters
from limo.problems.core import core
from limo.problems.distinct import distinct
from limo.problems.look import same, within


class Pair(NamedTuple):
    """Two texts, whether they are the same problem, and the kind of difference between them."""

    one: str
    other: str
    same: bool
    kind: str


def labelled() -> list[Pair]:
    """The pairs of labelled.jsonl, all written for this purpose: each problem with rewordings and with look-alikes."""
    lines = (files("limo.problems") / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Pair(row["problem"], text, label == "same", kind)
        for row in map(json.loads, lines)
        for label in ("same", "other")
        for kind, text in row[label].items()
    ]


def audit(pairs: list[Pair], p: Pool) -> dict[str, Any]:
    """Precision and recall of both decisions over labelled pairs, and the pairs that each gets wrong.

    Deduplication asks whether both texts fall into one cluster, so an embedded problem is not one of its pairs;
    decontamination asks whether the second text holds the first (`look.same`, `look.within`).

    Raises:
        ValueError: no pair, or no pair of one label, to measure on.
    """
    if len({pair.same for pair in pairs}) < 2:
        raise ValueError("the labelled pairs need both labels: precision and recall have no value otherwise")
    whole = [pair for pair in pairs if pair.kind != "embedded"]
    return {
        "deduplication": _measure([(pair, _merged(pair, p)) for pair in whole]),
        "decontamination": _measure([(pair, _held(pair, p)) for pair in pairs]),
    }


def _merged(pair: Pair, p: Pool) -> bool:
    _, problems = distinct(pair[:2], p.near, 1, "audit")
    return len(set(clusters(problems, p.near))) == 1


def _held(pair: Pair, p: Pool) -> bool:
    one, other = core(canonical(pair.one)), core(canonical(pair.other))
    threshold = p.decontamination.similarity
    return bool(same(one, other, threshold) or within(one, other, threshold))


def _measure(judged: list[tuple[Pair, bool]]) -> dict[str, Any]:
    hits = sum(pair.same and said for pair, said in judged)
    positives = sum(said for _, said in judged)
    labelled = sum(pair.same for pair, _ in judged)
    return {
        "pairs": len(judged),
        "precision": round(hits / positives, 4) if positives else 0.0,
        "recall": round(hits / labelled, 4),
        "missed": sorted(f"{pair.kind}: {pair.other[:60]}" for pair, said in judged if pair.same and not said),
        "false_alarms": sorted(f"{pair.kind}: {pair.other[:60]}" for pair, said in judged if said and not pair.same),
    }

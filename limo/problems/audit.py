"""Pairs of problems labelled by hand → precision and recall of both decisions of the pool; used by audit."""

import json
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np

from limo.params import Pool
from limo.problems.clusters import clusters
from limo.problems.decontaminate import contaminated
from limo.problems.distinct import Problems, distinct

Label = Literal["same", "held", "other"]
_LABELS: tuple[Label, ...] = ("same", "held", "other")


class Pair(NamedTuple):
    """A problem and another text: the same problem, one that holds it and is none of its duplicates (in a longer text,
    with another last question), or another problem; and the kind of difference between them."""

    problem: str
    other: str
    label: Label
    kind: str


def labelled() -> list[Pair]:
    """The pairs of labelled.jsonl, all written for this purpose: each problem with rewordings and with look-alikes."""
    lines = (files("limo.problems") / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Pair(row["problem"], text, label, kind)
        for row in map(json.loads, lines)
        for label in _LABELS
        for kind, text in row.get(label, {}).items()
    ]


def audit(pairs: list[Pair], p: Pool) -> dict[str, Any]:
    """Precision and recall of both decisions over labelled pairs, and the pairs that each gets wrong.

    Deduplication asks whether both texts fall into one cluster; a text that merely holds the problem is none of its
    pairs. Decontamination asks whether the other text would be rejected with the problem in a benchmark.

    Raises:
        ValueError: no pair of the same problem, or none of another, to measure on.
    """
    if not {"same", "other"} <= {pair.label for pair in pairs}:
        raise ValueError("the labelled pairs need both labels: precision and recall have no value otherwise")
    # All are made ready at once, and each verdict then sees its two alone: it depends on no other problem.
    names, problems = distinct([text for pair in pairs for text in pair[:2]], p.near, 1, "audit")
    place = {name: number for number, name in enumerate(problems.ids)}
    places = [(place[one], place[other]) for one, other in zip(names[::2], names[1::2], strict=True)]
    both = list(zip(pairs, places, strict=True))
    return {
        "deduplication": _measure([(pair, _merged(problems, at, p)) for pair, at in both if pair.label != "held"]),
        "decontamination": _measure([(pair, _leaked(problems, at, p)) for pair, at in both]),
    }


def _merged(problems: Problems, places: tuple[int, int], p: Pool) -> bool:
    return len(set(clusters(problems.take(np.unique(places)), p.near))) == 1


def _leaked(problems: Problems, places: tuple[int, int], p: Pool) -> bool:
    benchmark, problem = (problems.take(np.array([place])) for place in places)
    return bool(contaminated(problem, benchmark, p.decontamination))


def _measure(judged: list[tuple[Pair, bool]]) -> dict[str, Any]:
    same = [(pair, said) for pair, said in judged if pair.label != "other"]
    hits = sum(said for _, said in same)
    positives = sum(said for _, said in judged)
    return {
        "pairs": len(judged),
        "precision": round(hits / positives, 4) if positives else 0.0,
        "recall": round(hits / len(same), 4),
        "missed": sorted(f"{pair.kind}: {pair.other[:60]}" for pair, said in same if not said),
        "false_alarms": sorted(
            f"{pair.kind}: {pair.other[:60]}" for pair, said in judged if said and pair.label == "other"
        ),
    }

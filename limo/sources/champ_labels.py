"""The package champ-dataset → chains with a human's mark of their first wrong step; used by validity."""

import json
from collections.abc import Iterator
from importlib.resources import files

from limo.quality.labelled import Labelled


def labelled() -> Iterator[Labelled]:
    """Yield CHAMP's 540 annotated chains (Mao et al., 2024): two settings of four models on half of the problems.

    An annotator marked the first step that is wrong, whatever the final answer; a chain without a mark is clean.
    """
    data = json.loads((files("champ_dataset") / "dataset_files" / "v0.json").read_text(encoding="utf-8"))
    for identifier, problem in sorted(data["problems"].items()):
        for name, mark in sorted((problem["fws_annotations"] or {}).items()):
            yield Labelled(
                group=name.partition("|")[0],
                problem=identifier,
                question=problem["_text"],
                answer=problem["_answer"],
                chain=mark["text"],
                clean=mark["start_idx"] is None,
            )

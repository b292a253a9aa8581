"""The package champ-dataset → records; used by acquire and benchmarks."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from limo.base.files import digest
from limo.params import ChampSource


def records(spec: ChampSource) -> Iterator[dict[str, Any]]:
    """Yield CHAMP's competition problems (Mao et al., 2024), the first `limit` by the hash of their identifiers.

    Each has one human solution, its steps one a line; formulas are plain ASCII such as x^2.
    """
    data = json.loads((files("champ_dataset") / "dataset_files" / "v0.json").read_text(encoding="utf-8"))
    problems = data["problems"]
    revision = f"champ-dataset=={version('champ-dataset')}"
    for identifier in sorted(problems, key=digest)[: spec.limit]:
        problem = problems[identifier]
        steps = [step["_text"] for step in problem["solution"]["steps"]]
        answer = problem["_answer"]
        if answer:
            steps.append(f"The answer is \\boxed{{{answer}}}.")
        yield {
            "source_id": identifier,
            "question": problem["_text"],
            "answer": answer,
            "solutions": [{"style": "official", "text": "\n".join(steps)}],
            "domain": problem["category"],
            "level": 5,
            "source_revision": revision,
            "licence": "MIT",
        }

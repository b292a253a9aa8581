"""The package champ-dataset → records; used by acquire and benchmarks."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from limo.base.files import digest
from limo.params import ChampSource

# What stands around a value where the package writes a sentence: the value is group 1.
_SAID = [
    re.compile(pattern)
    for pattern in (
        r".*, or (?:equivalently|an equivalent form such as) (.+)",
        r"(.+), or approximately .+",
        r"(.+?) \((?:i\.e\.,|no|none) .*\)",
        r"(.+) is the only possible value",
        r"(?:The limit exists and|The only possible value for the limit) is (?:equal to )?(.+)",
        r"The function is periodic, with a period of (.+)",
        r"(?:Exactly|At (?:least|most)) (\w+)(?: [a-z-]+)*",
        r"(\d+|n) [a-z]+",
    )
]
_WORDS = {"one": "1"}
_CHOOSE = re.compile(r"\bC\(([^(),]+), ([^(),]+)\)")


def gold(answer: str) -> str:
    """The value that one of the package's answers states: "100" of "100 (i.e., all values)".

    Of equivalent forms the last, which is the simpler one. Answers that state no value (yes, no, that nothing exists, a
    property) stay as they are.
    """
    for said in _SAID:
        if found := said.fullmatch(answer):
            return gold(found[1])
    return _CHOOSE.sub(r"\\binom{\1}{\2}", _WORDS.get(answer, answer))


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
        answer = gold(problem["_answer"] or "")
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

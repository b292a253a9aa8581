"""Tasks of reasoning-gym → records; used by acquire and benchmarks."""

import re
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from limo.params import GymSource

# How a worked solution of reasoning-gym states its result, on a last line of its own.
RESULT = re.compile(r"\s*^####\s*(.+?)\s*\Z", re.MULTILINE)

# The library seeds item i with seed + i: neighbouring seeds would give the same items, one place on.
SEED_STRIDE = 1_000_000


def records(spec: GymSource) -> Iterator[dict[str, Any]]:
    """Yield the items of one seeded reasoning-gym task, with its worked solution where the task has one.

    Different seeds share no item seed, so a benchmark and a source may draw from the same task.

    Raises:
        ValueError: the task is unknown or refuses its `config`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # escapes in its docstrings, on first import
        import reasoning_gym  # noqa: PLC0415  (3 s, paid only by those who use it)

    try:
        items = reasoning_gym.create_dataset(spec.task, size=spec.count, seed=spec.seed * SEED_STRIDE, **spec.config)
    except (AssertionError, TypeError, ValueError) as error:
        raise ValueError(f"reasoning-gym refuses task {spec.task!r} with config {spec.config}: {error}") from error
    revision = f"reasoning-gym=={version('reasoning-gym')}"
    for index in range(spec.count):
        item = items[index]
        worked = item["metadata"].get("answer_cot")
        yield {
            "source_id": f"{spec.task}-{spec.seed}-{index}",
            "question": item["question"],
            "answer": item["answer"],
            "solutions": [{"style": "official", "text": boxed(worked)}] if worked else [],
            "domain": spec.domain,
            "level": spec.level,
            "source_revision": revision,
            "licence": "Apache-2.0",
        }


def boxed(worked: str) -> str:
    """Replace the closing "#### N" by a sentence that boxes N, the solution's own result, right or wrong."""
    return RESULT.sub(lambda found: f"\nThe answer is \\boxed{{{found[1]}}}.", worked)

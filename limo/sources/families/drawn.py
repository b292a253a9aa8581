"""Families of params.yaml → generated problems as records; used by acquire and benchmarks."""

from collections.abc import Callable, Iterator
from typing import Any

from limo.params import Family, FamilySource
from limo.problems.canonical import problem_id
from limo.sources.families import numbers, stories, worked
from limo.sources.families.worked import Problem, Rng

# Raised whenever the same parameters give other text; a test holds the text of this revision by its hash.
REVISION = "families-1"
DRAWS_PER_PROBLEM = 200

# Each family's function of (rng, low, high) and the smallest number for which its sentences are right.
FAMILIES: dict[str, tuple[Callable[[Rng, int, int], Problem], int]] = {
    "add": (numbers.add, 1),
    "add3": (numbers.add3, 1),
    "subtract": (numbers.subtract, 1),
    "multiply": (numbers.multiply, 1),
    "double_or_half": (numbers.double_or_half, 1),
    "compare_sum": (numbers.compare_sum, 1),
    "average": (numbers.average, 1),
    "missing_addend": (numbers.missing_addend, 1),
    "sequence": (numbers.sequence, 1),
    "area": (numbers.area, 1),
    "remainder": (numbers.remainder, 2),
    "apples": (stories.apples, 2),
    "shop": (stories.shop, 2),
    "share": (stories.share, 2),
    "change": (stories.change, 2),
    "two_step": (stories.two_step, 2),
}


def records(spec: FamilySource) -> Iterator[dict[str, Any]]:
    """Yield `count` different problems of each family, in the order of its draws.

    A draw is decided by (seed, family, index) alone; draws of the other split and repeats are passed over.

    Raises:
        ValueError: a family is unknown, its numbers start too low, or its range holds too few different problems.
    """
    seen: set[str] = set()
    for name, family in sorted(spec.families.items()):
        if name not in FAMILIES:
            raise ValueError(f"families.{name} is not a family: choose from {sorted(FAMILIES)}")
        make, lowest = FAMILIES[name]
        if family.low < lowest:
            raise ValueError(f"families.{name}.low = {family.low}: this family needs numbers from {lowest} up")
        for index, problem in _draw(spec, name, family, make, seen):
            yield {
                "source_id": f"{name}-{spec.seed}-{index}",
                "question": problem.question,
                "answer": str(problem.work.answer),
                "solutions": [
                    {"style": style, "text": worked.solution(problem, style, Rng(spec.seed, name, index, style))}
                    for style in spec.styles
                ],
                "domain": problem.domain,
                "level": family.level,
                "source_revision": REVISION,
                "licence": "Apache-2.0",
            }


def split_of(identity: str) -> str:
    """The split of a problem by its id: `test` when divisible by four, else `train`, whatever the seed."""
    return "test" if int(identity, 16) % 4 == 0 else "train"


def _draw(
    spec: FamilySource, name: str, family: Family, make: Callable[[Rng, int, int], Problem], seen: set[str]
) -> Iterator[tuple[int, Problem]]:
    kept = 0
    draws = DRAWS_PER_PROBLEM * family.count
    for index in range(draws):
        problem = make(Rng(spec.seed, name, index), family.low, family.high)
        identity = problem_id(problem.question)
        if identity in seen or split_of(identity) != spec.split:
            continue
        seen.add(identity)
        yield index, problem
        kept += 1
        if kept == family.count:
            return
    raise ValueError(
        f"families.{name}: {draws} draws of numbers from {family.low} to {family.high} gave {kept} different "
        f"{spec.split} problems, not {family.count}: widen the range or lower the count"
    )

"""A chain and its question → what recomputes of it, one number per measure; used by measure and validity."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from operator import mul
from statistics import fmean

from limo.answers.boxes import boxes
from limo.answers.compare.decide import compare
from limo.quality import repeats
from limo.quality.equalities import Equality, another_arithmetic, equalities
from limo.quality.scripts import foreign
from limo.quality.steps import Content, content, spelled_numbers, steps

Measures = dict[str, float | int | None]

DIGITS = 9
_FEW = 4  # steps below which an order of steps tells nothing
_KNOWN_NUMBERS = frozenset("012")
_BOXES = 50  # of a chain whose contents are compared


def measure(chain: str, question: str, answer: str | None) -> Measures:
    """All measures of one chain, by the names of `graph.schemas.MEASURES`.

    Args:
        chain: the text, in the form in which it is stored.
        question: of its problem.
        answer: what was read as the chain's answer.
    """
    written = steps(chain)
    contents = [content(step) for step in written]
    another = another_arithmetic(question) or another_arithmetic(chain)
    stated = [equalities(step, another=another) for step in written]
    asked = content(question)
    spoken = repeats.sentences(chain)
    true = sum(equality.holds is True for step in stated for equality in step)
    false = sum(equality.holds is False for step in stated for equality in step)
    return {
        "steps": len(written),
        "flow": _rounded(flow(contents)),
        "known": _rounded(known(contents, asked)),
        "grounded": _rounded(grounded(contents, stated, {*asked.numbers, *spelled_numbers(question)})),
        "computed": _rounded(_share([any(equality.holds for equality in step) for step in stated])),
        "false": false,
        "sound": _rounded(true / (true + false) if true + false else None),
        "adapt": _rounded(adapt(written, contents)),
        "support": support(written, answer),
        "repeats": _rounded(repeats.repeated(spoken)),
        "loop": repeats.loop(chain, [word for sentence in spoken for word in sentence]),
        "boxes": boxed(chain, answer),
        "foreign": _rounded(foreign(chain)),
    }


def flow(contents: Sequence[Content]) -> float | None:
    """How much of the smaller of two neighbouring steps' terms both have, averaged; None for fewer than 4 steps."""
    if len(contents) < _FEW:
        return None
    shared = [
        len(step.terms & before.terms) / min(len(step.terms), len(before.terms))
        for before, step in pairwise(contents)
        if step.terms and before.terms
    ]
    return fmean(shared) if shared else None


def known(contents: Sequence[Content], asked: Content) -> float | None:
    """The share of a step's terms that the question or an earlier step has, averaged from the second step on."""
    shares = []
    met = set(asked.terms)
    for place, step in enumerate(contents):
        if place and step.terms:
            shares.append(len(step.terms & met) / len(step.terms))
        met |= step.terms
    return fmean(shares) if shares else None


def grounded(contents: Sequence[Content], stated: Sequence[Sequence[Equality]], given: set[str]) -> float | None:
    """The share of numbers that are given, small, earlier or in a true equality of their step; None without numbers."""
    met = given | _KNOWN_NUMBERS
    numbers = unexplained = 0
    for step, found in zip(contents, stated, strict=True):
        explained = {number for equality in found if equality.holds for number in equality.numbers}
        for number in step.numbers:
            numbers += 1
            unexplained += number not in met and number not in explained
            met.add(number)
    return 1 - unexplained / numbers if numbers else None


def adapt(written: Sequence[str], contents: Sequence[Content]) -> float | None:
    """Rank correlation of a step's words with its share of new terms; None for fewer than 4 steps, or equal ones."""
    if len(written) < _FEW:
        return None
    novelty: list[float] = []
    met: set[str] = set()
    for step in contents:
        novelty.append(len(step.terms - met) / len(step.terms) if step.terms else 0.0)
        met |= step.terms
    return rank_correlation([len(step.split()) for step in written], novelty)


def support(written: Sequence[str], answer: str | None) -> int | None:
    """In how many steps the chain's answer stands, as it is written; None where there is no answer."""
    sought = _bare(answer or "")
    if not sought:
        return None
    stands = re.compile(rf"(?<![\d.]){re.escape(sought)}(?!\d|\.\d)")
    core = re.search(r"\w+", sought)
    return sum(stands.search(_bare(step)) is not None for step in written if core is None or core[0] in step.lower())


def boxed(chain: str, answer: str | None) -> int:
    """How many different answers a chain boxes; those that its answer joins are one."""
    contents = list(dict.fromkeys(box.content for box in boxes(chain)))
    if len(contents) <= 1:
        return len(contents)
    joined = {part.strip() for part in (answer or "").split(",")} | {answer}
    distinct = [contents[-1]]
    for box in contents[-_BOXES:-1]:
        one_of_several = box in joined and contents[-1] in joined and box != contents[-1]
        if not one_of_several and not any(compare(other, box, {})[0] == "correct" for other in distinct):
            distinct.append(box)
    return len(distinct)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's correlation, of equal values the average rank; None where one side has a single value.

    Ranks are whole numbers here, so that every machine sums them to the same.
    """
    first, second = _ranks(one), _ranks(other)
    spread = _product(first, first) * _product(second, second)
    return _product(first, second) / sqrt(spread) if spread else None


def _product(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(map(mul, one, other))


def _ranks(values: Sequence[float]) -> list[int]:
    """Twice the average rank of each value, counted from the middle of all."""
    ranks: dict[float, int] = {}
    below = 0
    for value, count in sorted(Counter(values).items()):
        ranks[value] = 2 * below + count - len(values)
        below += count
    return [ranks[value] for value in values]


def _share(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _bare(text: str) -> str:
    return re.sub(r"[\s$*]+|\\[,;!]", "", text).replace("dfrac", "frac").lower()

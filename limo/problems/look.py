"""Two problems → whether they are the same, and how; the second look behind clusters and decontaminate."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from limo.problems.core import Core
from limo.problems.decisive import Fact, facts, is_name, kinds

_NEAR_ENOUGH = 3  # more tokens than in the problem itself between two runs of one embedded problem
_RUN = 3  # tokens; shorter common runs at the ends of an embedded problem are chance
_SMALL = 8  # tokens; fewer say too little to be found inside another text
_CONTEXT = 3  # tokens on one side of a moved fact that must have moved with it
_SURE = 0.85  # score that is enough whatever facts there are
_LESS = 0.05  # for each fact
_ANCHORS = 3  # facts that two problems share whatever their variables are called
_FIGURES = 0.8  # share of common numbers in the code of two figures, below which they show different things


class Look(NamedTuple):
    """How two texts are the same problem, and the share of tokens that they have in common (0 to 1)."""

    rule: str
    score: float


class Change(NamedTuple):
    """A place where two token sequences differ: one's tokens [start, end) stand for the other's."""

    one: tuple[int, int]
    other: tuple[int, int]


def same(one: Core, other: Core, threshold: float) -> Look | None:
    """Whether two texts state the same problem ("reworded", "renamed"), or None where a fact differs.

    They do when their facts (numbers, operators, relations, variables, asked quantity) are the same, in the same
    order or moved together with the words around them, or the same but for a consistent renaming of variables; and
    when enough of their tokens is common, 2·common/(n + m): at least `threshold`, and more where few facts tell the
    problems apart (0.85 without any, 0.05 less for each).
    """
    changed, common = changes(one.tokens, other.tokens)
    score = _share(one.tokens, other.tokens, common)
    likeness = score if score >= _SURE else max(score, _pairs(one.tokens, other.tokens))
    if likeness < threshold:  # most pairs end here, before their facts are looked for
        return None
    enough = _SURE if likeness >= _SURE else required(threshold, min(one.evidence, other.evidence))
    if likeness < enough or _swapped(one.tokens, other.tokens, changed) or _of_other_kind(one, other, changed):
        return None
    of_one = _no_articles(facts(one.tokens, [change.one for change in changed]))
    of_other = _no_articles(facts(other.tokens, [change.other for change in changed]))
    left, right = [fact.value for fact in of_one], [fact.value for fact in of_other]
    if left == right:
        return Look("reworded", score)
    if Counter(left) == Counter(right):
        return Look("reworded", score) if _moved(one.tokens, other.tokens, of_one, of_other) else None
    enough = required(threshold, min(one.evidence, other.evidence))
    return Look("renamed", score) if score >= enough and _renamed(one, other, changed) else None


def within(part: Core, whole: Core, threshold: float) -> Look | None:
    """Whether the problem `part` stands inside the longer text `whole` ("embedded"), or None.

    Its facts are then all there, with no others between them, and at least `threshold` of its tokens.
    """
    tokens = part.tokens
    if len(tokens) < _SMALL or part.evidence + len(tokens) // 10 < 2 or len(whole.whole) <= len(tokens):
        return None
    blocks = _dense(_blocks(tokens, whole.whole))
    if not blocks:
        return None
    covered = sum(size for _, _, size in blocks)
    score = round(covered / len(tokens), 6)
    if score < required(threshold, part.evidence):
        return None
    first, last = blocks[0], blocks[-1]
    start, end = max(0, first[1] - first[0]), last[1] + last[2] + len(tokens) - last[0] - last[2]
    values = _values(part.facts)
    for window in ((start, end), (first[1], last[1] + last[2])):
        if _values(facts(whole.whole[slice(*window)])) == values:
            return Look("embedded", score)
    return None


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the tokens of two texts that a longest common subsequence covers, 0 to 1."""
    return _share(one, other, changes(one, other)[1])


def required(threshold: float, evidence: int) -> float:
    """The least score at which texts that share this many facts count as the same problem."""
    return max(threshold, _SURE - _LESS * evidence)


def changes(one: Sequence[str], other: Sequence[str]) -> tuple[list[Change], int]:
    """The places where two sequences differ, and the number of tokens that they share, by longest common
    subsequence. A place whose tokens spell the same ("xy", "x y") is none."""
    places, common = [], 0
    before_one = before_other = 0
    for start, at, size in [*_blocks(one, other), (len(one), len(other), 0)]:
        if start > before_one or at > before_other:
            left, right = one[before_one:start], other[before_other:at]
            if "".join(left) == "".join(right):
                common += max(len(left), len(right))
            else:
                places.append(Change((before_one, start), (before_other, at)))
        common += size
        before_one, before_other = start + size, at + size
    return places, common


def _share(one: Sequence[str], other: Sequence[str], common: int) -> float:
    """2·common/(n + m), rounded to 6 decimal places; 0 for two empty texts."""
    total = len(one) + len(other)
    return round(min(1.0, 2 * common / total), 6) if total else 0.0


def _values(listed: Sequence[Fact]) -> list[str]:
    return [fact.value for fact in _no_articles(listed)]


def _no_articles(listed: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in listed if not fact.article]


def _pairs(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of common pairs of neighbours, which parts that changed places keep."""
    left, right = Counter(pairwise(one)), Counter(pairwise(other))
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def _blocks(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    return [
        (op.src_start, op.dest_start, op.src_end - op.src_start)
        for op in LCSseq.opcodes(one, other)
        if op.tag == "equal"
    ]


def _dense(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Blocks without the chance matches at the ends, which lie far off in the longer text."""
    while len(blocks) > 1 and _far(blocks[0], blocks[1]) and blocks[0][2] < _RUN:
        blocks = blocks[1:]
    while len(blocks) > 1 and _far(blocks[-2], blocks[-1]) and blocks[-1][2] < _RUN:
        blocks = blocks[:-1]
    return blocks


def _far(before: tuple[int, int, int], after: tuple[int, int, int]) -> bool:
    return (after[1] - before[1] - before[2]) - (after[0] - before[0] - before[2]) > _NEAR_ENOUGH


def _swapped(one: Sequence[str], other: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether words of both texts changed places: "how old is Ann" for "how old is Bob" where both have Ann and Bob."""
    for change in changed:
        left, right = _plain(one[slice(*change.one)]), _plain(other[slice(*change.other)])
        if not left - right or not right - left:
            continue
        rest_one = {*one[: change.one[0]], *one[change.one[1] :]}
        rest_other = {*other[: change.other[0]], *other[change.other[1] :]}
        if (left - right) <= rest_other and (right - left) <= rest_one:
            return True
    return False


def _of_other_kind(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether one speaks of a hexagon where the other has an octagon, or their figures show different numbers."""
    left = kinds(token for change in changed for token in one.tokens[slice(*change.one)])
    right = kinds(token for change in changed for token in other.tokens[slice(*change.other)])
    figures = one.figure != other.figure and bool(one.figure) and bool(other.figure)
    return (bool(left - right) and bool(right - left)) or (figures and similarity(one.figure, other.figure) < _FIGURES)


def _plain(tokens: Sequence[str]) -> set[str]:
    return {token for token in tokens if token.isalpha()}


def _moved(one: Sequence[str], other: Sequence[str], of_one: Sequence[Fact], of_other: Sequence[Fact]) -> bool:
    """Whether all but signs within a change keep their neighbours on one side, as in sentences that move."""
    places: dict[str, list[int]] = {}
    for fact in of_other:
        places.setdefault(fact.value, []).append(fact.position)
    decisive = [fact for fact in of_one if fact.value[0].isalnum()]
    return all(any(_same_side(one, other, fact.position, place) for place in places[fact.value]) for fact in decisive)


def _same_side(one: Sequence[str], other: Sequence[str], here: int, there: int) -> bool:
    before = one[max(0, here - _CONTEXT) : here], other[max(0, there - _CONTEXT) : there]
    after = one[here + 1 : here + 1 + _CONTEXT], other[there + 1 : there + 1 + _CONTEXT]
    return (bool(before[0]) and before[0] == before[1]) or (bool(after[0]) and after[0] == after[1])


def _renamed(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether the changed facts are names that map one to one, no name elsewhere contradicts the map, and enough
    facts that are no names hold the problems together."""
    if sum(not is_name(fact.value) for fact in one.facts) < _ANCHORS:
        return False
    of_one = facts(one.tokens, [change.one for change in changed])
    of_other = facts(other.tokens, [change.other for change in changed])
    for left, right in (
        (_values(of_one), _values(of_other)),
        ([fact.value for fact in of_one], [fact.value for fact in of_other]),
    ):
        if len(left) == len(right):
            break
    else:
        return False
    kept = Counter(_values(one.facts)) - Counter(left)
    pairs = {*zip(left, right, strict=True), *((name, name) for name in kept if is_name(name))}
    if any(old != new and not (is_name(old) and is_name(new)) for old, new in pairs):
        return False
    names = [pair for pair in pairs if is_name(pair[0])]
    return len({old for old, _ in names}) == len({new for _, new in names}) == len(names)

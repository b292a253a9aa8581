"""Two problems → whether they are the same, and how; the second look behind clusters and decontaminate."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from limo.problems.core import Core
from limo.problems.decisive import Fact, facts, is_content, is_name, kinds

_NEAR_ENOUGH = 3  # more tokens than in the problem itself between two runs of one embedded problem
_RUN = 3  # tokens; shorter common runs at the ends of an embedded problem are chance
_LONG = 10  # tokens that show what a name is that changed its place
_SMALL = 8  # tokens; fewer say too little to be found inside another text
_CONTEXT = 3  # tokens, a moved fact among them, that must have moved together
_SURE = 0.85  # score that is enough whatever facts there are
_LESS = 0.05  # for each fact
_ANCHORS = 3  # facts that two problems share whatever their variables are called
_TOLD = 3  # numbers of a text; one with fewer says what matters in its figure
_FIGURES = 0.8  # share of common numbers in the code of two figures, below which they show different things


_FEW = 2  # facts; where there are fewer, one word for another is another problem
_STEM = 4  # letters that forms of one word share
_CLAUSE = 4  # plain words that only one text has; more of them are a condition of their own
_END, _END_SHARE = 8, 0.5  # tokens at the end of a text, where the question is, and the share of them that turns it
_ENOUGH = 5  # facts; texts with fewer say too little to be the same with a condition more or less
_MISSING = 0.25  # share of a benchmark's facts that may be missing
_NOTES = {"note", "recall", "here", "denotes", "assume"}
_NUMBERS = 5  # numbers in a row that are a figure's
_RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\in"}
_QUOTIENT, _PART = r"\frac", 20


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
    if asks_other(one, other, changed):
        return None
    of_one, of_other = _unpaired(one, other, changed)
    left, right = [fact.value for fact in of_one], [fact.value for fact in of_other]
    if not left and not right:
        return Look("reworded", score)
    if Counter(left) == Counter(right):
        moved = _moved(one.tokens, other.tokens, changed, of_one, of_other)
        return Look("reworded", score) if moved else None
    enough = required(threshold, min(one.evidence, other.evidence))
    return Look("renamed", score) if score >= enough and _renamed(one, other, changed) else None


def within(part: Core, whole: Core, threshold: float) -> Look | None:
    """Whether the problem `part` stands inside the longer text `whole` ("embedded"), or None.

    Its facts are then all there, with no others between them, and at least `threshold` of its tokens.
    """
    tokens = part.tokens
    if len(tokens) < _SMALL or part.evidence + len(tokens) // 10 < 2 or len(whole.whole) <= len(tokens):
        return None
    reach = len(tokens) + len(tokens) // 4 + _NEAR_ENOUGH
    values = _values(part.facts)
    for begin in (0, max(0, len(whole.whole) - reach), None):  # at either end, or wherever most of it is
        text = whole.whole if begin is None else whole.whole[begin : begin + reach]
        blocks = _dense(_blocks(tokens, text))
        covered = sum(size for _, _, size in blocks)
        score = round(covered / len(tokens), 6)
        if not blocks or score < max(_SURE, required(threshold, part.evidence)):
            continue
        first, last = blocks[0], blocks[-1]
        start, end = max(0, first[1] - first[0]), last[1] + last[2] + len(tokens) - last[0] - last[2]
        for window in ((start, end), (first[1], last[1] + last[2])):
            if _values(facts(text[slice(*window)])) == values:
                return Look("embedded", score)
    return None


def extended(exam: Core, problem: Core, asked: bool) -> Look | None:
    """Whether a text is a benchmark's problem with a side condition, a definition or a last question more or less
    ("extended"), or None. No fact may stand for another, and what one text alone has may not narrow what is counted.

    Args:
        exam: the benchmark's problem.
        problem: the other.
        asked: whether a request for the form of its answer, in which the question may be, was cut off from `problem`.
    """
    if min(exam.evidence, problem.evidence) < _ENOUGH or _of_other_kind(exam, problem, []):
        return None
    changed, common = changes(exam.tokens, problem.tokens)
    score = round(common / min(len(exam.tokens), len(problem.tokens)), 6)
    if score < _SURE or _swapped(exam.tokens, problem.tokens, changed):
        return None
    names = {fact.value for fact in exam.facts if is_name(fact.value)}
    missing = 0
    for change in changed:
        left, right = exam.tokens[slice(*change.one)], problem.tokens[slice(*change.other)]
        of_one, of_other = _values(facts(exam.tokens, [change.one])), _values(facts(problem.tokens, [change.other]))
        ends = change.one[1] == len(exam.tokens)
        if of_one == of_other or (bool(exam.figure) != bool(problem.figure) and _drawn(left or right)):
            continue
        missing += len(of_one) - len(of_other)
        if ends and ((asked and not right) or _renews(of_other, names)):
            continue
        if of_one and of_other:
            return None
        alone, values, span = (exam, of_one, change.one) if left else (problem, of_other, change.other)
        if not _harmless(alone, values, span, names):
            return None
    if not asked and missing > _MISSING * exam.evidence:
        return None
    return Look("extended", score) if not _narrowed(exam, problem, changed, asked) else None


def _drawn(tokens: Sequence[str]) -> bool:
    """Whether these are the numbers of a figure, written out."""
    return len(tokens) >= _NUMBERS and all(token[0].isdigit() for token in tokens)


def _renews(values: Sequence[str], names: set[str]) -> bool:
    """Whether facts speak of a new name: the old answer, of which something else is asked."""
    return any(is_name(value) and value not in names for value in values)


def _harmless(text: Core, values: Sequence[str], span: tuple[int, int], names: set[str]) -> bool:
    """Whether what one text alone has is a note, a condition on names, a new name for the answer, or a mere mention."""
    start, end = span
    if not values or not _NOTES.isdisjoint(text.tokens[start : start + 2]) or _renews(values, names):
        return True
    if any(len(value) > 1 and value.isalpha() for value in values):
        return False
    if end - start > 2:
        return any(value in _RELATIONS for value in values)
    beside = [*text.tokens[max(0, start - 1) : start], *text.tokens[end : end + 1]]
    return text.evidence >= 2 * _ENOUGH and all(len(token) > 1 and token.isalpha() for token in beside)


def _narrowed(exam: Core, problem: Core, changed: Sequence[Change], asked: bool) -> bool:
    """Whether plain words of one text alone are a clause of its own."""
    left, right = _only(exam, [change.one for change in changed]), _only(problem, [change.other for change in changed])
    missing, added = _unlike(left, right), _unlike(right, left)
    if missing and added:
        return len(missing) > _CLAUSE or _ends(exam, missing)
    return len(missing) > _CLAUSE and not asked


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
        if not left - right or not right - left or _stems(left) == _stems(right):
            continue
        rest_one = {*one[: change.one[0]], *one[change.one[1] :]}
        rest_other = {*other[: change.other[0]], *other[change.other[1] :]}
        if (left - right) <= rest_other and (right - left) <= rest_one:
            return True
    return False


def _of_other_kind(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether one speaks of a hexagon where the other has an octagon, or their figures show different things. A text
    with few numbers of its own says the rest in its figure, which then must be the same."""
    left = kinds(token for change in changed for token in one.tokens[slice(*change.one)])
    right = kinds(token for change in changed for token in other.tokens[slice(*change.other)])
    if left - right and right - left:
        return True
    if one.figure == other.figure or not one.figure or not other.figure:
        return False
    told = sum(token[0].isdigit() for token in one.tokens)
    return told < _TOLD or similarity(one.figure, other.figure) < _FIGURES


def asks_other(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether plain words that only one text has turn it into another problem: most of both ends, where the question
    is; a word for another where few facts tell problems apart; or a long clause."""
    of_one, of_other = (
        _only(one, [change.one for change in changed]),
        _only(other, [change.other for change in changed]),
    )
    left, right = _unlike(of_one, of_other), _unlike(of_other, of_one)
    evidence = min(one.evidence, other.evidence)
    if left and right and (evidence < _FEW or (_ends(one, left) and _ends(other, right))):
        return True
    return max(len(left), len(right)) > max(_CLAUSE, evidence) and not (left and right)


def _only(text: Core, spans: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """The plain words of the spans, with their places; the first span is a lead-in, not looked at."""
    return [
        (place, text.tokens[place])
        for start, end in spans
        if start
        for place in range(start, end)
        if is_content(text.tokens[place])
    ]


def _unlike(words: list[tuple[int, str]], others: list[tuple[int, str]]) -> list[int]:
    """The places of words of which the others have no form."""
    forms = {word[:_STEM] for _, word in others}
    return [place for place, word in words if word[:_STEM] not in forms]


def _ends(text: Core, places: Sequence[int]) -> bool:
    """Whether these places are a good part of the end of a text."""
    return sum(place >= len(text.tokens) - _END for place in places) >= _END_SHARE * min(_END, len(text.tokens))


def _plain(tokens: Sequence[str]) -> set[str]:
    return {token for token in tokens if token.isalpha()}


def _unpaired(one: Core, other: Core, changed: Sequence[Change]) -> tuple[list[Fact], list[Fact]]:
    """The facts, on either side, of those places whose facts differ."""
    left: list[Fact] = []
    right: list[Fact] = []
    for change in changed:
        of_one = _no_articles(facts(one.tokens, [change.one]))
        of_other = _no_articles(facts(other.tokens, [change.other]))
        if [fact.value for fact in of_one] != [fact.value for fact in of_other]:
            left += of_one
            right += of_other
    return left, right


def _stems(words: set[str]) -> set[str]:
    return {word[:_STEM] for word in words}


def _moved(
    one: Sequence[str],
    other: Sequence[str],
    changed: Sequence[Change],
    of_one: Sequence[Fact],
    of_other: Sequence[Fact],
) -> bool:
    """Whether all facts moved together with the words around them, as in sentences that change places. A quotient may
    be written before or between its parts."""
    moved_one = {place for change in changed for place in range(*change.one)}
    moved_other = {place for change in changed for place in range(*change.other)}
    names_only = all(is_name(fact.value) for fact in of_one)
    if names_only and min(len(one), len(other)) >= _LONG and not _replaced(one, other, changed):
        return True
    places: dict[str, list[int]] = {}
    for fact in of_other:
        places.setdefault(fact.value, []).append(fact.position)
    for fact in of_one:
        if not any(
            _run(one, other, moved_one, moved_other, fact.position, place) >= (2 if _is_word(fact) else _CONTEXT)
            or (fact.value == _QUOTIENT and _rewritten(one, other, fact.position, place))
            for place in places[fact.value]
        ):
            return False
    return True


def _replaced(one: Sequence[str], other: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether facts stand for others in one place, and are not left out here and added there."""
    for change in changed:
        left = Counter(_values(facts(one, [change.one])))
        right = Counter(_values(facts(other, [change.other])))
        if left - right and right - left:
            return True
    return False


def _is_word(fact: Fact) -> bool:
    return len(fact.value) > 1 and fact.value.isalpha()


def _run(
    one: Sequence[str], other: Sequence[str], moved_one: set[int], moved_other: set[int], here: int, there: int
) -> int:
    """How many tokens around two places are the same and have moved."""
    length = 1
    for step in (-1, 1):
        at, to = here + step, there + step
        while at in moved_one and to in moved_other and one[at] == other[to]:
            at, to, length = at + step, to + step, length + 1
    return length


def _rewritten(one: Sequence[str], other: Sequence[str], here: int, there: int) -> bool:
    """Whether what follows one place is what precedes the other, in either direction."""
    for text, at, text_other, to in ((one, here, other, there), (other, there, one, here)):
        if any(
            text[at + 1 : at + 1 + size] == text_other[to - size : to]
            for size in range(1, min(_PART, to, len(text) - at - 1) + 1)
        ):
            return True
    return False


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

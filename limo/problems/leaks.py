"""A benchmark's problem and another → whether the other holds it; used by decontaminate and audit."""

from collections.abc import Sequence
from itertools import pairwise

from limo.problems.alignment import Change, changes, matches
from limo.problems.core import Core
from limo.problems.decisive import facts, is_name
from limo.problems.look import (
    CLAUSE,
    SURE,
    Look,
    ends_in,
    of_other_kind,
    only,
    other_kinds,
    required,
    same,
    swapped,
    unlike,
    values_of,
)

_NEAR_ENOUGH = 3  # more tokens than in the problem itself between two runs of one embedded problem
_RUN = 3  # tokens; shorter common runs at the ends of an embedded problem are chance
_SMALL = 8  # tokens; fewer say too little to be found inside another text
_ENOUGH = 5  # facts; texts with fewer say too little to be the same with a condition more or less
_MISSING = 0.25  # share of a benchmark's facts that may be missing
_NOTES = {"note", "recall", "here", "denotes", "assume"}
_TAIL, _SAME_TAIL = 8, 0.75  # tokens at the end of a problem, and the share of them that an embedded one keeps
_OPERATORS = {"+", "-", "^", "="}  # a star may be a mark of emphasis
_NUMBERS = 5  # numbers in a row that are a figure's
_RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\in"}


def leaked(exam: Core, problem: Core, asked: bool, threshold: float) -> Look | None:
    """How a text holds a benchmark's problem, or None: the same problem (`look.same`), within it or extended.

    Args:
        exam: the benchmark's problem.
        problem: the other.
        asked: whether a request for the form of its answer was cut off from `problem`.
        threshold: of the share of common tokens, as for `look.same`.
    """
    return same(problem, exam, threshold) or within(exam, problem, threshold) or extended(exam, problem, asked)


def within(part: Core, whole: Core, threshold: float) -> Look | None:
    """Whether the problem `part` stands inside the longer text `whole` ("embedded"), or None.

    Its facts are then all there, with no others between them, and at least `threshold` of its tokens.
    """
    tokens = part.tokens
    if len(tokens) < _SMALL or part.evidence + len(tokens) // 10 < 2 or len(whole.whole) <= len(tokens):
        return None
    reach = len(tokens) + len(tokens) // 4 + _NEAR_ENOUGH
    values = values_of(part.facts)
    for begin in (0, max(0, len(whole.whole) - reach), None):  # at either end, or wherever most of it is
        text = whole.whole if begin is None else whole.whole[begin : begin + reach]
        blocks = _dense(matches(tokens, text))
        score = round(min(1.0, _covered(tokens, text, blocks) / len(tokens)), 6)
        if not blocks or score < max(SURE, required(threshold, part.evidence)):
            continue
        first, last = blocks[0], blocks[-1]
        start, end = max(0, first[1] - first[0]), last[1] + last[2] + len(tokens) - last[0] - last[2]
        for window in ((start, end), (first[1], last[1] + last[2])):
            inside = text[slice(*window)]
            if values_of(facts(inside)) != values or not _ends_alike(tokens, text, blocks, window):
                continue
            changed, _ = changes(tokens, inside)
            if not swapped(tokens, inside, changed) and not other_kinds(tokens, inside, changed):
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
    if min(exam.evidence, problem.evidence) < _ENOUGH:
        return None
    changed, common = changes(exam.tokens, problem.tokens)
    score = round(min(1.0, common / min(len(exam.tokens), len(problem.tokens))), 6)
    before_question = [change for change in changed if change.one[1] < len(exam.tokens) or _is_word(change)]
    if score < SURE or swapped(exam.tokens, problem.tokens, changed) or of_other_kind(exam, problem, before_question):
        return None
    names = {fact.value for fact in exam.facts if is_name(fact.value)}
    missing = 0
    for change in changed:
        left, right = exam.tokens[slice(*change.one)], problem.tokens[slice(*change.other)]
        of_one, of_other = values_of(facts(exam.tokens, [change.one])), values_of(facts(problem.tokens, [change.other]))
        ends = change.one[1] == len(exam.tokens)
        if of_one == of_other or (bool(exam.figure) != bool(problem.figure) and _drawn(left or right)):
            continue
        missing += len(of_one) - len(of_other)
        if ends and ((asked and not right) or _renews(of_other, names) or _derived([*of_one, *of_other])):
            continue
        if of_one and of_other:
            return None
        alone, values, span = (exam, of_one, change.one) if of_one else (problem, of_other, change.other)
        if not _harmless(alone, values, span, names):
            return None
    if not asked and missing > _MISSING * exam.evidence:
        return None
    return Look("extended", score) if not _narrowed(exam, problem, changed, asked) else None


def _is_word(change: Change) -> bool:
    """Whether a word stands for a word: a last question of one other word asks of another thing."""
    return change.one[1] - change.one[0] == change.other[1] - change.other[0] == 1


def _drawn(tokens: Sequence[str]) -> bool:
    """Whether these are the numbers of a figure, written out."""
    return len(tokens) >= _NUMBERS and all(token[0].isdigit() for token in tokens)


def _renews(values: Sequence[str], names: set[str]) -> bool:
    """Whether facts speak of a new name: the old answer, of which something else is asked."""
    return any(is_name(value) and value not in names for value in values)


def _derived(values: Sequence[str]) -> bool:
    """Whether facts at the end ask for a power of the same quantity."""
    return len(values) == 2 and values[0] == "^" and values[1].isdigit()


def _is_note(tokens: Sequence[str]) -> bool:
    """Whether words that one text alone has begin as a remark does."""
    return not _NOTES.isdisjoint(tokens[:2])


def _harmless(text: Core, values: Sequence[str], span: tuple[int, int], names: set[str]) -> bool:
    """Whether what one text alone has is a note, a condition on names, a new name for the answer, or a mere mention."""
    start, end = span
    if not values or _is_note(text.tokens[start:end]) or _renews(values, names):
        return True
    if any(len(value) > 1 and value.isalpha() for value in values):
        return False
    if end - start > 2:
        return any(value in _RELATIONS for value in values)
    beside = [*text.tokens[max(0, start - 1) : start], *text.tokens[end : end + 1]]
    return text.evidence >= 2 * _ENOUGH and all(len(token) > 1 and token.isalpha() for token in beside)


def _narrowed(exam: Core, problem: Core, changed: Sequence[Change], asked: bool) -> bool:
    """Whether plain words of one text alone are a clause of its own."""
    left, right = (
        only(text, [span for span in spans if not _is_note(text.tokens[slice(*span)])])
        for text, spans in ((exam, [one for one, _ in changed]), (problem, [other for _, other in changed]))
    )
    missing, added = unlike(left, right), unlike(right, left)
    if missing and added:
        return len(missing) > CLAUSE or ends_in(exam, missing)
    return len(missing) > CLAUSE and not asked


def _ends_alike(
    part: Sequence[str], text: Sequence[str], blocks: list[tuple[int, int, int]], window: tuple[int, int]
) -> bool:
    """Whether the question of a part is that of its window, to which nothing is bound on either side: "find 2a" does
    not hold "find a"."""
    start, end = window
    beside, bound = text[max(0, start - 2) : start], False
    if beside and _is_term(text[start]):
        is_label = len(beside) > 1 and len(beside[0]) > 1 and beside[0].isalpha()
        bound = not is_label if beside[-1][0].isdigit() else beside[-1] in _OPERATORS and _is_term(beside[0])
    following = text[end : end + 2]
    if len(following) > 1 and _is_term(text[end - 1]):
        bound |= following[0] in _OPERATORS and _is_term(following[1])
    if bound:
        return False
    tail = max(0, len(part) - _TAIL)
    inside = [(begin, at, size) for begin, at, size in blocks if begin + size > tail]
    common = sum(begin + size - max(begin, tail) for begin, _, size in inside)
    first = inside[0][1] + max(0, tail - inside[0][0]) if inside else end
    return 2 * common >= _SAME_TAIL * (len(part) - tail + max(0, end - first))


def _is_term(token: str) -> bool:
    return is_name(token) or token[0].isdigit() or token in {"(", r"\sqrt", r"\frac"}


def _covered(part: Sequence[str], text: Sequence[str], blocks: list[tuple[int, int, int]]) -> int:
    """How many tokens of a part the blocks cover, with those between two blocks that spell the same ("xy", "x y")."""
    covered = sum(size for _, _, size in blocks)
    for (start, at, size), (following, beyond, _) in pairwise(blocks):
        between = part[start + size : following]
        covered += len(between) if "".join(between) == "".join(text[at + size : beyond]) else 0
    return covered


def _dense(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Blocks without the chance matches at the ends, which lie far off in the longer text."""
    while len(blocks) > 1 and _far(blocks[0], blocks[1]) and blocks[0][2] < _RUN:
        blocks = blocks[1:]
    while len(blocks) > 1 and _far(blocks[-2], blocks[-1]) and blocks[-1][2] < _RUN:
        blocks = blocks[:-1]
    return blocks


def _far(before: tuple[int, int, int], after: tuple[int, int, int]) -> bool:
    return (after[1] - before[1] - before[2]) - (after[0] - before[0] - before[2]) > _NEAR_ENOUGH

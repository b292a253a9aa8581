"""Two problems → whether they are the same, and how; the second look behind clusters and decontaminate."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from limo.problems.alignment import Change, changes, share, shared_neighbours, similarity
from limo.problems.core import Core
from limo.problems.decisive import Fact, facts, is_content, is_name, is_name_token, kinds, sorts

_LONG = 10  # tokens that show what a name is that changed its place
_CONTEXT = 3  # tokens, a moved fact among them, that must have moved together
SURE = 0.85  # score that is enough whatever facts there are
_LESS = 0.05  # for each fact
_ANCHORS = 3  # facts that two problems share whatever their variables are called
_TOLD = 3  # numbers of a text; one with fewer says what matters in its figure
_FIGURES = 0.8  # share of common numbers in the code of two figures, below which they show different things
_FEW = 2  # facts; where there are fewer, one word for another is another problem
_STEM = 4  # letters that forms of one word share
CLAUSE = 4  # plain words that only one text has; more of them are a condition of their own
_END, _END_SHARE = 8, 0.5  # tokens at the end of a text, where the question is, and the share of them that turns it
_QUOTIENT, _PART = r"\frac", 20
_ANGLES, _ANGLE = {r"\angle", "angle"}, 3  # letters of an angle, its vertex in the middle
_FIXED = {"axis", "axes", "intercept", "intercepts"}  # words whose variable has no other name


class Look(NamedTuple):
    """How two texts are the same problem, and the share of tokens that they have in common (0 to 1)."""

    rule: str
    score: float


def same(one: Core, other: Core, threshold: float) -> Look | None:
    """Whether two texts state the same problem ("reworded", "renamed"), or None where a fact differs.

    They do when their facts (numbers, operators, relations, variables, asked quantity) are the same, in the same
    order or moved together with the words around them, or the same but for a consistent renaming of variables; and
    when enough of their tokens is common, 2·common/(n + m): at least `threshold`, and more where few facts tell the
    problems apart (0.85 without any, 0.05 less for each).
    """
    if (len(one.tokens), one.tokens) > (len(other.tokens), other.tokens):
        one, other = other, one  # so that the order of the two decides nothing
    changed, common = changes(one.tokens, other.tokens)
    score = share(one.tokens, other.tokens, common)
    likeness = score if score >= SURE else max(score, shared_neighbours(one.tokens, other.tokens))
    if likeness < threshold:  # most pairs end here, before their facts are looked for
        return None
    enough = SURE if likeness >= SURE else required(threshold, _evidence(one, other))
    if likeness < enough or swapped(one.tokens, other.tokens, changed) or of_other_kind(one, other, changed):
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
    enough = required(threshold, _evidence(one, other))
    return Look("renamed", score) if score >= enough and _renamed(one, other, changed) else None


def _evidence(one: Core, other: Core) -> int:
    """How many facts two texts share at most: those of the poorer one, and the numbers of one figure in both."""
    return min(one.evidence, other.evidence) + (len(one.figure) if one.figure == other.figure else 0)


def required(threshold: float, evidence: int) -> float:
    """The least score at which texts that share this many facts count as the same problem."""
    return max(threshold, SURE - _LESS * evidence)


def values_of(listed: Sequence[Fact]) -> list[str]:
    """What facts say, articles left out."""
    return [fact.value for fact in no_articles(listed)]


def no_articles(listed: Sequence[Fact]) -> list[Fact]:
    """Facts without those that may be mere words."""
    return [fact for fact in listed if not fact.article]


def swapped(one: Sequence[str], other: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether words of both texts changed places: "how old is Ann" for "how old is Bob" where both have Ann and Bob."""
    for change in changed:
        left, right = _plain(one[slice(*change.one)]), _plain(other[slice(*change.other)])
        if not left - right or not right - left or _stems(left) == _stems(right):
            continue
        rest_one = {*one[: change.one[0]], *one[change.one[1] :]}
        rest_other = {*other[: change.other[0]], *other[change.other[1] :]}
        if _stems(left - right) <= _stems(rest_other) and _stems(right - left) <= _stems(rest_one):
            return True
    return False


def other_kinds(one: Sequence[str], other: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether words of one sort stand for one another in these places, as a hexagon for an octagon."""
    of_one = [token for change in changed for token in one[slice(*change.one)]]
    of_other = [token for change in changed for token in other[slice(*change.other)]]
    if {sort for sort, _ in sorts(of_one) - sorts(of_other)} & {sort for sort, _ in sorts(of_other) - sorts(of_one)}:
        return True
    left, right = kinds(of_one), kinds(of_other)
    lost, new = left - right, right - left
    return any(one.isascii() == other.isascii() for one in lost for other in new)  # a translation is no other kind


def of_other_kind(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether one speaks of a hexagon where the other has an octagon, or their figures show different things. A text
    with few numbers of its own says the rest in its figure, which then must be the same."""
    if other_kinds(one.tokens, other.tokens, changed):
        return True
    if one.figure == other.figure or not one.figure or not other.figure:
        return False
    told = sum(token[0].isdigit() for token in one.tokens)
    return told < _TOLD or similarity(one.figure, other.figure) < _FIGURES


def asks_other(one: Core, other: Core, changed: Sequence[Change]) -> bool:
    """Whether plain words that only one text has turn it into another problem: most of both ends, where the question
    is; a word for another where few facts tell problems apart; or a long clause."""
    of_one, of_other = (
        only(one, [change.one for change in changed]),
        only(other, [change.other for change in changed]),
    )
    left, right = unlike(of_one, of_other), unlike(of_other, of_one)
    evidence = min(one.evidence, other.evidence)
    if left and right and (evidence < _FEW or (ends_in(one, left) and ends_in(other, right))):
        return True
    return max(len(left), len(right)) > max(CLAUSE, evidence) and not (left and right)


def only(text: Core, spans: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """The plain words of the spans, with their places; the first span is a lead-in, not looked at."""
    return [
        (place, text.tokens[place])
        for start, end in spans
        if start
        for place in range(start, end)
        if is_content(text.tokens[place])
    ]


def unlike(words: list[tuple[int, str]], others: list[tuple[int, str]]) -> list[int]:
    """The places of words of which the others have no form."""
    forms = {word[:_STEM] for _, word in others}
    return [place for place, word in words if word[:_STEM] not in forms]


def ends_in(text: Core, places: Sequence[int]) -> bool:
    """Whether these places are a good part of the end of a text."""
    return sum(place >= len(text.tokens) - _END for place in places) >= _END_SHARE * min(_END, len(text.tokens))


def _plain(tokens: Sequence[str]) -> set[str]:
    return {token for token in tokens if token.isalpha()}


def _unpaired(one: Core, other: Core, changed: Sequence[Change]) -> tuple[list[Fact], list[Fact]]:
    """The facts, on either side, of those places whose facts differ."""
    left: list[Fact] = []
    right: list[Fact] = []
    for change in changed:
        of_one = no_articles(facts(one.tokens, [change.one]))
        of_other = no_articles(facts(other.tokens, [change.other]))
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
    if _renamed_in_place(one, other, changed):
        return False
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
        left = Counter(values_of(facts(one, [change.one])))
        right = Counter(values_of(facts(other, [change.other])))
        if left - right and right - left:
            return True
    return False


def _renamed_in_place(one: Sequence[str], other: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether other segments, angles or shapes have the same letters: DF and EM for EF and DM."""
    for change in changed:
        spans = (one, change.one), (other, change.other)
        if _vertices(*spans[0]) != _vertices(*spans[1]) and _vertices(*spans[0]) and _vertices(*spans[1]):
            return True
        left, right = (
            Counter("".join(sorted(token)) for token in text[slice(*span)] if len(token) > 1 and is_name_token(token))
            for text, span in spans
        )
        if left != right and Counter(map(len, left.elements())) == Counter(map(len, right.elements())):
            return True
    return False


def _vertices(text: Sequence[str], span: tuple[int, int]) -> list[str]:
    """The vertices of the angles of three letters in a span."""
    return sorted(text[at][1] for at in range(*span) if len(text[at]) == _ANGLE and text[max(0, at - 1)] in _ANGLES)


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
    if sum(not is_name(fact.value) for fact in one.facts) < _ANCHORS or _is_axis(one.tokens, changed):
        return False
    of_one = facts(one.tokens, [change.one for change in changed])
    of_other = facts(other.tokens, [change.other for change in changed])
    for left, right in (
        (values_of(of_one), values_of(of_other)),
        ([fact.value for fact in of_one], [fact.value for fact in of_other]),
    ):
        if len(left) == len(right):
            break
    else:
        return False
    kept = Counter(values_of(one.facts)) - Counter(left)
    drawn = {*one.figure} & {*other.figure}
    pairs = {*zip(left, right, strict=True), *((name, name) for name in [*kept, *drawn] if is_name(name))}
    if any(old != new and not (is_name(old) and is_name(new)) for old, new in pairs):
        return False
    names = [pair for pair in pairs if is_name(pair[0])]
    return len({old for old, _ in names}) == len({new for _, new in names}) == len(names)


def _is_axis(tokens: Sequence[str], changed: Sequence[Change]) -> bool:
    """Whether what changed is the name of an axis."""
    return any(not _FIXED.isdisjoint(tokens[change.one[1] : change.one[1] + 2]) for change in changed)

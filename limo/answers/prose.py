"""The last sentences of a text → the value that they state; used by extract where nothing marks the answer."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from limo.answers import phrases
from limo.answers.candidates import AROUND, Asked, Candidate, bare, read
from limo.answers.parse.exceptions import following
from limo.answers.phrases import Level
from limo.answers.runs import VARIABLES, Marked, Piece, marked, runs, sentences, stretch
from limo.answers.sides import UNEQUAL

_TAIL = 2_500  # characters at the end of a text that are read
_SENTENCES = 6  # from the end, in which a value is sought
_NEAR = 3  # of them in which one is likely the answer
_LETTERS = re.compile(rf"[A-Za-z]|{VARIABLES}")
_COMMAND = re.compile(r"\\[A-Za-z]+")


class Stated(NamedTuple):
    """The value that a sentence states, and whether nothing else in it could be meant."""

    value: str
    sure: bool


def last_stated(text: str, asked: Asked) -> Stated | None:
    """The value that the last sentences of a text that has ended state; None where they hold no symbols.

    Sentences that only note or check something are passed over where others hold a value.
    """
    tail = marked(text[-_TAIL:].rstrip())
    last = sentences(tail)[-_SENTENCES:]
    for passed in (True, False):
        kept = [piece for piece in last if not (passed and phrases.PASSED.match(tail.held, *piece))]
        for back, piece in enumerate(reversed(kept)):
            if (value := _stated(tail, piece, asked)) is not None:
                behind = kept[len(kept) - back :]
                return value._replace(sure=value.sure and back < _NEAR and not _open(tail, piece, behind))
    return None


def _open(text: Marked, piece: Piece, behind: Sequence[Piece]) -> bool:
    """Whether a value may not be the last one meant: an example leads to it, or what stands behind it says one too.

    "The fastest is Tom, because 2 > 1.5"; "so it took three days".
    """
    if phrases.EXAMPLE.search(text.held, 0, piece.end):
        return True
    return any(next(runs(text, each), None) is not None or phrases.NUMERAL.search(text.held, *each) for each in behind)


def stated(sentence: str, asked: Asked) -> Stated | None:
    """The value that the rest of a sentence states which began with "the answer is"; None where it holds none."""
    text = marked("It is " + sentence)
    return _stated(text, Piece(0, len(text.held)), asked)


def _stated(text: Marked, piece: Piece, asked: Asked) -> Stated | None:
    candidates = [one for run in runs(text, piece) if (one := read(text, piece, run, asked)) is not None]
    values = _outside(text, piece, [candidate for candidate in candidates if candidate.level > Level.NAMED])
    condition = phrases.condition(text.held, text.plain, piece)
    if (
        condition
        and (condition.worded or _LETTERS.fullmatch(condition.said))
        and not _told(values, condition.place)
        and not any(candidate.computed for candidate in values)
    ):
        return Stated(condition.said, sure=False)
    if not any(candidate.level > Level.BESIDE for candidate in values) and (
        numeral := _numeral(text, piece, values, condition)
    ):
        return numeral
    if not values:
        return Stated(candidates[-1].value, sure=False) if candidates else None
    for candidate in values:
        if phrases.IS_ANSWER.match(text.held, candidate.run.end):
            return Stated(candidate.value, sure=True)
    within = _clause(text, piece, values)
    best = max(candidate.level for candidate in within)
    likely = [candidate for candidate in within if candidate.level == best]
    fresh = [
        candidate for candidate in likely if best == Level.EQUATED or bare(candidate.value) not in asked.given
    ] or likely
    chosen = _percent(text, candidates, fresh[-1])
    listed = _listed(text, piece, candidates, chosen, asked)
    if listed and not asked.several and (count := _count(text, values, listed[0])):
        return Stated(count, sure=False)
    if listed:
        return Stated(", ".join(candidate.value for candidate in listed), sure=True)
    if cut := stretch(text, chosen.run, led=chosen.left != ""):
        return Stated(cut, sure=False)
    alone = len({bare(candidate.value) for candidate in fresh}) == 1
    final = best == Level.EQUATED and phrases.FINAL.match(text.held, chosen.run.end, piece.end) is not None
    doubted = _explained(candidates, chosen) or _reasoned(text, piece, values, chosen)
    named = re.fullmatch(r"[A-Za-z](?:_\w+)?", chosen.value) is not None  # "when a = b" gives b no more than a
    value = chosen.value + following(text.plain, chosen.run.end, chosen.value)
    short = asked.several or (not asked.relation and UNEQUAL.search(chosen.value) is not None)  # of what is asked for
    return Stated(value, sure=(alone or chosen.computed or final) and not (doubted or named or short))


def _outside(text: Marked, piece: Piece, values: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates before "unless …" where nothing follows from that; all where none stands there.

    "It is no square unless k is 1, in which case it is 4" says what stands behind.
    """
    exception = phrases.EXCEPTION.search(text.held, *piece)
    if exception is None or phrases.DENIED.search(text.held, piece.start, exception.start()):
        return values
    behind = text.held[exception.end() : piece.end]
    if "in which case" not in behind and phrases.RESULT.search(behind):
        return values
    return [candidate for candidate in values if candidate.run.start < exception.start()] or values


def _explained(candidates: Sequence[Candidate], chosen: Candidate) -> bool:
    """Whether a letter of the value gets one of its own behind it: "2^n, where n = 5"."""
    letters = re.findall(r"[A-Za-z]", _COMMAND.sub("", chosen.value))
    return any(candidate.left in letters and candidate.run.start > chosen.run.start for candidate in candidates)


def _reasoned(text: Marked, piece: Piece, values: Sequence[Candidate], chosen: Candidate) -> bool:
    """Whether the value stands in a reason alone, or is the computation that gives the reason of another value.

    "Since each costs $1, this is the price as well"; "he has 5 left, because 10 - 6 = 4".
    """
    leading = phrases.LEADING.match(text.held, *piece)
    if leading and phrases.REASON.match(leading[0]) and chosen.run.start < leading.end():
        return True
    reasons = [
        aside.start()
        for aside, end in _asides(text, piece)
        if chosen.computed and phrases.REASON.match(aside[0]) and aside.start() <= chosen.run.start < end
    ]
    return any(
        candidate.level >= Level.MENTIONED and bare(candidate.value) != bare(chosen.value)
        for candidate in values
        for reason in reasons
        if candidate.run.start < reason
    )


def _told(values: Sequence[Candidate], place: int) -> bool:
    return any(candidate.level == Level.EQUATED and candidate.run.start < place for candidate in values)


def _clause(text: Marked, piece: Piece, values: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates of the clause that says the result: the last, without a condition before and an aside after."""
    start, end = piece
    if (leading := phrases.LEADING.match(text.held, start, end)) and any(
        candidate.run.start >= leading.end() for candidate in values
    ):
        start = leading.end()
    for result in reversed(list(phrases.RESULT.finditer(text.held, start, end))):
        inside = [candidate for candidate in values if candidate.run.start >= result.start()]
        if any(candidate.level > Level.BESIDE for candidate in inside):
            start = result.start()
            break
    inside = [candidate for candidate in values if candidate.run.start >= start] or list(values)
    if asides := _asides(text, Piece(start, end)):
        aside, after = asides[-1]
        main = [
            candidate
            for candidate in inside
            if not any(begin.start() <= candidate.run.start < until for begin, until in asides)
        ]
        if (
            after == end
            and inside[-1].level == Level.EQUATED
            and phrases.LAST.fullmatch(text.held, inside[-1].run.end, end)
        ):
            verbs = len(phrases.VERB.findall(text.held, aside.end(), inside[-1].run.start))
            if verbs > (0 if phrases.VERBLESS.search(aside[0]) else 1):
                return inside
        if any(candidate.level >= Level.ACTED for candidate in main):
            return [
                candidate for candidate in inside if candidate in main or _told_aside(text, piece, aside, candidate)
            ]
    return inside


def _asides(text: Marked, piece: Piece) -> Sequence[tuple[re.Match[str], int]]:
    """How each aside of a clause begins, and where it ends: where the verb of the clause comes back, else with it."""
    asides = []
    at, end = piece
    while aside := phrases.ASIDE.search(text.held, at, end):
        resumed = phrases.RESUMED.search(text.held, aside.end(), end)
        at = resumed.start() if resumed else end
        asides.append((aside, at))
    return asides


def _told_aside(text: Marked, piece: Piece, aside: re.Match[str], candidate: Candidate) -> bool:
    """Whether an aside holds the result after all: a computation, or a value at the end of "which is …"."""
    if candidate.level < Level.EQUATED or candidate.computed:
        return candidate.computed
    which = phrases.WHICH.fullmatch(aside[0])
    return which is not None and phrases.LAST.fullmatch(text.held, candidate.run.end, piece.end) is not None


def _listed(
    text: Marked, piece: Piece, candidates: Sequence[Candidate], chosen: Candidate, asked: Asked
) -> Sequence[Candidate]:
    """The values that stand in one row with the chosen one; empty where it stands alone."""
    place = candidates.index(chosen)
    first = last = place
    while first > 0 and phrases.BETWEEN.fullmatch(
        text.held, candidates[first - 1].run.end, candidates[first].run.start
    ):
        first -= 1
    while last + 1 < len(candidates) and phrases.BETWEEN.fullmatch(
        text.held, candidates[last].run.end, candidates[last + 1].run.start
    ):
        last += 1
    row = [candidate for candidate in candidates[first : last + 1] if asked.several or candidate.left == chosen.left]
    whole = candidates[first].level >= Level.ACTED and phrases.FINAL.match(
        text.held[candidates[last].run.end : piece.end]
    )
    return row if len(row) > 1 and (asked.several or whole) else []


def _percent(text: Marked, candidates: Sequence[Candidate], chosen: Candidate) -> Candidate:
    """The percentage behind a share that says the same, as in "0.6 or 60%"; else the value itself."""
    following = candidates[candidates.index(chosen) + 1 :][:1]
    share = re.fullmatch(r"\d*\.\d+", chosen.value)
    for other in following:
        percentage = re.fullmatch(r"(\d+(?:\.\d+)?)\s?\\?%", other.value)
        if share and percentage and phrases.BETWEEN.fullmatch(text.held, chosen.run.end, other.run.start):
            return other if Fraction(percentage[1]) == 100 * Fraction(share[0]) else chosen
    return chosen


def _count(text: Marked, values: Sequence[Candidate], first: Candidate) -> str | None:
    """How many values a sentence says there are that it lists: "there are 2 values of x, namely 3 and 5"."""
    before = [candidate for candidate in values if candidate.run.start < first.run.start]
    if before and before[-1].level >= Level.ACTED and phrases.COUNTED.match(text.held, before[-1].run.end):
        return before[-1].value
    return None


def _numeral(
    text: Marked, piece: Piece, values: Sequence[Candidate], condition: phrases.Condition | None
) -> Stated | None:
    """A number in words that a sentence says to be its value, where no symbols follow it; none in a condition is."""
    end = condition.place if condition else piece.end
    words = list(phrases.NUMERAL.finditer(text.held, piece.start, end))
    if condition and not words and phrases.NUMERAL.search(text.held, end, piece.end):
        return Stated(condition.said, sure=False)
    direct = [
        word for word in words if phrases.direct(text.held[max(piece.start, word.start() - AROUND) : word.start()])
    ]
    if not direct or any(candidate.run.start > direct[-1].start() for candidate in values):
        return None
    return Stated(direct[-1][0], sure=len(words) == 1)

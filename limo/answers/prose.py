"""The last sentences of a text → the value that they state; used by extract where nothing marks the answer."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from limo.answers import phrases
from limo.answers.phrases import Level
from limo.answers.runs import VARIABLES, Marked, Piece, Symbols, marked, runs, sentences, stretch
from limo.answers.sides import RELATION, named, sides

_TAIL = 2_500  # characters at the end of a text that are read
_SENTENCES = 6  # from the end, in which a value is sought
_NEAR = 3  # of them in which one is likely the answer
_AROUND = 80  # characters before a row of symbols that say what it is
_SPACED = re.compile(r"(?:\D\s?)?\d{1,3}(?:\s\d{3})+(?:\.\d+)?")  # thousands apart by blanks
_LETTERS = re.compile(rf"[A-Za-z]|{VARIABLES}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_VALUE = re.compile(r"\d|π|∞|\\(?:pi|infty|emptyset|varnothing)")


@dataclass(frozen=True)
class Asked:
    """What question and reference answer say of the value: the question's numbers, and what is asked for.

    `several` asks for more than one value; with `relation` an equation or inequality stays whole, else its right side
    counts.
    """

    given: Collection[str]
    several: bool
    relation: bool


class Stated(NamedTuple):
    """The value that a sentence states, and whether nothing else in it could be meant."""

    value: str
    sure: bool


class _Candidate(NamedTuple):
    """A row of symbols, its value and level, the left side of its equation, and whether that computes the value."""

    run: Symbols
    value: str
    level: Level
    left: str
    computed: bool


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
                return value._replace(sure=value.sure and back < _NEAR)
    return None


def stated(sentence: str, asked: Asked) -> Stated | None:
    """The value that the rest of a sentence states which began with "the answer is"; None where it holds none."""
    text = marked("It is " + sentence)
    return _stated(text, Piece(0, len(text.held)), asked)


def _stated(text: Marked, piece: Piece, asked: Asked) -> Stated | None:
    candidates = [one for run in runs(text, piece) if (one := _candidate(text, piece, run, asked)) is not None]
    values = [candidate for candidate in candidates if candidate.level > Level.NAMED]
    condition = phrases.condition(text.held, text.plain, piece)
    if condition and _LETTERS.fullmatch(condition.said) and not _told(values, condition.place):
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
        candidate for candidate in likely if best == Level.EQUATED or _bare(candidate.value) not in asked.given
    ] or likely
    chosen = fresh[-1]
    if listed := _listed(text, piece, candidates, chosen, asked):
        return Stated(", ".join(candidate.value for candidate in listed), sure=True)
    rivals = {_bare(candidate.value) for candidate in fresh}
    if cut := stretch(text, chosen.run, led=chosen.left != ""):
        return Stated(cut, sure=False)
    letters = re.findall(r"[A-Za-z]", _COMMAND.sub("", chosen.value))
    if any(candidate.left in letters and candidate.run.start > chosen.run.start for candidate in candidates):
        return Stated(chosen.value, sure=False)  # 2^n, where n = 5
    final = best == Level.EQUATED and phrases.FINAL.match(text.held, chosen.run.end, piece.end) is not None
    return Stated(chosen.value, sure=len(rivals) == 1 or chosen.computed or final)


def _candidate(text: Marked, piece: Piece, run: Symbols, asked: Asked) -> _Candidate | None:
    """What a row of symbols says; None for a relation between numbers, such as 2 < 3, which states no value."""
    before = text.held[max(piece.start, run.start - _AROUND) : run.start]
    led = run.text[0] in "=≈"
    said = run.text.lstrip("=≈ ") if led else run.text
    left, right = sides(said) if RELATION.search(said) and not asked.relation else ("", None)
    if right is None and left and not named(said):
        return None
    computed = led or (right is not None and not named(left))
    if right is not None and not named(left) and re.fullmatch(r"[A-Za-z]\w*", right):
        left, right = right, left  # 6 = x
    equated = right is not None and (computed or not phrases.CONDITION.search(before))
    said = (right or said).strip()
    level = Level.EQUATED if led or equated else _level(text, piece, run, before, said)
    if not _VALUE.search(said):
        told = (
            level == Level.EQUATED
            and not led
            and (re.search(r"\W", said) or phrases.LAST.fullmatch(text.held, run.end, piece.end))
        )
        level = Level.ACTED if told else Level.NAMED
    if asked.relation and RELATION.search(said):
        level = max(level, Level.ACTED)
    value = said.replace(" ", "") if _SPACED.fullmatch(said) else said
    return _Candidate(run, value, level, left.strip() if right else "", computed)


def _told(values: Sequence[_Candidate], place: int) -> bool:
    return any(candidate.level == Level.EQUATED and candidate.run.start < place for candidate in values)


def _level(text: Marked, piece: Piece, run: Symbols, before: str, said: str) -> Level:
    if phrases.CLAIMED.match(text.held, run.end, piece.end):
        return Level.ACTED
    return phrases.level(before, named(said)) if run.whole else Level.BESIDE


def _clause(text: Marked, piece: Piece, values: Sequence[_Candidate]) -> Sequence[_Candidate]:
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


def _told_aside(text: Marked, piece: Piece, aside: re.Match[str], candidate: _Candidate) -> bool:
    """Whether an aside holds the result after all: a computation, or a value at the end of "which is …"."""
    if candidate.level < Level.EQUATED or candidate.computed:
        return candidate.computed
    which = phrases.WHICH.fullmatch(aside[0])
    return which is not None and phrases.LAST.fullmatch(text.held, candidate.run.end, piece.end) is not None


def _listed(
    text: Marked, piece: Piece, candidates: Sequence[_Candidate], chosen: _Candidate, asked: Asked
) -> Sequence[_Candidate]:
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


def _numeral(
    text: Marked, piece: Piece, values: Sequence[_Candidate], condition: phrases.Condition | None
) -> Stated | None:
    """A number in words that a sentence says to be its value, where no symbols follow it; none in a condition is."""
    end = condition.place if condition else piece.end
    words = list(phrases.NUMERAL.finditer(text.held, piece.start, end))
    if condition and not words and phrases.NUMERAL.search(text.held, end, piece.end):
        return Stated(condition.said, sure=False)
    direct = [
        word for word in words if phrases.direct(text.held[max(piece.start, word.start() - _AROUND) : word.start()])
    ]
    if not direct or any(candidate.run.start > direct[-1].start() for candidate in values):
        return None
    return Stated(direct[-1][0], sure=len(words) == 1)


def _bare(value: str) -> str:
    return re.sub(r"[\s,$\\]", "", value)

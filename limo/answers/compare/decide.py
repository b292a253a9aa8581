"""Reference answer and answer → correct, wrong or undecided, without algebra; used by verify, and by pool's dedup."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from limo.answers.compare.arithmetic import Effort, TooLargeError
from limo.answers.compare.match import match
from limo.answers.compare.prose import alike
from limo.answers.parse.dates import dates, same_date
from limo.answers.parse.exceptions import excepted
from limo.answers.parse.forms import Quantity, TooComplexError, Words
from limo.answers.parse.readings import LENGTH, readings
from limo.answers.parse.spelling import compact, normal
from limo.answers.parse.words import plain_words

Outcome = Literal["correct", "wrong", "undecided"]
EXCEPTION = "exception"  # the rule of answers that leave something out, which computer algebra cannot read

_INTEGER = re.compile(r"[-+]?\d{1,18}")
_NUMERAL = re.compile(
    r"[一二三四五六七八九十百千]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half)\b", re.IGNORECASE
)
_FORMULA = re.compile(r"(?=.*\d)(?:\(?[A-Z][a-z]?\d*\)?\d*){2,}")  # H2SO4
_LETTERS = re.compile(r"[A-J](?:(?:\s*(?:,|;|and|&)\s*|\s*)[A-J])*")
_LABELLED = re.compile(
    r"\(?\s*(?:\\text\{)?\s*\(?([A-J])\)?\s*\}?\s*(?:[.:)]|\\text\{[).:]\}|\s-\s|(?=\s*\\text))\s*\)?\s*(?P<rest>\S.*)?",
    re.DOTALL,
)
_LONE = re.compile(r"(?:(?:option|choice|answer|选项|选)\s*:?\s*)?[\[(]?\s*([A-Ja-j])\s*[\])]?", re.IGNORECASE)


def compare(gold: str, answer: str, options: Mapping[str, str]) -> tuple[Outcome, str]:
    """Decide whether an answer is right, and by which rule, without computer algebra.

    Args:
        gold: the reference answer.
        answer: the answer to judge, as extracted from a response.
        options: the question's options by letter, empty for a question without any.

    Returns:
        `undecided` where no rule here is trusted with the pair. Exchanging gold and answer changes no verdict.
    """
    gold, answer = gold.strip(), answer.strip()
    if gold == answer:
        return "correct", "literal"
    if _INTEGER.fullmatch(gold) and _INTEGER.fullmatch(answer) and not options:
        return ("correct" if int(gold) == int(answer) else "wrong"), "integer"
    if max(len(gold), len(answer)) > 25 * LENGTH:  # too long whatever its spaces
        return "undecided", "too long"
    gold, answer = " ".join(gold.split()), " ".join(answer.split())
    if len(gold) > LENGTH or len(answer) > LENGTH:
        return "undecided", "too long"
    return _compare(gold, answer, tuple(sorted(options.items())))


@lru_cache(maxsize=50_000)
def _compare(gold: str, answer: str, options: tuple[tuple[str, str], ...]) -> tuple[Outcome, str]:
    spelled = [compact(normal(side)) for side in (gold, answer)]
    if not all(spelled):
        return "wrong", "empty"
    if spelled[0] == spelled[1]:
        return "correct", "spelling"
    formulas = [re.sub(r"\\text|[_{}\s]", "", side) for side in spelled]
    if formulas[0] == formulas[1] and _FORMULA.fullmatch(formulas[0]):
        return "correct", "formula"
    days = [dates(normal(side)) for side in (gold, answer)]
    if all(days):
        return ("correct" if same_date(*days) else "wrong"), "date"
    chosen = _choice(gold, answer, dict(options))
    if chosen is not None:
        return chosen
    return _excepted(gold, answer) or _structured(gold, answer)


def _excepted(gold: str, answer: str) -> tuple[Outcome, str] | None:
    """Compare answers of which at least one leaves something out ("2^k, unless k = 1"); None where none does.

    They are equal where both leave out the same; what only one leaves out may be all that tells them apart.
    """
    parts = [excepted(side) for side in (gold, answer)]
    if not any(parts):
        return None
    bare = [part.said if part else side for part, side in zip(parts, (gold, answer), strict=True)]
    settled, rule = _structured(bare[0], bare[1])
    if settled == "correct" and parts[0] and parts[1] and parts[0].cases == parts[1].cases:
        same = _structured(parts[0].left_out, parts[1].left_out)[0]
        return ("correct" if same == "correct" else "undecided"), EXCEPTION
    plain = rule in {"value", "identity"} and not any(part and part.cases for part in parts)
    return ("wrong" if settled == "wrong" and plain else "undecided"), EXCEPTION


def _structured(gold: str, answer: str) -> tuple[Outcome, str]:
    Effort.reset()
    try:
        pairs = [(one, other) for one in readings(gold) for other in readings(answer)]
        decisions = [match(*pair) for pair in pairs]
    except TooComplexError:
        return "undecided", "too complex"
    except TooLargeError:
        return "undecided", "too large"
    except RecursionError:
        return "undecided", "too deep"
    for equal, rule in decisions:
        if equal:
            return "correct", rule
    if {type(side) for pair in pairs for side in pair} >= {Words, Quantity} and not _shared_number(gold, answer):
        return "wrong", "no number in common"
    for equal, rule in decisions:
        if equal is None:
            return "undecided", rule
    return "wrong", decisions[0][1]


def _shared_number(one: str, other: str) -> bool:
    """Whether a number of one text stands in the other; text with numerals in words may hold any number."""
    runs = [{*re.findall(r"\d+", text)} for text in (one, other)]
    return not all(runs) or bool(runs[0] & runs[1]) or bool(_NUMERAL.search(one + other))


def _choice(gold: str, answer: str, options: Mapping[str, str]) -> tuple[Outcome, str] | None:
    """Multiple choice, by letters or by the text of an option; None where neither side names one."""
    letters = [
        _chosen(side, other, options) or _quoted(side, options) for side, other in ((gold, answer), (answer, gold))
    ]
    if letters[0] and letters[1]:
        return ("correct" if letters[0] == letters[1] else "wrong"), "choice"
    if not (letters[0] or letters[1]) and (bare := [_unlabelled(side) for side in (gold, answer)]) != [gold, answer]:
        return _structured(*bare)
    if not (letters[0] or letters[1]) or not options:
        return None
    letter, text = (letters[0], answer) if letters[0] else (letters[1], gold)
    assert letter is not None
    wanted = [options[name] for name in letter if name in options]
    if len(wanted) != 1:
        return None
    settled, rule = _structured(wanted[0], text)
    # A part of an option's text, or its words in another order, may be what another option says.
    if (settled, rule) == ("correct", "text") and not _same_text(wanted[0], text):
        settled = "undecided"
    return settled, "option text"


def _quoted(answer: str, options: Mapping[str, str]) -> str | None:
    """The letter of the only option whose text the answer gives word for word."""
    named = [letter for letter, text in options.items() if _same_text(text, answer)]
    return named[0] if len(named) == 1 else None


def _same_text(one: str, other: str) -> bool:
    spelled = [normal(side) for side in (one, other)]
    return compact(spelled[0]) == compact(spelled[1]) or alike(*map(plain_words, spelled))


def _unlabelled(answer: str) -> str:
    """The text behind an option's label: "C. 5" says 5."""
    labelled = re.match(r"\(?[A-J]\)?[.:)]\s*(?=\S)", normal(answer))
    return normal(answer)[labelled.end() :] if labelled else answer


def _chosen(answer: str, other: str, options: Mapping[str, str]) -> str | None:
    """The letters that an answer names, sorted; None if it names none or the letters may be variables."""
    spelled = re.sub(r"\\text\{([^{}]*)\}", r"\1", normal(answer)).strip()
    lone = _LONE.fullmatch(spelled)
    if lone:
        letter = lone[1].upper()
        plain = lone[1].isupper() or spelled != lone[1] or options
        return letter if plain and (not options or letter in options) else None
    if options or _LETTERS.fullmatch(re.sub(r"\\text\{([^{}]*)\}", r"\1", normal(other)).strip()):
        several = _LETTERS.fullmatch(spelled)
        if several:
            return "".join(sorted({*re.findall("[A-J]", spelled)}))
    labelled = _LABELLED.fullmatch(normal(answer))
    lettered = (
        options
        or (labelled and not labelled["rest"])
        or _LONE.fullmatch(normal(other))
        or _LABELLED.fullmatch(normal(other))
    )
    return labelled[1] if labelled and lettered else None

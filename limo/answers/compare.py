import re
from fractions import Fraction
from typing import Literal

_FRACTION = re.compile(r"(-?)\\[dt]?frac\{(-?\d+)\}\{(-?\d+)\}")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")


def normal(answer: str) -> str:
    r"""An answer without what never changes its value: $ signs, `\text{}`, spacing, thousands separators, a final dot."""
    answer = answer.strip().rstrip(".").replace("−", "-").replace("$", "")
    answer = re.sub(r"\\(?:text|mathrm|mbox)\{([^{}]*)\}", r"\1", answer)
    answer = re.sub(r"\\(?:left|right|!|,|;|:|quad|displaystyle)(?![a-zA-Z])", "", answer)
    answer = re.sub(r"(?<=\d)\{,\}(?=\d{3})", ",", answer)
    answer = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", answer) if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", answer) else answer
    return re.sub(r"\s+", "", answer)


def number(answer: str) -> Fraction | None:
    """The exact value of a plain integer, decimal or fraction; None for anything else."""
    text = _FRACTION.sub(r"\1\2/\3", normal(answer))
    if not _PLAIN.fullmatch(text) or re.fullmatch(r".*/0+", text) or len(text) > 1000:
        return None
    above, _, below = text.partition("/")
    return Fraction(above) / (Fraction(below) if below else 1)


def quick(gold: str, found: str) -> Literal["correct", "wrong"] | None:
    """Decide what needs no computer algebra: equal spelling, or two plain numbers compared exactly.

    None where these rules do not decide.
    """
    if normal(gold) == normal(found):
        return "correct"
    gold_value, found_value = number(gold), number(found)
    if gold_value is None or found_value is None:
        return None
    return "correct" if gold_value == found_value else "wrong"


def symbolic(gold: str, found: str) -> Literal["correct", "wrong", "undecided"]:
    """Compare by Math-Verify, in both argument orders; undecided where they differ or an answer does not parse.

    It has no time limit of its own here: call it in a process that can be killed (limo.answers.verify).
    """
    from math_verify import parse, verify  # noqa: PLC0415 - seconds to import, and most answers never need it

    parsed = [parse(f"${text.strip().strip('$')}$", parsing_timeout=None) for text in (gold, found)]
    if not all(parsed):
        return "undecided"
    ahead = verify(parsed[0], parsed[1], timeout_seconds=None)
    back = verify(parsed[1], parsed[0], timeout_seconds=None)
    if ahead != back:
        return "undecided"
    return "correct" if ahead else "wrong"

"""A question and an answer → whether the answer only repeats what was to be computed or rewritten; used by verify."""

import re

from limo.answers.parse.spelling import compact, normal

RULES = frozenset(["value", "base", "identity"])  # by which another form of the reference answer is equal to it
_TASK = r"compute|calculate|evaluate|simplify|expand|factor|factori[sz]e|rewrite|write|express|convert|rationali[sz]e"
_FORMULA = r"\$\$?(?P<dollar>[^$]{1,400})\$|\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]"
_ASKED = re.compile(rf"\b(?:{_TASK}|value of|what is)\b[^.?!]{{0,60}}?(?:{_FORMULA})", re.IGNORECASE | re.DOTALL)
_NUMERAL = re.compile(r"[-+]?[\d.,]+%?|-?\\frac\{?-?\d+\}?\{?\d+\}?|-?\d+/\d+")
_UNIT = re.compile(r"\\degree ?[CF]?|\\text\{[^{}]*\}\s*(?:\^\s*\{?\s*-?\d\s*\}?)?")
_POWER = re.compile(r"[-+]?(?:[\d.,]+\*)?[\d.,]+\^\{?-?\d+\}?|\(?[\d.,]+\)?!")  # 2^10, 3 * 10^8, 7!
_OPERATION = re.compile(r"[\d)}]\s*(?:[-+*/^×÷−]|\\(?:times|cdot|div))\s*[\d({\\]")


def unfinished(gold: str, answer: str) -> bool:
    """Whether an answer is a computation, such as 9 - 4, where the reference answer is a plain number.

    A number with its unit, a power and a factorial are values.
    """
    if not _NUMERAL.fullmatch(_value(gold)) or not _OPERATION.search(bare := _UNIT.sub(" ", normal(answer))):
        return False
    return not any(form.fullmatch(compact(bare)) for form in (_NUMERAL, _POWER))


def _value(answer: str) -> str:
    return compact(_UNIT.sub(" ", normal(answer)))


def restated(question: str, answer: str) -> bool:
    """Whether the answer is the formula that the question says to compute, simplify or write in another form.

    A plain number is never that: it may be the answer as well.
    """
    spelled = compact(normal(answer))
    if len(spelled) < 3 or _NUMERAL.fullmatch(spelled):
        return False
    if _OPERATION.search(answer) and re.search(rf"(?<![\d.]){re.escape(_bare(answer))}(?![\d.(])", _bare(question)):
        return True
    formulas = (found["dollar"] or found["round"] or found["square"] for found in _ASKED.finditer(question))
    return any(compact(normal(formula)) == spelled for formula in formulas)


def _bare(text: str) -> str:
    return re.sub(r"[\s$]", "", text.replace("−", "-").replace("×", "*").replace("\\times", "*").replace("\\cdot", "*"))

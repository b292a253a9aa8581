"""A question and an answer → whether the answer only repeats what was to be computed or rewritten; used by verify."""

import re

from limo.answers.parse.spelling import compact, normal

RULES = frozenset(["value", "base", "identity"])  # by which another form of the reference answer is equal to it
_TASK = r"compute|calculate|evaluate|simplify|expand|factor|factori[sz]e|rewrite|write|express|convert|rationali[sz]e"
_FORMULA = r"\$\$?(?P<dollar>[^$]{1,400})\$|\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]"
_ASKED = re.compile(rf"\b(?:{_TASK}|value of|what is)\b[^.?!]{{0,60}}?(?:{_FORMULA})", re.IGNORECASE | re.DOTALL)
_NUMERAL = re.compile(r"[-+]?[\d.,]+%?|-?\\frac\{?-?\d+\}?\{?\d+\}?|-?\d+/\d+")


def restated(question: str, answer: str) -> bool:
    """Whether the answer is the formula that the question says to compute, simplify or write in another form.

    A plain number is never that: it may be the answer as well.
    """
    spelled = compact(normal(answer))
    if len(spelled) < 3 or _NUMERAL.fullmatch(spelled):
        return False
    formulas = (found["dollar"] or found["round"] or found["square"] for found in _ASKED.finditer(question))
    return any(compact(normal(formula)) == spelled for formula in formulas)

"""Two answers → whether computer algebra finds them equal; used by verify's workers where no other rule decides."""

import re
from typing import Any

from limo.answers.parse.spelling import normal

# What may be given to a computer algebra system: larger answers are refused before any work, on every machine alike.
LENGTH = 200
NESTING = 8
NUMERAL = 30
POWER = 400
RANGE = 10_000
_PRECISION = 50  # decimal digits of the numeric counter-check
_PROSE = re.compile(r"\\text|\\dots|[^\x00-\x7f]|(?<![\\A-Za-z])[A-Za-z]{4,}")
_ITERATED = re.compile(r"\^\s*\{?[^{}]*\^\s*\{?[^{}]*\^|!\s*\)?\s*!|\)\s*!")
_POWER = re.compile(r"\^\s*\{?\s*-?\s*(\d+)|(\d+)\s*!|\\(?:bin)?om\s*\{\s*(\d+)")


class UndecidableError(ValueError):
    """The two answers are in a form for which no rule here is trusted."""


def admissible(answer: str) -> bool:
    """Whether an answer is small and plain enough for computer algebra, judged by its text alone.

    Refused are long and deeply nested texts, numerals, powers and factorials that are too large, towers of powers,
    patterns with dots, units and prose (which Math-Verify reads as products of letters).
    """
    if len(answer) > 10 * LENGTH:
        return False
    text = normal(answer)
    if len(text) > LENGTH or _PROSE.search(text):
        return False
    if not re.search(r"[A-Za-z]", text) and re.search(r"[=<>]", text):
        return False  # a statement about numbers is simply true or false
    if _ITERATED.search(text) or any(len(numeral) > NUMERAL for numeral in re.findall(r"\d+", text)):
        return False
    if any(int(number) > POWER for match in _POWER.findall(text) for number in match if number):
        return False
    if re.search(r"\\(?:sum|prod|int|lim)", text) and not _short_range(text):
        return False
    level = deepest = 0
    for mark in re.findall(r"[({\[)}\]]", text):
        level += 1 if mark in "({[" else -1
        deepest = max(deepest, level)
    return deepest <= NESTING


def _short_range(text: str) -> bool:
    """Whether a sum, product or integral has only numbers up to RANGE in it, so that its terms can be gone through."""
    powers = [
        int(base) ** int(power) for base, power in re.findall(r"(?<![\d.])(\d{1,4})\s*\^\s*\{?\s*(\d{1,3})", text)
    ]
    return max([0, *powers, *(int(numeral) for numeral in re.findall(r"\d+", text))]) <= RANGE and "!" not in text


def symbolic(gold: str, answer: str) -> bool:
    """Whether two answers are equal for Math-Verify, in both argument orders, and by value.

    It may take very long or much memory: call it in a process that can be killed (`verify.Verifier`). It sets no
    timer, so its verdict does not depend on the machine's load.

    Raises:
        UndecidableError: an answer is not `admissible` or does not parse; the argument orders disagree; the values
            disagree with Math-Verify, or there is no value to check its "equal" with.
    """
    from math_verify import verify  # noqa: PLC0415 - a second to import, and most answers never need it

    for side in (gold, answer):
        if not admissible(side):
            raise UndecidableError(f"{side!r} is too large, or no plain formula")
    one, other = _parse(gold), _parse(answer)
    equal = _equal_value(one, other)
    if equal is False:
        return False
    options = {"float_rounding": 12, "allow_set_relation_comp": True, "timeout_seconds": None, "raise_on_error": True}
    ahead, back = verify(one, other, **options), verify(other, one, **options)
    if ahead != back or (equal and not ahead):
        raise UndecidableError(f"{gold!r} and {answer!r}: values and argument orders disagree")
    return ahead


def _parse(answer: str) -> Any:
    from math_verify import LatexExtractionConfig, parse  # noqa: PLC0415 - see symbolic

    # Only LaTeX: its other readers take the first number of a text for the whole of it.
    options = {"fallback_mode": "no_fallback", "parsing_timeout": None, "raise_on_error": True}
    expressions = parse(f"${normal(answer)}$", (LatexExtractionConfig(),), **options)
    if not expressions:
        raise UndecidableError(f"{answer!r} does not parse")
    return expressions[0]


def _equal_value(one: Any, other: Any) -> bool | None:
    """Whether two expressions have the same value, or None for what has no single value (relations, intervals, ...).

    Math-Verify rounds to decimal places, so that 1/2^99 and 1/2^98 are both 0: here the difference counts relative to
    the size, with one rational number for each variable. Sets are compared by their elements.
    """
    import sympy  # noqa: PLC0415 - see symbolic

    if isinstance(one, sympy.Eq) != isinstance(other, sympy.Eq):  # x = 3 is 3
        one, other = (side.rhs if isinstance(side, sympy.Eq) else side for side in (one, other))
    if isinstance(one, sympy.FiniteSet) and isinstance(other, sympy.FiniteSet):
        return len(one) == len(other) and all(any(_equal_value(a, b) is not False for b in other) for a in one)
    if not isinstance(one, sympy.Expr) or not isinstance(other, sympy.Expr):
        return None
    names = sorted(one.free_symbols | other.free_symbols, key=str)
    point = {name: sympy.Rational(17 + 12 * index, 11) for index, name in enumerate(names)}
    left, right = (sympy.N(side.subs(point), _PRECISION) for side in (one, other))
    return left == right or bool(abs(left - right) <= sympy.Float("1e-9") * max(abs(left), abs(right)))

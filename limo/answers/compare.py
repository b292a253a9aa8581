import re
from fractions import Fraction
from typing import Any, Literal

_SPELLINGS = [
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"\\[dt]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\(?:left|right|displaystyle|quad)(?![A-Za-z])|\\[,;:> ]|~"), " "),
    (re.compile(r"\\!"), ""),
    (re.compile(r"\\?\$|\\[()\[\]]"), " "),
    (re.compile(r"\\(?:text|textbf|textit|mathrm|mbox|operatorname)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\(?:times|cdot)(?![A-Za-z])|×|⋅"), "*"),
    (re.compile(r"\\(?:leq|leqslant)(?![A-Za-z])|≤"), r"\\le "),
    (re.compile(r"\\(?:geq|geqslant)(?![A-Za-z])|≥"), r"\\ge "),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\sqrt\s*(\d)(?!\d)"), r"\\sqrt{\1}"),
    (re.compile(r"\\frac\s*(\d)\s*(?=[\d{\\])"), r"\\frac{\1}"),
    (re.compile(r"(\\frac\s*\{(?:[^{}]|\{[^{}]*\})*\})\s*(\d)(?!\d)"), r"\1{\2}"),
    (re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)|°"), " degrees"),
    (re.compile(r"\bsqrt\s*\(([^()]*)\)"), r"\\sqrt{\1}"),
    (re.compile(r"^\(\((-?\d+)\)/\((-?\d+)\)\)$"), r"\1/\2"),
    (re.compile(r"\{([-+])\}"), r"\1"),
    (re.compile(r"^\{([^{}]*)\}$|^\((-?\d+/\d+)\)$"), r"\1\2"),
    (re.compile(r"\s+"), " "),
    (re.compile(r"(?<=\d) (?=[A-Za-z](?![A-Za-z]))"), ""),
    (re.compile(r" ?([^\w ,]) ?"), r"\1"),
    (re.compile(r" ?, ?(?!\d{3}(?!\d))"), ","),  # "1, 234" may be two numbers, "1,234" is one
]
_INTEGER = r"\d{1,3}(?:,\d{3})+|\d+"
_DECIMAL = rf"(?:{_INTEGER})(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)(?:(?:(?P<whole>{_INTEGER}) ?)?\\frac\{{(?P<top>-?(?:{_INTEGER}))\}}\{{(?P<bottom>{_INTEGER})\}}"
    rf"|(?:(?P<whole2>\d+) )?(?P<top2>{_INTEGER})/(?P<bottom2>{_INTEGER})"
    rf"|(?P<decimal>{_DECIMAL})(?:(?:\*10\^\{{?|[eE])(?P<power>[-+]?\d+)\}}?)?)(?P<percent>%?)"
)
# A unit is a word of three letters or a common abbreviation; shorter runs of letters may be variables.
_UNIT = re.compile(
    r"(?P<value>.+?) (?P<unit>(?:[A-Za-z]{3,}|cm|mm|km|kg|mg|ml|ft|hr|AM|PM|am|pm)(?: [A-Za-z]+)*(?:\^.+)?)"
)
_ASSIGNED = re.compile(r"(?:[A-Za-z]|[a-z]\([a-z]\))=(?P<value>[^=<>]+)")
_LETTER = re.compile(r"\(?([A-Za-z])\)?")
_DOTS = re.compile(r"\\[lc]?dots|\.\.\.|…")
_KNOWN = (
    "arc(?:sin|cos|tan)|sinh?|cosh?|tanh?|cot|sec|csc|log|exp|sqrt|max|min|gcd|lcm|mod|and|[bpvV]?matrix|cases|array"
)
_PROSE = re.compile(rf"(?<!\\)(?<![A-Za-z])(?!(?:{_KNOWN})(?![A-Za-z]))[A-Za-z]{{3,}}")
_LETTERS = re.compile(r"[A-Za-z]+")
_WORDS = re.compile(r"[A-Za-z ,']{3,}")
_NUMERAL = re.compile(
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|teen|twenty|ty\b|hundred|half"
)
_DIGITS = 400  # numbers beyond this many digits are no plain answers; their arithmetic could be a bomb
_PRECISION = 50  # decimal digits of the numeric counter-check


class UndecidableError(ValueError):
    """The two answers are in a form for which no rule here is trusted."""


def normal(answer: str) -> str:
    r"""An answer in one spelling: no $ or spacing commands, \text unwrapped, one kind of fraction, no final period."""
    for pattern, spelling in _SPELLINGS:
        answer = pattern.sub(spelling, answer)
    answer = answer.strip()
    return answer[:-1].strip() if answer.endswith(".") and not answer.endswith("..") else answer


def quick(gold: str, found: str) -> Literal["correct", "wrong"] | None:
    """Decide what needs no computer algebra, or None where these rules do not decide.

    Equal: the same spelling, but for "x =" on one side, brackets around one letter, the case of a word, and a unit
    that only one side has. Plain numbers (integer, decimal, fraction, mixed number, power of ten) are compared
    exactly, without tolerance; a percent sign means hundredths, or is a unit where only one side has it. Ratios a:b:c
    are compared by their proportions. Letters of different case, two different words, and words without a numeral
    where a number is due are wrong.
    """
    gold, found = normal(gold), normal(found)
    gold, found = _bare(gold, found), _bare(found, gold)
    if not gold or not found:
        return None
    return _by_spelling(gold, found) or _by_value(gold, found)


def number(answer: str) -> Fraction | None:
    """The exact value of a plain number in `normal` spelling, percent as hundredths; None for anything else."""
    match = _NUMBER.fullmatch(answer)
    if match is None or len(answer) > _DIGITS or abs(int(match["power"] or 0)) > _DIGITS:
        return None
    top, bottom, whole = (match[name] or match[f"{name}2"] for name in ("top", "bottom", "whole"))
    if match["decimal"]:
        value = Fraction(match["decimal"].replace(",", "")) * Fraction(10) ** int(match["power"] or 0)
    elif int(bottom.replace(",", "")) == 0:
        return None
    else:
        value = int((whole or "0").replace(",", "")) + Fraction(int(top.replace(",", "")), int(bottom.replace(",", "")))
    return value * (-1 if match["sign"] == "-" else 1) / (100 if match["percent"] else 1)


def symbolic(gold: str, found: str) -> bool:
    """Whether two answers are equal for Math-Verify, in both argument orders, and by value.

    It may run forever or eat all memory: call it in a process that can be killed (`verify.Verifier`). It sets no
    timer, so its verdict does not depend on the machine's load.

    Raises:
        UndecidableError: an answer does not parse, or is in a form that Math-Verify misreads; the argument orders
            disagree; or the values are equal where Math-Verify finds a difference (it takes its own errors, such as
            exhausted memory, for one).
    """
    from math_verify import verify  # noqa: PLC0415 - a second to import, and most answers never need it

    one, other = _parse(gold), _parse(found)
    equal = _equal_value(one, other)
    if equal is False:
        return False
    options = {"float_rounding": 12, "allow_set_relation_comp": True, "timeout_seconds": None, "raise_on_error": True}
    ahead, back = verify(one, other, **options), verify(other, one, **options)
    if ahead != back or (equal and not ahead):
        raise UndecidableError(f"{gold!r} and {found!r}: values and argument orders disagree")
    return ahead


def _bare(answer: str, other: str) -> str:
    assigned = _ASSIGNED.fullmatch(answer)
    if assigned and "=" not in other:
        answer = assigned["value"]
    letter = _LETTER.fullmatch(answer)
    return letter[1] if letter else answer


def _by_spelling(gold: str, found: str) -> Literal["correct", "wrong"] | None:
    if gold == found:
        return "correct"
    if gold.lower() == found.lower():
        pairs = zip(_LETTERS.findall(gold), _LETTERS.findall(found), strict=False)
        return "correct" if all(len(one) > 2 or one == other for one, other in pairs) else "wrong"
    letters = len(gold) == len(found) == 1 and gold.isalpha() and found.isalpha()
    if letters or (_PROSE.fullmatch(gold) and _PROSE.fullmatch(found)):
        return "wrong"
    return None


def _by_value(gold: str, found: str) -> Literal["correct", "wrong"] | None:
    if (one := _quantity(gold)) and (other := _quantity(found)):
        return _same(one, other)
    if (ratio := _ratio(gold)) and (another := _ratio(found)):
        return "correct" if ratio == another else "wrong"
    if number(gold) is not None and _WORDS.fullmatch(found) and not _NUMERAL.search(found.lower()):
        return "wrong"
    return None


def _quantity(answer: str) -> tuple[Fraction, str, bool] | None:
    """Value, unit (empty without one) and whether it is a percentage, or None for what is no plain number."""
    with_unit = _UNIT.fullmatch(answer)
    plain, unit = (with_unit["value"], with_unit["unit"].lower()) if with_unit else (answer, "")
    value = number(plain)
    return None if value is None else (value, unit.removesuffix("s"), plain.endswith("%"))


def _same(one: tuple[Fraction, str, bool], other: tuple[Fraction, str, bool]) -> Literal["correct", "wrong"] | None:
    if one[1] and other[1] and one[1] != other[1]:
        return None
    equal = one[0] == other[0]
    if one[2] != other[2]:
        equal = equal or one[0] * (100 if one[2] else 1) == other[0] * (100 if other[2] else 1)
    return "correct" if equal else "wrong"


def _ratio(answer: str) -> tuple[Fraction, ...] | None:
    parts = [number(part) for part in answer.split(":")]
    if len(parts) < 2 or not parts[0] or any(part is None for part in parts):
        return None
    return tuple(part / parts[0] for part in parts if part is not None)


def _parse(answer: str) -> Any:
    from math_verify import LatexExtractionConfig, parse  # noqa: PLC0415 - see symbolic

    text = normal(answer)
    # Math-Verify skips dots and drops units, and reads words as products of letters.
    if _DOTS.search(text) or _UNIT.fullmatch(text) or _PROSE.search(text):
        raise UndecidableError(f"{answer!r} is a pattern, has a unit or is prose")
    # Only LaTeX: its other readers take the first number of a text for the whole of it.
    options = {"fallback_mode": "no_fallback", "parsing_timeout": None, "raise_on_error": True}
    expressions = parse(f"${text}$", (LatexExtractionConfig(),), **options)
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

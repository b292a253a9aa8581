r"""The text of a step → its numeric equalities, recomputed: true, false or undecided; used by measures.

An equality is `=` between two expressions of numbers alone. What is read is cut out of prose, markdown and LaTeX: in
doubt (a variable, a word that calculates, a unit, a modulus, a condition) an equality is undecided, never false.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from limo.answers.compare.arithmetic import Effort, NoValueError, TooLargeError, floating, is_real
from limo.answers.compare.value import evaluate
from limo.answers.parse.expression import expression
from limo.answers.parse.numerals import Node, NoExpressionError
from limo.answers.parse.tokens import tokens
from limo.quality.exact import exact
from limo.quality.sides import left, right
from limo.quality.signs import NEWLINE, signs
from limo.quality.steps import numeral, unmarked

_MOST = 2_000  # equalities of a step that are computed
_BITS = 4_000  # of any intermediate value, reckoned before it is computed
_DIGITS = 30  # of a value that is not rational
_LEAST = Fraction(1, 10**12)  # relative difference of irrational values that count as equal
# Words that make a false equality no claim: a condition, a doubt, a refutation, another arithmetic.
_NO_CLAIM = re.compile(
    r"(?i)\b(?:if|suppose|assum\w*|not|cannot|can't|isn't|doesn't|"
    r"don't|no|contradict\w*|impossible|false|incorrect\w*|wrong\w*|mistake\w*|error\w*|would|wait|instead|guess\w*|try|trying|let's|"
    r"unless|hmm|approx\w*|about|roughly|round\w*|nearly|almost|estimate\w*|hypothe\w*|matrix|vector|set|let|clock|"
    r"solve|solving|whether|check|checking|when|either|equation)\b|≠|\\ne|\?|⊕|\\not"
)
# Arithmetic in which equals signs mean less: congruences, last digits, other bases.
_ANOTHER = re.compile(
    r"(?i)\b(?:mod|modulo|modulus|modular|congruen\w+|remainders?|residues?|binary|octal|hexadecimal|base[- ]\w+|"
    r"(?:last|units?|ones|final) digits?)\b|≡|\\equiv|\\pmod|\\bmod"
)
# One of these is in every text that the pattern finds something in; it also reads ſ as s, ı and İ as i.
_OTHER_WORDS = (
    *("mod", "congruen", "remainder", "residue", "binary", "octal", "hexadecimal", "base", "digit", r"\equiv", "≡"),
    *("ſ", "ı", "\u0307"),
)

# A variable beside an equals sign, but for signs and numbers between them: no side of numbers alone can be there. In
# doubt (a word, a cross, a list's asterisks) there is none. They spare four of ten steps that have the sign all else.
_LETTER = r"[^\W\d_]"
_SIGNS = r"[0-9 \t+/^−–×·&-]|(?<!\*)\*(?!\*)|\.(?=\d)"
_VARIABLE_LEFT = re.compile(rf"(?<!{_LETTER})(?<!\\)(?<!{_LETTER}[-'’])(?!x [\d(])[A-Za-z](?:{_SIGNS}|\))*\$?[ \t&]*=")
_VARIABLE_RIGHT = re.compile(rf"=[ \t&]*\$?(?:{_SIGNS}|\()*(?!x [\d(])[A-Za-z](?!{_LETTER})")
_MIXED = re.compile(r"(?<=\d) (?=\\frac)")
_UNIT = re.compile(r"%|\\degree")
_NUMERAL = re.compile(r"\d+(?:\.\d+)?|\.\d+")


class Equality(NamedTuple):
    """One equality with a computation on a side: whether it holds (None: undecided), and the numbers in it."""

    holds: bool | None
    numbers: frozenset[str]


def another_arithmetic(text: str) -> bool:
    """Whether a text reckons modulo something, with last digits or in another base: there 2^6 = 4 is no error."""
    lowered = text.lower()
    if not any(word in lowered for word in _OTHER_WORDS):
        return False
    return _ANOTHER.search(text) is not None


def equalities(step: str, *, another: bool) -> list[Equality]:
    """The equalities between numbers that a step states, those of a = b = c one by one, in order.

    Two bare numbers (`7 = 7`) state nothing, nor does the value of a variable (`x = 3`). A decimal stands for every
    value that it is the rounding or the cut of.

    Args:
        step: its text.
        another: whether its chain or question is `another_arithmetic`, so that nothing is called false.
    """
    if "=" not in step and "＝" not in step:
        return []
    text = unmarked(step)
    if not _may_state(text):
        return []
    stream, lines = signs(text)
    found: list[Equality] = []
    for place in [place for place, (kind, _) in enumerate(stream) if kind == "equal"]:
        if len(found) >= _MOST:
            break
        if (one := left(stream, place)) is None or (other := right(stream, place)) is None:
            continue
        equality = _compared(one.text, other.text)
        if equality is None:
            continue
        if equality.holds is False and (
            another or one.units or other.units or _NO_CLAIM.search(lines[stream[:place].count(NEWLINE)])
        ):
            equality = equality._replace(holds=None)
        found.append(equality)
    return found


def _may_state(text: str) -> bool:
    """Whether some equals sign of a text has no variable beside it."""
    refused = {match.end() - 1 for match in _VARIABLE_LEFT.finditer(text)}
    refused.update(match.start() for match in _VARIABLE_RIGHT.finditer(text))
    return len(refused) < text.count("=") or "＝" in text


@lru_cache(maxsize=20_000)
def _compared(one: str, other: str) -> Equality | None:
    """Two sides as an equality; None where one is no expression, or none a computation.

    What may be meant otherwise, or is the beginning of a running sum (1 + 2 + 3 = 1 + 2 = 3), is not false.
    """
    first, second = exact(one), exact(other)
    if first and second and not (first.computed or second.computed):
        return None
    if first and second and first.top * second.bottom == second.top * first.bottom:
        return Equality(True, _numbers(one, other))
    nodes = [node for side in (one, other) if (node := _node(side)) is not None]
    if len(nodes) < 2 or not any(map(_computation, nodes)):
        return None
    holds = _equal(*nodes)
    if holds is False:
        holds = _otherwise(one, other)
    return Equality(holds, _numbers(one, other))


def _numbers(one: str, other: str) -> frozenset[str]:
    return frozenset(map(numeral, _NUMERAL.findall(f"{one} {other}")))


def _otherwise(left: str, right: str) -> bool | None:
    """Whether sides that differ are equal as they may be meant too; None where nobody can tell.

    Percent and degrees may be units, a final ! an exclamation mark, 2 1/2 a product, a side the beginning of a sum.
    """
    exclaimed = right.endswith("!") and right.count("!") == 1
    meant = [
        _UNIT.sub("", _MIXED.sub(" * ", side)).strip() for side in (left, right.rstrip("!") if exclaimed else right)
    ]
    nodes = [node for side in meant if (node := _node(side)) is not None]
    if meant != [left, right] and len(nodes) == 2 and _equal(*nodes):
        return True
    return None if "%" in left + right or left.startswith((f"{right} +", f"{right} -")) else False


def _node(side: str) -> Node | None:
    try:
        node = expression(tokens(re.sub(r"(?<=\\degree) | (?=\^)", "", side)))
    except NoExpressionError:
        return None
    return node if _size(node) is not None else None


def _size(node: Node) -> int | None:
    """Bits that the value may have, at most; None for more than are computed, and for what is no number."""
    kind = node[0]
    if kind == "num":
        return max(node[1].numerator.bit_length(), node[1].denominator.bit_length())
    if kind == "const":
        return 8 if node[1] == "pi" else None
    if kind not in {"add", "neg", "mul", "div", "pow", "root", "abs", "fact", "binom", "deg", "percent", "gcd", "lcm"}:
        return None
    sizes = [_size(child) for child in node[1:]]
    if None in sizes:
        return None
    bits = sum(size for size in sizes if size is not None) + 8
    if kind in {"pow", "fact", "binom"}:
        power = node[2] if kind == "pow" else node[1]
        value = _whole(power)
        if value is None:
            return None
        bits = (sizes[0] or 0) * max(1, value) if kind == "pow" else value * (sizes[-1] or 0) + 8
    return bits if bits <= _BITS else None


def _whole(node: Node) -> int | None:
    """The absolute value of a numeral, rounded up; that of a small fraction as a power too."""
    while node[0] == "neg":
        node = node[1]
    if node[0] == "num" and node[1] <= _BITS:
        return int(node[1]) + 1
    if node[0] == "div" and all(part[0] == "num" for part in node[1:]) and node[2][1]:
        return _whole(("num", node[1][1] / node[2][1], None))
    return None


def _computation(node: Node) -> bool:
    return node[0] not in {"num", "const", "neg", "percent", "deg"} or (
        node[0] in {"neg", "percent", "deg"} and _computation(node[1])
    )


def _equal(one: Node, other: Node) -> bool | None:
    """Exactly, or within one unit of the last digit of the decimals; None where rounded factors may explain it."""
    Effort.reset()
    try:
        values = [evaluate(node, {}, _DIGITS) for node in (one, other)]
    except (NoValueError, TooLargeError):
        return None
    if not all(is_real(value) for value in values):
        return None
    if values[0] == values[1]:
        return True
    exact = all(isinstance(value, Fraction) for value in values)
    first, second = values if exact else [Fraction(str(floating(value))) for value in values]
    difference, size = abs(first - second), max(abs(first), abs(second))
    last = max(_last_place(one), _last_place(other))
    if difference < last or (not exact and difference <= size * _LEAST):
        return True
    loose = sum((_looseness(node) for node in (one, other) if _computation(node)), Fraction(0))
    return None if difference <= size * loose + last else False


def _last_place(node: Node) -> Fraction:
    """The unit of the last digit of a side that is one decimal, else 0."""
    if node[0] in {"neg", "abs"}:
        return _last_place(node[1])
    if node[0] == "percent":
        return _last_place(node[1]) / 100
    return node[2] or Fraction(0) if node[0] == "num" else Fraction(0)


def _looseness(node: Node) -> Fraction:
    """How far rounded decimals among the operands may move a value, relatively: those of three places and more."""
    if node[0] == "num":
        return node[2] / node[1] if node[2] and node[2] < Fraction(1, 50) and node[1] else Fraction(0)
    return sum((_looseness(child) for child in node[1:] if isinstance(child, tuple)), Fraction(0))

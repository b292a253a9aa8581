"""Tokens of an answer → its form: a quantity, a relation, a list, a set, words; used by readings."""

from fractions import Fraction
from itertools import product

from limo.answers.parse.conditions import RELATIONS, conditioned, declared, declares, remarks, stripped
from limo.answers.parse.forms import (
    EMPTY,
    REALS,
    Answer,
    Conditioned,
    Opaque,
    Quantity,
    Relation,
    Sequence,
    Union,
    Words,
    letters,
)
from limo.answers.parse.groups import grouped
from limo.answers.parse.matrix import matrix, scaled_matrix
from limo.answers.parse.numerals import NoExpressionError
from limo.answers.parse.quantity import quantity, stated, summed, whole_number_condition
from limo.answers.parse.spelling import compact
from limo.answers.parse.tokens import CLOSING, OPENING, Token, closes, joined_text, spell, split, trimmed
from limo.answers.parse.units import unit
from limo.answers.parse.words import (
    EVERY_REAL,
    NUMERALS,
    SYNONYMS,
    counted,
    denies,
    listed_words,
    plain_words,
    unwrapped,
)

_SETS = frozenset(["R", "Z", "N", "Q", "mathbb:R"])  # letters of sets of numbers
_RELATIONS = {
    "=": "=",
    "<": "<",
    ">": ">",
    "le": "le",
    "ge": "ge",
    "ne": "ne",
    "in": "in",
    "approx": "approx",
    "equiv": "=",
}


def structure(stream: list[Token], spelled: str) -> Answer:
    """The form of a token list; `spelled` is its text, for what turns out to be words."""
    try:
        return _structure(stream, spelled)
    except (NoExpressionError, RecursionError, ZeroDivisionError):
        pass
    words = plain_words(spelled)
    if any(kind == "text" for kind, _ in stream) and not words.startswith("\\"):
        return Words(listed_words(spelled) or words)
    return Opaque(compact(spelled))


def _structure(stream: list[Token], spelled: str) -> Answer:
    stream = trimmed(stream)
    words = plain_words(spelled)
    if denies(words) or stream in ([("cmd", "emptyset")], [("op", r"\{"), ("op", r"\}")]):
        return EMPTY
    if words in SYNONYMS:
        return Words(SYNONYMS[words])
    if words in EVERY_REAL:
        return REALS
    if words in NUMERALS:
        return Quantity(("num", Fraction(NUMERALS[words]), None), "")
    if (number := counted(unwrapped(spelled))) and not number[1]:
        return Quantity(("num", number[0], None), "")
    if not stream:
        raise NoExpressionError("empty")
    return _joined(stream)


def _joined(stream: list[Token]) -> Answer:
    if apart := conditioned(stream):
        try:
            return _conditioned(*apart)
        except NoExpressionError:
            pass
    parts, separators = split(stream, {",", ";", "and", "or"})
    if len(parts) == 1:
        items = _expanded(stream)
        return items[0] if len(items) == 1 else Sequence("", "", tuple(items))
    items, sayings = [], []
    for part, before in zip(parts, ["", *separators], strict=True):
        bare = trimmed(part)
        if items and declares(bare):
            sayings.append(bare)
        elif bare:
            items.extend(_named(item, before) for item in _expanded(bare))
    kept, conditions = _told_apart(summed(items))
    said = kept[0] if len(kept) == 1 else Sequence("", "", grouped(kept, separators))
    if not conditions and not sayings:
        return said
    free = [name for condition in conditions if condition.operators == ("in",) for name in sorted(letters(condition))]
    free += [name for saying in sayings for name in declared(saying)]
    words = [Words(plain_words(spell(saying))) for saying in sayings]
    return Conditioned(said, (*conditions, *words), tuple(dict.fromkeys(free)))


def _conditioned(said: list[Token], tail: list[Token]) -> Answer:
    """An answer with the condition in words behind it."""
    answer = _joined(said)
    if isinstance(answer, Words | Opaque):
        raise NoExpressionError("words with more words behind them")
    condition = structure(stripped(tail), spell(tail))
    outer = Conditioned(answer, (condition,), declared(tail))
    if not isinstance(answer, Conditioned):
        return outer
    return Conditioned(answer.answer, (*answer.conditions, condition), (*answer.free, *outer.free))


def _told_apart(items: list[Answer]) -> tuple[list[Answer], list[Relation]]:
    """The values of a list, and the conditions behind them: inequalities and memberships of letters in these values."""
    limits = {"<", ">", "le", "ge", "ne", "in"}
    named = [isinstance(item, Relation) and bool(limits & {*item.operators}) for item in items]
    first = next((place for place, limit in enumerate(named) if limit), 0)
    known = frozenset[str]().union(_SETS, *map(_restricted, items[:first]))
    conditions = [item for item in items[first:] if isinstance(item, Relation) and letters(item) <= known]
    others = [item for item in items[first:] if not whole_number_condition(item) and item not in conditions]
    if first == 0 or not all(named[first:]) or others:
        return [item for item in items if not whole_number_condition(item)] or items, []
    return items[:first], conditions


def _restricted(item: Answer) -> frozenset[str]:
    """The letters that a condition may restrict: those of a value, so that x = 0, x > 1 are two answers."""
    return letters(item.terms[-1] if isinstance(item, Relation) and {*item.operators} == {"="} else item)


def _named(item: Answer, before: str) -> Answer:
    return Relation(item.operators, item.terms, item.names, before) if isinstance(item, Relation) else item


def _expanded(stream: list[Token]) -> list[Answer]:
    """One answer, or those that its ± signs stand for."""
    places = [k for k, token in enumerate(stream) if token in {("cmd", "pm"), ("cmd", "mp")}]
    if not places or len(places) > 4:
        return [_single(stream)]
    if stream[0] == ("op", r"\{"):  # a set expands its own items
        return [_single(stream)]
    linked = any(stream[k][1] == "mp" for k in places)
    choices = [[0] * len(places), [1] * len(places)] if linked else list(product((0, 1), repeat=len(places)))
    expanded = []
    for choice in choices:
        signed = list(stream)
        for k, side in zip(places, choice, strict=True):
            signed[k] = ("op", "+-"[side] if stream[k][1] == "pm" else "-+"[side])
        expanded.append(_single(signed))
    return expanded


def _single(stream: list[Token]) -> Answer:
    if not stream:
        raise NoExpressionError("empty")
    if stream == [("cmd", "dots")]:
        return Opaque(r"\dots")
    stream = stated(stream)
    if stream[-1] == ("op", ")") and (start := _condition(stream)):
        inside = stream[start + 1 : -1]
        named = unit(spell(inside)) if remarks(inside) else None
        if named and named.known:  # 5 (cm)
            return _single([*stream[:start], *inside])
        return _with_condition(_single(stream[:start]), inside)
    parts, operators = split(stream, set(_RELATIONS))
    if operators:
        return _relation(parts, operators)
    for read in (_hyphenated, _union, _membership, _environment, _bracketed, _ratio):
        if (answer := read(stream)) is not None:
            return answer
    return quantity(stream)


def _with_condition(said: Answer, inside: list[Token]) -> Answer:
    """An answer and what stands in brackets behind it: a condition on its letters, or another value."""
    condition = Words(plain_words(spell(inside))) if remarks(inside) else structure(stripped(inside), spell(inside))
    if letters(condition) <= letters(said) | _SETS or stripped(inside) != trimmed(inside):
        return Conditioned(said, (condition,), declared(inside))
    return said if whole_number_condition(condition) else Sequence("", "", (said, condition))


def _hyphenated(stream: list[Token]) -> Answer | None:
    """Two numbers with a hyphen, and the unit of both: 110-130 cm; LaTeX writes two hyphens."""
    kinds = [kind for kind, _ in stream]
    dashes = 2 if stream[1:3] == [("op", "-")] * 2 else 1
    if kinds[0] != "num" or stream[1:2] != [("op", "-")] or kinds[1 + dashes : 2 + dashes] != ["num"]:
        return None
    rest = stream[2 + dashes :]
    if any(kind != "text" and token not in {("op", "%"), ("cmd", "degree")} for token in rest for kind in token[:1]):
        return None
    return Sequence("-", "-", (quantity([stream[0], *rest]), quantity([stream[1 + dashes], *rest])))


def _union(stream: list[Token]) -> Answer | None:
    for operator in ("cup", "cap", "setminus"):
        parts, separators = split(stream, {operator})
        if separators:
            return Union(operator, tuple(_inner(part) for part in parts))
    return None


def _membership(stream: list[Token]) -> Answer | None:
    """A letter before a half-open interval: t(0, 4] for t in (0, 4]."""
    if (
        len(stream) > 5
        and stream[0][0] == "letter"
        and stream[1][1] + stream[-1][1] in {"(]", "[)"}
        and closes(stream[1:]) == len(stream) - 2
    ):
        return _relation([stream[:1], stream[1:]], ["in"])
    return None


def _environment(stream: list[Token]) -> Answer | None:
    r"""What ends in a LaTeX environment: a matrix, perhaps with a factor, or cases behind a \{."""
    begin = next((k for k, token in enumerate(stream) if token[0] == "begin"), None)
    if stream[0] == ("op", r"\{") and stream[-1][0] == "end" and begin == 1:
        return _matrix([("begin", "cases"), *stream[2:-1], ("end", "cases")])
    if begin is not None and stream[-1] == ("end", stream[begin][1]):
        return scaled_matrix(stream[:begin], _matrix(stream[begin:]))
    return None


def _bracketed(stream: list[Token]) -> Answer | None:
    """What stands in brackets as a whole: a set, a tuple, an interval, or an answer with brackets around it."""
    if stream[0] == ("cmd", "langle") and stream[-1] == ("cmd", "rangle"):
        return Sequence("(", ")", _items(stream[1:-1]))
    opening, inside, closing = stream[0][1], stream[1:-1], stream[-1][1]
    if stream[0][0] != "op" or opening not in OPENING or closes(stream) != len(stream) - 1:
        return None
    if opening == "{" and any(split(inside, {mark})[1] for mark in (",", "mid", "|")):
        return _set(inside)  # a set whose backslashes were lost
    if opening == "{":
        return _joined(trimmed(inside))
    if opening == r"\{":
        return _set(inside)
    if inside and inside[0][0] == "begin" and inside[-1] == ("end", inside[0][1]):
        return _matrix(inside)
    if len(split(inside, {",", ";"})[0]) > 1:
        return Sequence(opening, closing, _items(inside))
    if opening + closing == "()" and any(kind == "text" for kind, _ in inside):
        return _joined(inside)
    return _inner(inside) if opening + closing == "[]" else None


def _ratio(stream: list[Token]) -> Answer | None:
    parts, separators = split(stream, {":"})
    return Sequence(":", ":", tuple(_inner(part) for part in parts)) if separators else None


def _condition(stream: list[Token]) -> int:
    """Where a condition or remark in brackets starts that ends a formula, as in y = x (x > 0); 0 if there is none."""
    level = 0
    for place in range(len(stream) - 1, 0, -1):
        level += (stream[place][1] in CLOSING) - (stream[place][1] in OPENING)
        if level == 0:
            inside = stream[place + 1 : -1]
            return place if remarks(inside) or split(inside, set(RELATIONS))[1] else 0
    return 0


def _inner(stream: list[Token]) -> Answer:
    stream = trimmed(stream)
    answers = _expanded(stream)
    return answers[0] if len(answers) == 1 else Sequence("", "", tuple(answers))


def _items(stream: list[Token]) -> tuple[Answer, ...]:
    parts, _ = split(stream, {",", ";", "and", "or"})
    items: list[Answer] = []
    for part in parts:
        items.extend(_expanded(trimmed(part)))
    return tuple(items)


def _set(inside: list[Token]) -> Answer:
    if not inside:
        return EMPTY
    for mark in ("mid", "|", ":"):
        parts, separators = split(inside, {mark})
        if len(separators) == 1 and (len(parts[0]) == 1 or ("cmd", "in") in parts[0]):
            return _joined(parts[1])
        if len(separators) == 1 and declared(parts[1]):  # {2k : k in Z}
            return Conditioned(_inner(parts[0]), (_joined(parts[1]),), declared(parts[1]))
    return Sequence(r"\{", r"\}", _items(inside))


def _relation(parts: list[list[Token]], operators: list[str]) -> Answer:
    operators = [_RELATIONS[name] for name in operators]
    if "approx" in operators:  # x = 1/3 ≈ 0.333: what is exact counts
        cut = operators.index("approx")
        if not parts[0]:
            operators = ["=" if name == "approx" else name for name in operators]
        elif cut or parts[0][0][0] != "letter":
            parts, operators = parts[: cut + 1], operators[:cut]
        else:
            operators = ["=" if name == "approx" else name for name in operators]
        if not operators:
            return _inner(parts[0])
    if not parts[0]:
        parts, operators = parts[1:], ([] if len(parts) == 2 and operators[0] == "=" else operators[1:])
        if operators == [] and len(parts) == 1 and not parts[0]:
            raise NoExpressionError("empty")
        if not operators:
            return _inner(parts[0])
    terms = []
    for part in parts:
        try:
            terms.append(_inner(part))
        except NoExpressionError:
            terms.append(Opaque(joined_text(part)))
    return Relation(tuple(operators), tuple(terms), tuple(joined_text(part) for part in parts), "")


def _matrix(stream: list[Token]) -> Answer:
    return matrix(stream, _cell)


def _cell(stream: list[Token]) -> Answer:
    while stream and stream[0][0] == "text" and plain_words(stream[0][1]) in {"if", "for", "when", "where"}:
        stream = stream[1:]
    return structure(trimmed(stream), spell(stream))

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product

from limo.answers.expression import Node, NoExpressionError, Token, expression, tokens
from limo.answers.spelling import compact, normal
from limo.answers.units import unit

LENGTH = 4_000  # characters of an answer; a longer one is no answer
DEPTH = 40


@dataclass(frozen=True)
class Quantity:
    """An expression and the unit written after it ("" without one, "%" for a percentage, "degree" for an angle)."""

    node: Node
    unit: str


@dataclass(frozen=True)
class Sequence:
    r"""Several answers: opening "" is a plain list, "\{" a set, "(" and "[" a tuple or interval, ":" a ratio."""

    opening: str
    closing: str
    items: tuple["Answer", ...]


@dataclass(frozen=True)
class Relation:
    """Terms joined by =, <, >, le, ge, ne, in; `names` are the terms' spellings."""

    operators: tuple[str, ...]
    terms: tuple["Answer", ...]
    names: tuple[str, ...]
    joined: str  # "" or the word before it in a list ("and", "or", ",")


@dataclass(frozen=True)
class Union:
    """Sets joined by the operator `cup`, `cap` or `setminus`."""

    operator: str
    parts: tuple["Answer", ...]


@dataclass(frozen=True)
class Matrix:
    """Rows of cells; `kind` is `matrix`, or `cases` for a list of pieces."""

    kind: str
    rows: tuple[tuple["Answer", ...], ...]


@dataclass(frozen=True)
class Words:
    """Text, in lower case without punctuation and articles."""

    text: str


@dataclass(frozen=True)
class Opaque:
    """What this grammar does not read, in `compact` spelling."""

    text: str


Answer = Quantity | Sequence | Relation | Union | Matrix | Words | Opaque
EMPTY = Sequence(r"\{", r"\}", ())
REALS = Sequence("(", ")", (Quantity(("neg", ("const", "inf")), ""), Quantity(("const", "inf"), "")))

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
_OPENING = {"(", "[", r"\{", "{"}
_CLOSING = {")", "]", r"\}", "}"}
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_BARE_UNIT = re.compile(
    r"(?P<value>[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:\s*\*\s*10\s*\^\s*(?:\{\s*-?\d+\s*\}|-?\d+))?)"
    r"\s*(?P<unit>[A-Za-z][A-Za-z0-9 */^{}\-]*)"
)
_CLOCK = re.compile(r"(\d{1,2})\s*\{?:\}?\s*(\d{2})\s*(?:\\text\{\s*)?([aApP]\.?\s?[mM])?\.?\s*\}?")
_STATEMENTS = re.compile(r"(?:\(\d\)(?:\s|,|and)*){2,}")
# Words that change a value, so that it may not be read without them.
_TURNING = frozenset(
    "not less greater more fewer than least most minus negative between except over under below above up to "
    "within".split()
)
_STATES = frozenset("is are equals equal be = 是 为 等于".split())
_DEGREES = re.compile(r"\\text\{\s*(?:degrees?|度)\s*\}")
_TEMPERATURES = {"C": "celsius", "F": "fahrenheit"}
_NONE = frozenset(
    [
        "no solution",
        "no solutions",
        "none",
        "no real solution",
        "no real solutions",
        "does not exist solution",
        "empty set",
        "无解",
        "no such integer exists",
        "no real roots",
        "there is no solution",
        "there are no solutions",
        "无实数解",
        "方程无解",
        "无实根",
        "no such numbers exist",
        "no integer solutions",
        "emptyset",
    ]
)
_EVERY = frozenset(
    [
        "all real numbers",
        "all reals",
        "all real values",
        "real numbers",
        "set of all real numbers",
        "set of real numbers",
        "any real number",
        "all real x",
        "全体实数",
    ]
)
_NUMERALS = (
    {
        word: k
        for k, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty".split()
        )
    }
    | {word: k for k, word in enumerate("零一二三四五六七八九十")}
    | {
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "sixty": 60,
        "seventy": 70,
        "eighty": 80,
        "ninety": 90,
        "hundred": 100,
        "one hundred": 100,
        "thousand": 1000,
        "one thousand": 1000,
    }
)


class TooComplexError(ValueError):
    """The answer is too long or nested too deeply to be one."""


@lru_cache(maxsize=20_000)
def readings(answer: str) -> tuple[Answer, ...]:
    """All ways to read an answer: usually one; two for `1,234` (a number or a pair) and `5 m` (metres or a product).

    Raises:
        TooComplexError: it is longer than LENGTH characters or nested more than DEPTH deep.
    """
    if len(answer) > LENGTH or _deep(answer):
        raise TooComplexError(f"an answer of {len(answer)} characters")
    spelled = normal(answer)
    joined = _THOUSANDS.sub(lambda run: run[0].replace(",", ""), spelled)
    clock = _CLOCK.fullmatch(joined)
    if clock and clock[3]:
        return (_clock(clock),)
    joined = _outward(joined)
    found = [_read(joined)]
    if joined != spelled:
        found.append(_read(spelled))
    if clock:
        found.append(_clock(clock))
    if _STATEMENTS.fullmatch(joined):
        numbers = re.findall(r"\d+", joined)
        found.append(Sequence("", "", tuple(Quantity(("num", Fraction(int(number)), None), "") for number in numbers)))
    bare = _BARE_UNIT.fullmatch(joined)
    if bare and (named := unit(bare["unit"])) and named.known and named.dimensions:
        found.append(Quantity(expression(tokens(bare["value"])), bare["unit"]))
    return tuple(dict.fromkeys(found))


def _outward(spelled: str) -> str:
    """Intervals with brackets turned outward, ]a, b[, in the usual spelling."""
    turned = re.fullmatch(r"([\[\]])([^\[\]]*,[^\[\]]*)([\[\]])", spelled.strip())
    if turned is None or turned[1] + turned[3] == "[]":
        return spelled
    return f"{'[' if turned[1] == '[' else '('}{turned[2]}{']' if turned[3] == ']' else ')'}"


def _clock(time: re.Match[str]) -> Answer:
    hour, half = int(time[1]), (time[3] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Words(f"clock {hour:02d}:{time[2]}")


def _deep(answer: str) -> bool:
    level = deepest = 0
    for mark in re.findall(r"[({\[)}\]]", answer):
        level += 1 if mark in "({[" else -1
        deepest = max(deepest, level)
    return deepest > DEPTH


def _read(spelled: str) -> Answer:
    return structure(tokens(spelled), spelled)


def structure(stream: list[Token], spelled: str) -> Answer:
    """The shape of a token list; `spelled` is its text, for what turns out to be words."""
    try:
        return _structure(stream, spelled)
    except (NoExpressionError, RecursionError, ZeroDivisionError):
        pass
    words = plain_words(spelled)
    if any(kind == "text" for kind, _ in stream) and not words.startswith("\\"):
        return Words(words)
    return Opaque(compact(spelled))


def plain_words(text: str) -> str:
    """Text for comparison: lower case, commands and punctuation gone, articles dropped."""
    text = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\\([A-Za-z]+)", r" \1 ", text).lower()
    text = re.sub(r"[^\w\s+\-*/^=<>%.']|\.(?!\d)", " ", text)
    return " ".join(word for word in text.split() if word not in {"a", "an", "the"})


def _structure(stream: list[Token], spelled: str) -> Answer:
    stream = _trimmed(stream)
    words = plain_words(spelled)
    if words in _NONE or stream in ([("cmd", "emptyset")], [("op", r"\{"), ("op", r"\}")]):
        return EMPTY
    if words in _EVERY:
        return REALS
    if words in _NUMERALS:
        return Quantity(("num", Fraction(_NUMERALS[words]), None), "")
    if not stream:
        raise NoExpressionError("empty")
    return _joined(stream)


def _joined(stream: list[Token]) -> Answer:
    parts, separators = _split(stream, {",", ";", "and", "or"})
    if len(parts) > 1:
        items: list[Answer] = []
        for part, before in zip(parts, ["", *separators], strict=True):
            trimmed = _trimmed(part)
            if trimmed:
                items.extend(_named(item, before) for item in _expanded(trimmed))
        items = _summed([item for item in items if not _whole_number(item)] or items)
        if len(items) == 1:
            return items[0]
        return Sequence("", "", tuple(items))
    items = _expanded(stream)
    return items[0] if len(items) == 1 else Sequence("", "", tuple(items))


def _whole_number(item: Answer) -> bool:
    """A condition such as k in Z, which says nothing that is not usual."""
    if not isinstance(item, Relation) or item.operators != ("in",):
        return False
    return item.names[1].replace("mathbb:", "") in {"Z", "N", "Z+", "Z^+", "N*", "N^*", "N+", "N_+", "Z_+"}


def _summed(items: list[Answer]) -> list[Answer]:
    """2 hours and 30 minutes is one quantity: the same dimension in ever smaller units."""
    units = [unit(item.unit) if isinstance(item, Quantity) and item.unit else None for item in items]
    known = [each for each in units if each and each.known]
    if len(known) < 2 or len(known) != len(items) or len({each.dimensions for each in known}) > 1:
        return items
    if any(one.factor <= other.factor for one, other in pairwise(known)):
        return items
    terms = [
        ("mul", item.node, ("num", each.factor / known[-1].factor, None))
        for item, each in zip(items, known, strict=True)
        if isinstance(item, Quantity)
    ]
    last = items[-1]
    return [Quantity(("add", *terms), last.unit if isinstance(last, Quantity) else "")]


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
    found = []
    for choice in choices:
        copy = list(stream)
        for k, side in zip(places, choice, strict=True):
            copy[k] = ("op", "+-"[side] if stream[k][1] == "pm" else "-+"[side])
        found.append(_single(copy))
    return found


def _single(stream: list[Token]) -> Answer:  # noqa: C901, PLR0912 - the table of shapes
    if not stream:
        raise NoExpressionError("empty")
    if stream == [("cmd", "dots")]:
        return Opaque(r"\dots")
    stream = _stated(stream)
    if stream[-1] == ("op", ")") and (start := _condition(stream)):
        return Sequence("", "", (_single(stream[:start]), _inner(stream[start + 1 : -1])))
    parts, operators = _split(stream, set(_RELATIONS))
    if operators:
        return _relation(parts, operators)
    for operator in ("cup", "cap", "setminus"):
        parts, found = _split(stream, {operator})
        if found:
            return Union(operator, tuple(_inner(part) for part in parts))
    if (
        len(stream) > 5
        and stream[0][0] == "letter"
        and stream[1][1] + stream[-1][1] in {"(]", "[)"}
        and _closes(stream[1:]) == len(stream) - 2
    ):  # t(0, 4] for t in (0, 4]
        return _relation([stream[:1], stream[1:]], ["in"])
    begin = next((k for k, token in enumerate(stream) if token[0] == "begin"), None)
    if begin is not None and stream[-1] == ("end", stream[begin][1]):
        return _scaled(stream[:begin], _matrix(stream[begin:]))
    opening = stream[0][1]
    if stream[0] == ("op", r"\{") and stream[-1][0] == "end" and begin == 1:
        return _matrix([("begin", "cases"), *stream[2:-1], ("end", "cases")])
    if stream[0] == ("cmd", "langle") and stream[-1] == ("cmd", "rangle"):
        return Sequence("(", ")", _items(stream[1:-1]))
    if stream[0][0] == "op" and opening in _OPENING and _closes(stream) == len(stream) - 1:
        inside, closing = stream[1:-1], stream[-1][1]
        if opening == "{" and any(_split(inside, {mark})[1] for mark in (",", "mid", "|")):
            return _set(inside)  # a set whose backslashes were lost
        if opening == "{":
            return _joined(_trimmed(inside))
        if opening == r"\{":
            return _set(inside)
        if inside and inside[0][0] == "begin" and inside[-1] == ("end", inside[0][1]):
            return _matrix(inside)
        items, _ = _split(inside, {",", ";"})
        if len(items) > 1:
            return Sequence(opening, closing, _items(inside))
        if opening == "(" and closing == ")":
            if any(token[0] == "text" for token in inside):
                return _joined(inside)
        elif opening == "[" and closing == "]":
            return _inner(inside)
    parts, ratio = _split(stream, {":"})
    if ratio:
        return Sequence(":", ":", tuple(_inner(part) for part in parts))
    return _quantity(stream)


def _condition(stream: list[Token]) -> int:
    """Where a condition in brackets starts that ends a formula, as in y = x (x > 0); 0 if there is none."""
    level = 0
    for place in range(len(stream) - 1, 0, -1):
        level += (stream[place][1] in _CLOSING) - (stream[place][1] in _OPENING)
        if level == 0:
            return place if _split(stream[place + 1 : -1], {"<", ">", "le", "ge", "ne", "in", "="})[1] else 0
    return 0


def _inner(stream: list[Token]) -> Answer:
    stream = _trimmed(stream)
    found = _expanded(stream)
    return found[0] if len(found) == 1 else Sequence("", "", tuple(found))


def _items(stream: list[Token]) -> tuple[Answer, ...]:
    parts, _ = _split(stream, {",", ";", "and", "or"})
    found: list[Answer] = []
    for part in parts:
        found.extend(_expanded(_trimmed(part)))
    return tuple(found)


def _set(inside: list[Token]) -> Answer:
    if not inside:
        return EMPTY
    for mark in ("mid", "|", ":"):
        parts, found = _split(inside, {mark})
        if len(found) == 1 and (len(parts[0]) == 1 or ("cmd", "in") in parts[0]):
            return _joined(parts[1])
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
            terms.append(Opaque(_compact(part)))
    return Relation(tuple(operators), tuple(terms), tuple(_compact(part) for part in parts), "")


def _matrix(stream: list[Token]) -> Answer:
    name = stream[0][1]
    body = stream[1:-1]
    rows = [_split(row, {"&"})[0] for row in _split(body, {"cr"})[0] if row]
    cells = tuple(tuple(_cell(cell) for cell in row) for row in rows)
    if name == "cases" and all(len(row) == 1 for row in cells):
        return Sequence("", "", tuple(cell for row in cells for cell in row))
    if name in {"aligned", "align", "gathered", "split", "equation"}:
        return Sequence("", "", tuple(cell for row in cells for cell in row))
    if name == "vmatrix":
        return Quantity(_determinant([[_cell_node(cell) for cell in row] for row in cells]), "")
    return Matrix("cases" if name == "cases" else "matrix", cells)


def _cell_node(cell: Answer) -> Node:
    if not isinstance(cell, Quantity) or cell.unit:
        raise NoExpressionError("a determinant's entry is no expression")
    return cell.node


def _determinant(rows: list[list[Node]]) -> Node:
    if len(rows) > 4 or any(len(row) != len(rows) for row in rows):
        raise NoExpressionError("no determinant that is computed here")
    if len(rows) == 1:
        return rows[0][0]
    terms: list[Node] = []
    for k, entry in enumerate(rows[0]):
        minor = ("mul", entry, _determinant([row[:k] + row[k + 1 :] for row in rows[1:]]))
        terms.append(("neg", minor) if k % 2 else minor)
    return ("add", *terms)


def _scaled(before: list[Token], matrix: Answer) -> Answer:
    """A matrix with a factor, or the determinant of one."""
    if not before:
        return matrix
    if not isinstance(matrix, Matrix) or matrix.kind != "matrix":
        raise NoExpressionError("a factor before what is no matrix")
    if before == [("cmd", "det")]:
        return Quantity(_determinant([[_cell_node(cell) for cell in row] for row in matrix.rows]), "")
    sign = before == [("op", "-")]
    factor: Node = ("neg", ("num", Fraction(1), None)) if sign else expression(before)
    rows = tuple(tuple(Quantity(("mul", factor, _cell_node(cell)), "") for cell in row) for row in matrix.rows)
    return Matrix("matrix", rows)


def _cell(stream: list[Token]) -> Answer:
    return structure(_trimmed(stream), _spell(stream))


def _quantity(stream: list[Token]) -> Answer:  # noqa: C901 - one kind of unit per line
    if stream[-1] == ("op", "%") or stream[-1] == ("text", "percent"):
        return Quantity(expression(stream[:-1]), "%")
    first = _first_text(stream)
    if first and stream[first - 1] == ("cmd", "degree"):
        return Quantity(expression(stream[: first - 1]), _TEMPERATURES.get(stream[first][1], stream[first][1]))
    if first is None and stream[-1][0] == "letter" and stream[-2:-1] == [("cmd", "degree")]:
        return Quantity(expression(stream[:-2]), _TEMPERATURES.get(stream[-1][1], "degree"))
    if first is None:
        node = expression(stream)
        return Quantity(node[1], "degree") if node[0] == "deg" else Quantity(node, "")
    if first == 0:
        raise NoExpressionError("words")
    if len(groups := _groups(stream)) > 1:
        summed = _summed([_quantity(group) for group in groups])
        if len(summed) == 1:
            return summed[0]
    rest = _spell(stream[first:])
    if any(kind not in {"text", "letter", "num"} and text not in "/^{}-*()_" for kind, text in stream[first:]):
        raise NoExpressionError("words")
    node = expression(stream[:first])
    if _DEGREES.fullmatch(rest):
        return Quantity(node, "degree")
    named = unit(rest)
    if named is None or (not named.known and not _has_number(node)):
        raise NoExpressionError("words")
    if not named.dimensions:  # 5 million, 2 dozen
        return Quantity(("mul", node, ("num", named.factor, None)), "") if named.known else Quantity(node, "")
    return Quantity(node, rest)


def _has_number(node: Node) -> bool:
    return node[0] in {"num", "based"} or any(isinstance(child, tuple) and _has_number(child) for child in node[1:])


def _first_text(stream: list[Token]) -> int | None:
    level = 0
    for place, (kind, text) in enumerate(stream):
        level += (kind == "op" and text in _OPENING) - (kind == "op" and text in _CLOSING)
        if kind == "text" and level == 0:
            return place
    return None


def _groups(stream: list[Token]) -> list[list[Token]]:
    """Numbers that each carry a unit: 2 hours 30 minutes."""
    groups: list[list[Token]] = []
    for place, token in enumerate(stream):
        if place == 0 or (token[0] == "num" and stream[place - 1][0] == "text"):
            groups.append([])
        groups[-1].append(token)
    return groups


def _stated(stream: list[Token]) -> list[Token]:
    """Without the words before a value ("the area is 21"), unless they change it; x is 3 becomes x = 3."""
    start = next((k for k, token in enumerate(stream) if token[0] != "text"), len(stream))
    if 0 < start < len(stream) and _value_starts(stream[start]):
        words = {word for _, text in stream[:start] for word in plain_words(text).split()}
        if words in ({"negative"}, {"minus"}):
            return [("op", "-"), *stream[start:]]
        if not words & _TURNING:
            return stream[start:]
    for place, (kind, text) in enumerate(stream[:-1]):
        if (kind, text) == ("text", "to") and place and stream[place - 1][0] == stream[place + 1][0] == "num":
            return [*stream[:place], ("op", ":"), *stream[place + 1 :]]
        if place and kind == "text" and text.lower() in _STATES and _value_starts(stream[place + 1]):
            return [*stream[:place], ("op", "="), *stream[place + 1 :]]
    return stream


def _value_starts(token: Token) -> bool:
    kind, text = token
    return kind in {"num", "base", "begin"} or text in {"-", "(", "[", "{", r"\{", "frac", "sqrt", "pi", "log", "ln"}


def _trimmed(stream: list[Token]) -> list[Token]:
    """Without outer separators."""
    start, end = 0, len(stream)
    while start < end and stream[start][1] in {",", ";", "and", "or", ".", ":", "&"}:
        start += 1
    while start < end and stream[end - 1][1] in {",", ";", ".", "and", "or", ":", "&", "\\\\"}:
        end -= 1
    if end - start < len(stream) and start == end:
        return stream
    return stream[start:end]


def _split(stream: list[Token], at: set[str]) -> tuple[list[list[Token]], list[str]]:
    parts: list[list[Token]] = [[]]
    separators: list[str] = []
    level = 0
    for token in stream:
        kind, text = token
        if (kind == "op" and text in _OPENING) or kind == "begin" or token in {("cmd", "langle"), ("cmd", "lfloor")}:
            level += 1
        elif (kind == "op" and text in _CLOSING) or kind == "end" or token in {("cmd", "rangle"), ("cmd", "rfloor")}:
            level -= 1
        if level == 0 and kind in {"op", "cmd"} and text in at:
            separators.append(text)
            parts.append([])
        else:
            parts[-1].append(token)
    return parts, separators


def _closes(stream: list[Token]) -> int:
    level = 0
    for place, (kind, text) in enumerate(stream):
        if kind == "op":
            level += (text in _OPENING) - (text in _CLOSING)
        if level == 0:
            return place
    return -1


def _spell(stream: list[Token]) -> str:
    return " ".join(
        f"\\text{{{text}}}" if kind == "text" else f"\\{text}" if kind == "cmd" else text for kind, text in stream
    )


def _compact(stream: list[Token]) -> str:
    return "".join(text for _, text in stream if text not in "{}")

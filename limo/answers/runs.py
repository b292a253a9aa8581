"""Text → its sentences, and in each the rows of symbols: formulas, numbers, plain expressions; used by prose."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from limo.answers.formulas import Formula, formulas

HELD = "\ue000"  # stands for the first character of a formula where words are looked at, _MORE for the others
_MORE = "\ue001"
_MONEY = r"(?:(?:\\?\$|[€£¥\u20a0-\u20bf])\s?)?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_FUNCTIONS = r"(?:sqrt|log|ln|sin|cos|tan|arctan|pi)\b|(?:floor|ceil|gcd|lcm|max|min|abs|exp|binom)(?=\s?\()"
VARIABLES = r"(?!km\b|be\b)(?=[a-z]{2})(?:a?b?c?d?e?|k?l?m?n?|p?q?r?s?t?|u?v?w?x?y?z?)"  # a product: abc, pqr
_TOKEN = re.compile(
    rf"(?P<held>{HELD}{_MORE}*)"
    r"|(?P<ordinal>(?<!=)(?<!= )(?:\d+(?:st|nd|rd|th)\b|\d+-[A-Za-z]{2,}))"
    r"|(?P<time>(?<![Ww]eek )(?<![Dd]ay )(?<![Yy]ear )(?<![Mm]onth )(?<![Ss]tep )(?<![Cc]ase )(?<![Pp]art )"
    r"(?:\d{1,2}:\d{2}(?!\d)(?:\s?[AaPp]\.?[Mm]\b\.?)?|\d+\s?:\s?\d+))"
    rf"|(?P<number>\d+\s\d+/\d+|{_MONEY}(?:\d{{1,3}}(?:\s\d{{3}})+(?![\d/]|-[A-Za-z])|{_DIGITS})(?:\s?\\?%)?)"
    rf"|(?P<function>\\?\b(?:{_FUNCTIONS}))"
    rf"|(?P<per>/(?!(?:{_FUNCTIONS})|{VARIABLES}\b)[^\W\d_]{{2,}}(?![\^_\w]|\((?!s\))))"
    r"|(?P<word>[^\W\d_]{2,}(?:['’-][^\W\d_]+)*)"
    r"|(?P<letter>[^\W\d_])"
    r"|(?P<sign>\\(?:text|mathrm)\{[^{}]{0,40}\}|\\[A-Za-z]+|\\[{}|,;! %]|\.\.\."
    r"|[-+−–*/^=<>≤≥≠≈·×÷√π∞∑±!|_(){}\[\]⌊⌋⌈⌉∪∈°²³…])"
    r"|(?P<comma>,)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_PROGRAM = re.compile(  # pictures and programs, which state nothing
    r"\[asy\].*?(?:\[/asy\]|$)|```[ \t]*(?:python|py|asy|sage|sympy|c|cpp|java|javascript|bash|r|matlab)\b.*?(?:```|$)",
    re.DOTALL | re.IGNORECASE,
)
_MARKUP = re.compile(r"\*\*|`+|(?m:^[ \t]*(?:(?:#+|>|[-*•])[ \t]|\d{1,2}[.)][ \t]+(?=[A-Z][a-z]*[ ,])))|✅|☑")
_END = re.compile(
    r"[.?]['\"”)*]*(?=\s|$)|(?<=[A-Za-z][A-Za-z]|.\d)!+(?=\s+[A-Z]|\s*$)|[。！？]|\n+|;\s"
    rf"|[{HELD}{_MORE}](?=\s*[A-Z][a-z]*\s)"
)
_ABBREVIATED = re.compile(
    r"\b(?:i\.e|e\.g|vs|approx|no|st|mr|mrs|ms|dr|resp|[ap]\.m)\.$|(?:^|\n)\s*\d+\.$", re.IGNORECASE
)
_GOES_ON = re.compile(r"(?:[:=,]|\b(?:is|are|be|get|have|obtain|gives|equals|by|as|to|of))\s*$")
_BINDING = "+-−*/^=<>≤≥≠≈·×÷_|"
_BINARY = frozenset(")]},–+*/·×÷^_") | {r"\times", r"\cdot", r"\div"}
_PRODUCT = re.compile(r"[a-z]{2,4}")  # a word that may be a product of variables
_LITTLE = frozenset(  # words that are no product of variables
    "is are was be of in at on for by to per than and or so the that we he she it as an if then do does did has had "
    "have can all both each only just not no yes but this from with when km cm mm kg kgs mg ml lb lbs oz ft pm am mph "
    "kph hr hrs min sec st nd rd th cups days week hour year".split()
)
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_GAP = 2  # blanks within a row
_BEFORE = 80  # characters beside a row that may belong to its formula
_CUT_AFTER = re.compile(r"[-+−*/·×÷^][A-Za-z]*[({\[\\](?!s\))|[\^_]\w")
_CUT_BEFORE = re.compile(r"(?:[)\]}]\s?[/*·×÷^]|[A-Za-z)\d][/*·×÷^]\(?)\s?$")
_CHOSEN = re.compile(r"\s?choose\s?\(?\w"), re.compile(r"\(?\b\w{1,3}\s?choose\s?\(?$")  # behind and before a row
_LONGEST = 400  # tokens of a row that can be an answer


class Symbols(NamedTuple):
    """A row of symbols in a text: its first place, the place after its last, and what it says without marks around it.

    `whole` is false where a sign at its begin or end binds it to words: it is a part of a computation.
    """

    start: int
    end: int
    text: str
    whole: bool


class Piece(NamedTuple):
    """A sentence: its first place in the text and the place after its last."""

    start: int
    end: int


class Marked(NamedTuple):
    """A text whose markup is blank, the same text with its formulas held, and the formulas by first and last place."""

    plain: str
    held: str
    contents: dict[int, Formula]
    ends: dict[int, Formula]


def marked(text: str) -> Marked:
    """A text made ready for `sentences` and `runs`; every place stays where it was."""
    prose = _PROGRAM.sub(lambda program: "\n".rjust(len(program[0])), text)
    plain = _MARKUP.sub(lambda mark: " " * len(mark[0]), prose)
    places = formulas(plain)
    pieces, at = [], 0
    for place in places:
        pieces += [plain[at : place.start], HELD + _MORE * (place.end - place.start - 1)]
        at = place.end
    return Marked(
        plain,
        "".join([*pieces, plain[at:]]),
        {place.start: place for place in places},
        {place.end: place for place in places},
    )


def sentences(text: Marked) -> list[Piece]:
    """The sentences of a text; a line that ends in a colon, a comma or a verb goes on in the next one."""
    pieces, start = [], 0
    for end in _END.finditer(text.held):
        if end[0] and end[0][0] in {HELD, _MORE} and not _closing(text, end.end()):
            continue
        before = text.held[max(start, end.start() - 20) : end.start()]
        if end[0].startswith("\n") and _GOES_ON.search(before):
            continue
        if end[0] and end[0][0] == "." and _ABBREVIATED.search(before + "."):
            continue
        pieces.append(Piece(start, end.end() if end[0][0] in {HELD, _MORE} else end.start()))
        start = end.end()
    pieces.append(Piece(start, len(text.held)))
    return [piece for piece in pieces if text.held[piece.start : piece.end].strip()]


def runs(text: Marked, piece: Piece) -> Iterator[Symbols]:
    """The rows of symbols of a sentence, in order."""
    row: list[re.Match[str]] = []
    level = 0
    for token in _TOKEN.finditer(text.held, piece.start, piece.end):
        if token.lastgroup == "space" and len(token[0]) <= _GAP:
            continue
        symbolic = _symbolic(token, text.held, level)
        if row and not (symbolic and _joins(row[-1], token)):
            yield from _trimmed(text, row)
            row, level = [], 0
        if symbolic:
            row.append(token)
            level = max(0, level + (token[0] in "([{") - (token[0] in ")]}")) if len(token[0]) == 1 else level
    yield from _trimmed(text, row)


def stretch(text: Marked, run: Symbols, led: bool) -> str | None:
    """All that is written without a blank around a row that is cut from a formula; None where the row is whole.

    Behind an equals sign (`led`) what stands before the row does not cut it.
    """
    before = text.held[max(0, run.start - _BEFORE) : run.start]
    behind, front = _CHOSEN[0].match(text.held, run.end), _CHOSEN[1].search(before)
    if behind or front:
        start = run.start - len(front[0]) if front else run.start
        return text.plain[start : behind.end() if behind else run.end]
    if not _CUT_AFTER.match(text.held, run.end) and (led or not _CUT_BEFORE.search(before)):
        return None
    start = run.start - len(re.split(r"\s", before)[-1])
    return text.plain[start : run.end] + re.split(r"\s", text.plain[run.end : run.end + _BEFORE])[0]


def _closing(text: Marked, end: int) -> bool:
    """Whether the formula before a word in capitals ends a sentence: it is displayed, or holds the full stop."""
    place = text.ends.get(end)
    return place is not None and (place.display or place.content.endswith((".", "?")))


def _symbolic(token: re.Match[str], held: str, level: int) -> bool:
    """Whether a token can stand in a row: a letter or short word does where a sign binds it."""
    match token.lastgroup:
        case "held" | "time" | "number" | "function" | "sign":
            return True
        case "comma":
            return level > 0
        case "letter":
            bound = _bound(token, held, 2)
            return bound or token[0] not in {"a", "A", "I"}
        case "word":
            gap = 2 if len(token[0]) == 2 else 1
            variables = (
                token.start() > 0 and held[token.start() - 1] == "/" and re.fullmatch(VARIABLES, token[0]) is not None
            )
            product = variables or (_PRODUCT.fullmatch(token[0]) is not None and _bound(token, held, gap))
            return product and token[0] not in _LITTLE
    return False


def _bound(token: re.Match[str], held: str, gap: int) -> bool:
    """Whether a letter or a word stands beside a sign or digit; a stroke before or after a word means "per"."""
    before = held[max(0, token.start() - gap) : token.start()]
    after = held[token.end() : token.end() + gap]
    if before[-1:].isdigit() or after[:1].isdigit() or after[:1] in {"(", "!"}:
        return True
    if before[-1:] == "(" and after[:1] == ")":  # 1/(abc), (abc)^2
        return held[max(0, token.start() - 2)] in _BINDING or held[token.end() + 1 : token.end() + 2] in {*"^/"}
    signs = _BINDING if token.lastgroup == "letter" else _BINDING.replace("/", "")
    return any(side and side in signs for side in (before.strip()[-1:], after.strip()[:1]))


def _joins(last: re.Match[str], token: re.Match[str]) -> bool:
    """Whether a token goes on with a row: two formulas, or a formula and a number, are bound by a sign alone."""
    kinds = last.lastgroup, token.lastgroup
    if token.start() - last.end() > _GAP:
        return False
    if "held" in kinds:
        return (last[0] in _BINDING) if kinds[1] == "held" else (token[0] in _BINDING)
    return kinds not in {("number", "number"), ("time", "number"), ("number", "time")}


def _trimmed(text: Marked, row: Sequence[re.Match[str]]) -> Iterator[Symbols]:
    """A row without the signs at its ends that bind nothing."""
    if len(row) > _LONGEST:
        return
    kept = list(row)
    while kept and (_dangling(kept[-1], kept[:-1]) or kept[-1][0] in "+-−–*/·×÷^=<>≤≥≈,_"):
        kept.pop()
    while kept and (_unclosed(kept) or kept[0][0] in _BINARY or (kept[0][0] in {"-", "−", "x"} and _apart(kept))):
        kept.pop(0)
    if not kept or not any(token.lastgroup != "sign" or token[0] in "π∞" or token[0] == r"\infty" for token in kept):
        return
    parts, end = [], kept[0].start()
    for token in kept:
        blank = " " if token.start() > end else ""
        said = text.contents[token.start()].content if token.lastgroup == "held" else token[0]
        parts.append(blank + said)
        end = token.end()
    cut = row[0] is not kept[0] and row[0][0] in "+-−*/·×÷x", row[-1] is not kept[-1] and row[-1][0] in "+-−*/·×÷"
    yield Symbols(kept[0].start(), end, "".join(parts), not any(cut))


def _apart(row: Sequence[re.Match[str]]) -> bool:
    """Whether a minus at the begin of a row is a dash, or an x means times: a blank follows it, and no sign."""
    if row[0][0] == "x":
        return len(row) > 1 and row[1].lastgroup == "number"
    return len(row) == 1 or row[1].start() > row[0].end()


def _dangling(token: re.Match[str], before: Sequence[re.Match[str]]) -> bool:
    """Whether a token opens a bracket at the end of a row, or closes one that was not opened in it."""
    if token[0] in {"(", "[", "{"}:
        return True
    opening = _BRACKETS.get(token[0])
    if opening is None or opening == "[" or token[0] == "]":
        return False
    return sum(part[0] == opening for part in before) <= sum(part[0] == token[0] for part in before)


def _unclosed(row: Sequence[re.Match[str]]) -> bool:
    """Whether a row begins with a bracket that nothing in it closes."""
    first = row[0][0]
    closing = next((close for close, opening in _BRACKETS.items() if opening == first), None)
    return closing is not None and not any(part[0] in {closing, ")", "]"} for part in row[1:])

"""The text of a step → its signs: numbers, operators, brackets, words and what ends an expression; used by sides."""

import re
from functools import lru_cache
from typing import NamedTuple

_OPERATORS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "·": "*", "⋅": "*", "∙": "*", "/": "/", "÷": ":",
    "^": "^", "**": "^", "x": "*", r"\times": "*", r"\cdot": "*", r"\div": ":", r"\ast": "*",
}  # fmt: skip
_READ = {r"\frac": r"\frac", r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac", r"\sqrt": r"\sqrt",
         "sqrt": r"\sqrt", "√": r"\sqrt", r"\binom": r"\binom", r"\dbinom": r"\binom", r"\tbinom": r"\binom",
         r"\pi": r"\pi", "π": r"\pi", r"\gcd": r"\gcd"}  # fmt: skip
# The most frequent ones first: no other begins as these do.
_LEX = re.compile(
    r"(?P<word>[^\W\d_]{2,}(?:[-'’][^\W\d_]+)*)"
    r"|(?P<blank>[ \t\u00a0\u2009&]+)"
    r"|(?P<number>\d{1,3}(?:(?:,|\{,\}|\\,|\\!)\d{3})+(?![\d,])(?:\.\d+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<newline>\\\\(?:\[[^\[\]]{0,9}\])?|\n"
    r"|\\(?:begin|end)\s*\{(?:align|equation|gather|split|multline|center|itemize|enumerate)[a-z]*\*?\}|\\item(?![a-z]))"
    r"|(?P<unit>\\(?:text|mathrm|mbox|textbf|operatorname|textrm)\s*\{[^{}]{0,80}\}(?:\^\{?\d\}?)?)"
    r"|(?P<box>\\(?:boxed|fbox)\s*\{)"
    r"|(?P<relation><=|>=|!=|==+|:=|=>|->|=<|~=|\\(?:approx|equiv|neq?|leq?|geq?|lt|gt|sim|simeq|to|implies|iff|Rightarrow"
    r"|Longrightarrow|rightarrow|Leftrightarrow|quad|qquad|mid|in|because|therefore)(?![A-Za-z])|[≈≡≠<>≤≥→⇒⟹⇔∈∣])"
    r"|(?P<equal>=|＝)"
    r"|(?P<space>\\[,;!: ]|~|\\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle)(?![A-Za-z])\.?)"
    r"|(?P<marker>\\?\$\$?|\\[()\[\]]|`+|(?<!\d)\*\*|\*\*(?!\s?[\d(])|__)"
    r"|(?P<percent>\\?%|\\?°|\^\{?\\circ\}?|!(?!=)|\\degree)"
    r"|(?P<dots>\.\.+|…|⋯|\\(?:l|c|v)?dots[cb]?(?![A-Za-z]))"
    r"|(?P<operator>\*\*|[-+*/^−–×·⋅∙÷]|(?<=[\d)][ ])x(?=[ ][\d(]))"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<command>\\[A-Za-z]+|√|π)"
    r"|(?P<opening>[(\[{])|(?P<closing>[)\]}])"
    r"|(?P<mark>[,;:.?](?=\s|$|[*$\\)\"'`])|[;?。，；、—|])"
    r"|(?P<opaque>\S)"
)
_SPACES = frozenset({"blank", "space"})
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class Token(NamedTuple):
    """A piece of a step: its kind and its text in one spelling."""

    kind: str
    text: str


NEWLINE = Token("newline", "")


def signs(text: str) -> tuple[list[Token], list[str]]:
    """The signs of a text without its spaces, and its lines: as many as NEWLINE signs stand between them, and one."""
    stream: list[Token] = []
    start = 0
    lines: list[str] = []
    for match in _LEX.finditer(text):
        kind = match.lastgroup
        if kind == "newline":
            lines.append(text[start : match.start()])
            start = match.end()
            stream.append(NEWLINE)
        elif kind not in _SPACES:
            stream.append(_token(kind, match[0]))
    lines.append(text[start:])
    return stream, lines


@lru_cache(maxsize=20_000)
def _token(kind: str, piece: str) -> Token:
    if kind == "number":
        return Token("number", re.sub(r"[^\d.]", "", piece) if len(piece) > 3 else piece)
    if kind == "operator":
        return Token(kind, _OPERATORS[piece])
    if kind == "raised":
        return Token("raised", f"^{{{piece.translate(_RAISED)}}}")
    if kind in {"command", "word"}:
        spelled = _OPERATORS.get(piece)
        if spelled:
            return Token("operator", spelled)
        if piece in _READ:
            return Token("function", _READ[piece])
        return Token(kind if kind == "word" else "opaque", piece)
    if kind == "percent":
        postfix = "!" if piece == "!" else "%" if piece.endswith("%") else r"\degree"
        return Token("postfix", postfix)
    return Token("marker" if kind == "box" else kind, piece)

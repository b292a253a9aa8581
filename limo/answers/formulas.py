"""Text → the places of its formulas, money told from marks; used by prose and extract."""

import re
from typing import NamedTuple

_ROWS = r"(?:align|aligned|equation|gather|gathered|eqnarray|multline|split)\*?"
_MARK = re.compile(rf"\\(?P<row>begin|end)\{{{_ROWS}\}}|\\[()\[\]]|\\.|\$\$|\$|\n", re.DOTALL)
_ROW = re.compile(rf"\\(?:begin|end)\{{(?:{_ROWS}|array)\}}(?:\{{[^{{}}]*\}})?|&")
_CLOSED_BY = {r"\(": r"\)", r"\[": r"\]", "$$": "$$", "$": "$", "begin": "end"}
_AMOUNT = re.compile(r"\s?(?:\d|\.\d)")
_COMMAND = re.compile(r"\\(?:text|textbf|mathrm|operatorname|mbox)\s?\{[^{}]*\}|\\[A-Za-z]+")
_PROSE = re.compile(r"[A-Za-z]{2,}[,;]?\s+[A-Za-z]{2,}|[A-Za-z]{3,}\s|\s[A-Za-z]{3,}")
_UNFINISHED = re.compile(r"[-+−*/=,(<>–×]\s*$")


class Formula(NamedTuple):
    """A formula's first character, the place after its last, its content without marks, and whether it is displayed.

    Of a formula of several rows the content is the last row.
    """

    start: int
    end: int
    content: str
    display: bool


def formulas(text: str) -> list[Formula]:
    r"""The formulas of a text in their order: `$…$` on one line, `$$…$$`, `\(…\)`, `\[…\]`; in one pass.

    A dollar sign before an amount opens a formula only where the next one can close it: `$5-$2=$3` and "$20, then $15"
    are money, `$5x$` and `$18$` are formulas.
    """
    spans: list[Formula] = []
    opened: tuple[str, int, int] | None = None
    for mark in _MARK.finditer(text):
        kind = mark["row"] or mark[0]
        if opened is None:
            if kind in _CLOSED_BY:
                opened = kind, mark.start(), mark.end()
            continue
        opening, start, begin = opened
        if kind == _CLOSED_BY[opening] and (opening != "$" or _closes(text, begin, mark.start())):
            if content := _last_row(text[begin : mark.start()]):
                spans.append(Formula(start, mark.end(), content, opening not in {"$", r"\("}))
            opened = None
        elif kind in _CLOSED_BY and opening in {"$", kind}:
            opened = kind, mark.start(), mark.end()  # the one before was money, or is left open
        elif kind == "\n" and opening == "$":
            opened = None
    return spans


def _last_row(content: str) -> str:
    content = content.strip()
    if not _ROW.search(content) or "matrix" in content or "cases" in content:
        return content
    rows = [row.strip() for row in _ROW.sub(" ", content).split("\\\\")]
    return next((row for row in reversed(rows) if row), "")


def _closes(text: str, begin: int, end: int) -> bool:
    """Whether a dollar sign at `end` closes a formula that begins at `begin`."""
    content = text[begin:end]
    if not content.strip():
        return False
    spaced = content[0].isspace(), content[-1].isspace()
    prose = _PROSE.search(_COMMAND.sub(" ", content[:400]))
    if spaced == (True, False) and not re.search(r"[\\^_=]", content):
        return False
    if not _AMOUNT.match(content):
        return not prose or spaced == (False, False)
    if prose or _UNFINISHED.search(content) or text[end + 1 : end + 2].isdigit():
        return False
    return spaced[0] == spaced[1] or not re.search(r"[A-Za-z\d]", text[end + 1 : end + 2])

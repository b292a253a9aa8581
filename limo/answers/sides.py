"""A row of symbols → its sides, and whether variables stand in it; used by prose."""

import re

_UNEQUAL = r"[<>≤≥≠]|\\(?:leq?|geq?|neq?|lt|gt|leqslant|geqslant)(?![A-Za-z])"
UNEQUAL = re.compile(_UNEQUAL)
RELATION = re.compile(rf"{_UNEQUAL}|≈|\\(?:equiv|cong|approx)(?![A-Za-z])|(?<![<>:=])(?<!\s!)=(?![=>])")
_OUTSIDE = re.compile(
    rf"(?P<opening>[(\[{{])|(?P<closing>[)\]}}])|(?P<unequal>[<>:]=|(?<=\s)!=|=>|{_UNEQUAL})"
    r"|(?P<equals>=|≈|≡|\\(?:approx|equiv|cong)(?![A-Za-z]))|\\[A-Za-z]+|\\."
)
_MODULUS = re.compile(r"(?:\\q?quad\s*)*(?:\\pmod\b|\\bmod\b|\(\s*(?:\\text\{)?\s*mod\b).*$", re.DOTALL)
_NAMELESS = re.compile(
    r"\\(?:text|mathrm)\s?\{[^{}]*\}|\\[A-Za-z]+|(?<=[\d)%] )x(?= [\d($])|sqrt|log|ln|sin|cos|tan|pi"
)


def named(said: str) -> bool:
    """Whether variables stand in a row of symbols; functions, commands and an x that means times are none."""
    return re.search(r"[A-Za-z]", _NAMELESS.sub("", said)) is not None


def sides(said: str) -> tuple[str, str | None]:
    """What stands before and after the last equals sign outside of brackets; None after it where there is none.

    An inequality after it, or alone, is no right side.
    """
    level, last = 0, None
    for mark in _OUTSIDE.finditer(said):
        if mark["opening"]:
            level += 1
        elif mark["closing"]:
            level -= 1
        elif level <= 0 and (mark["equals"] or mark["unequal"]):
            last = mark
    if last is None or last["unequal"] or not said[last.end() :].strip():
        return said, None
    return said[: last.start()], _MODULUS.sub("", said[last.end() :]).lstrip(" ,;").rstrip(" .,;")

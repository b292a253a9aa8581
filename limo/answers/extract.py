import re
from typing import Literal

Mode = Literal["boxed", "flexible"]

_BRACE = re.compile(r"\\(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
_MONEY = r"(?:\\?\$\s?)?"
# A minus after an operand is a subtraction, not a sign.
_SIGN = r"(?:(?<![\w)}\]])(?:(?<![\d)}\]] )[-+−](?=\S)|(?<![\w)}\]] )[-+−]\s))?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?|\.\d+"
_POWER = r"(?:\s?(?:\\times|\\cdot|×|\*)\s?10\s?\^\s?(?:\{[-+−]?\d+\}|[-+−]?\d+))?"
_FRACTION = r"(?:\d+\s?)?\\[dt]?frac\s?\{\s?[-−]?\d+\s?\}\s?\{\s?\d+\s?\}"
_PLAIN = rf"(?<![\w.])(?:{_DIGITS})(?:\s?/\s?\d+)?{_POWER}"
_VALUE = re.compile(rf"{_SIGN}{_MONEY}{_SIGN}(?:{_FRACTION}|{_PLAIN})(?:\s?\\?%)?")
_SAID = re.compile(r"\banswer(?:\s+to\s[^.\n]{0,80}?)?(?:\s+is\b|\s*:|\s*=)[\s:*]*", re.IGNORECASE)
_MATHS = re.compile(r"\$+([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]")


def extract(text: str, mode: Mode) -> str | None:
    r"""The answer that a finished response gives, as text, or None where it gives none.

    Args:
        text: the whole response.
        mode: `boxed` reads only the last \boxed{...} (or \fbox) that closes and is not empty. `flexible` reads, where
            there is none, the value after the last "answer is" or "answer:", else the value after an equals sign
            that ends the text, else the last number (with its sign, decimals, thousands separators, fraction,
            power of ten and percent sign).
    """
    found = _boxed(text)
    if found is not None or mode == "boxed":
        return found
    return _stated(text) or _last(text)


def extract_cut(text: str, mode: Mode) -> str | None:
    """The answer that a response gave before the token limit cut it off, or None.

    Only a closed box, or in `flexible` mode a sentence "answer is X" with text after it, counts: a number in a
    sentence that was cut may be an intermediate one, or half of a longer one.
    """
    found = _boxed(text)
    if found is not None or mode == "boxed":
        return found
    return _stated(text[: max(text.rfind("\n"), text.rfind(". ")) + 1])


def _boxed(text: str) -> str | None:
    """Content of the box that opens last among those that close; braces escaped as \\{ are content."""
    opened: list[int | None] = []
    start, found = -1, None
    for brace in _BRACE.finditer(text):
        if brace[0].endswith("{") and brace[0] != r"\{":
            opened.append(brace.end() if len(brace[0]) > 1 else None)
        elif brace[0] == "}" and opened:
            begin = opened.pop()
            content = text[begin : brace.start()].strip() if begin is not None and begin > start else ""
            if begin is not None and content:
                start, found = begin, content
    return found


def _stated(text: str) -> str | None:
    said = list(_SAID.finditer(text))
    if not said:
        return None
    line = text[said[-1].end() :].split("\n", 1)[0]
    if formula := _MATHS.match(line):
        return _tidy(next(part for part in formula.groups() if part)) or None
    sentence = re.split(r"[.!?](?:\s|\*|$)", line, maxsplit=1)[0]
    value = _VALUE.search(sentence)
    # "answer is that 5 apples remain" holds a value among words; "answer is x + 1" or "answer is Tuesday" is one.
    if value and len(re.findall(r"(?<!\\)\b[A-Za-z]{2,}", sentence)) > 1:
        return _tidy(value[0])
    return _tidy(sentence) or None


def _last(text: str) -> str | None:
    values = [match[0] for match in _VALUE.finditer(text)]
    return _tidy(values[-1]) if values else None


def _tidy(value: str) -> str:
    return value.replace("−", "-").strip(" \t$*")

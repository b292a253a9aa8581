"""Text → the answer that it gives under a key, in a JSON object or a tag, however it is escaped; used by extract."""

import re
from typing import NamedTuple

_TRUST = ("finalanswer", "correctanswer", "answer", "ans", "result", "solution", "value", "response", "output")
_KEY = re.compile(
    r"(?<!\\)[\"'“`]\s?(?P<name>(?:final|correct)[ _-]?answer|answer|ans|result|solution|value|response|output)\s?"
    r"[\"'”`]\s*[:：]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)((?:final_?)?answer|output|solution|response|conclusion)>", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "“": "”", "`": "`"}
_ENDS = re.compile(r"\s*(?:[,}\]\n]|$|```)")
_BARE = re.compile(r"(?:[^,}\n]|,(?=\d{3}(?!\d)))*")
_PAIR = re.compile(r"[\"']([^\"']*)[\"']\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|([^,}\]\s]+))")
_ITEM = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
# Commands whose first letter JSON takes for an escape, and those that no JSON can mean: their backslash is single.
_COMMAND = re.compile(
    r"\\(?:(?:frac|forall|flat|fbox|beta|bar|binom|boxed|big|begin|bmod|boldsymbol|bf|bullet|nu|ne|neq|neg|nabla|not|nmid|"
    r"natural|text[a-z]*|times|theta|tan|tau|to|tfrac|triangle|therefore|top|tilde|right|rightarrow|rho|rangle|rceil|"
    r"rfloor|root|rm|[ac-eg-mo-qsv-zA-Z][A-Za-z]*|u(?![0-9a-fA-F]{4})[A-Za-z]+)(?![A-Za-z])|[(){}\[\]|,;!%$&#_ ])"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": ""}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NOTHING = frozenset(["", "null", "none", "[]", "{}", "...", "…", "?", "n/a"])
_LONGEST = 4_000  # characters of a value


class Keyed(NamedTuple):
    """A value and the place where its key begins."""

    value: str
    start: int


def keyed(text: str) -> Keyed | None:
    """The answer under the most trusted key of a text, of several the last, or in its last tag `<answer>…</answer>`.

    A value may be text, a number, a list or an object. Text may hold LaTeX with single or doubled backslashes and be
    quoted either way; a comma too many, a fence or an end that is missing does no harm.
    """
    answers = []
    for key in list(_KEY.finditer(text))[-2 * len(_TRUST) :]:
        value = _value(text[key.end() : key.end() + _LONGEST])
        if value is not None:
            trust = _TRUST.index(re.sub("[ _-]", "", key["name"].lower()))
            answers.append((-trust, key.start(), value))
    if not answers and r"\"" in text:
        return keyed(text.replace(r"\"", '"'))
    tagged = _tagged(text)
    if not answers or (tagged is not None and tagged.start > answers[-1][1]):
        return tagged
    _, start, value = max(answers)
    return Keyed(value, start)


def _tagged(text: str) -> Keyed | None:
    last: Keyed | None = None
    opened: tuple[str, int, int] | None = None
    for tag in _TAG.finditer(text):
        if not tag[1]:
            opened = tag[2].lower(), tag.start(), tag.end()
        elif opened is not None and opened[0] == tag[2].lower():
            value = text[opened[2] : tag.start()].strip()
            last, opened = (Keyed(value, opened[1]) if value.lower() not in _NOTHING else last), None
    return last


def _value(rest: str) -> str | None:
    """The value that a text begins with; None for nothing."""
    first = rest[:1]
    if first in _QUOTES:
        value = _unescaped(_quoted(rest, _QUOTES[first]))
    elif first == "[":
        value = _items(_bracketed(rest, "[", "]"))
    elif first == "{":
        value = _fields(_bracketed(rest, "{", "}"))
    else:
        value = (_BARE.match(rest) or [""])[0]
    value = value.strip().rstrip("`").strip()
    return None if value.lower() in _NOTHING or re.fullmatch(r"<[^<>]*>", value) else value


def _quoted(rest: str, quote: str) -> str:
    """The text up to the quote that ends it: one with a comma, a bracket or the end of the line behind it."""
    escaped = False
    for place, mark in enumerate(rest[1:], 1):
        if mark == quote and not escaped and _ENDS.match(rest, place + 1):
            return rest[1:place]
        escaped = mark == "\\" and not escaped
    return rest[1:].split("\n", 1)[0]


def _bracketed(rest: str, opening: str, closing: str) -> str:
    level = 0
    for place, mark in enumerate(rest):
        level += (mark == opening) - (mark == closing)
        if level == 0:
            return rest[1:place]
    return rest[1:].split("\n", 1)[0]


def _fields(inside: str) -> str:
    """The values of an inner object with their names; a single one alone, unless it is a variable's."""
    pairs = [(pair[1], _unescaped(pair[2] or pair[3] or pair[4] or "")) for pair in _PAIR.finditer(inside)]
    if len(pairs) == 1 and len(pairs[0][0]) > 1:
        return pairs[0][1]
    return ", ".join(f"{name} = {value}" for name, value in pairs)


def _items(inside: str) -> str:
    if quoted := [_unescaped(item[1] if item[1] is not None else item[2]) for item in _ITEM.finditer(inside)]:
        return ", ".join(quoted)
    return re.sub(r"\[([^\[\]]*)\]", r"(\1)", ", ".join(part.strip() for part in inside.split(",")))


def _unescaped(raw: str) -> str:
    """A quoted text as it was meant: with JSON's escapes, or with the single backslashes of LaTeX."""
    if _COMMAND.search(raw.replace("\\\\", "")):
        return re.sub(r"\\\\(?=[A-Za-z]{2})", r"\\", raw).replace(r"\"", '"')
    return _ESCAPE.sub(lambda mark: chr(int(mark[1], 16)) if mark[1] else _ESCAPES.get(mark[2], mark[2]), raw)

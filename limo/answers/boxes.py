r"""Text → the content of its \boxed{…}; used by extract, by sources whose solutions end in a box, and by train."""

import re
from typing import NamedTuple

_MARK = re.compile(r"(?P<box>\\(?:boxed|fbox)\s*\{)|(?P<bare>\\(?:boxed|fbox)(?![A-Za-z{])\s*)|\\.|[{}]", re.DOTALL)
_SINGLE = re.compile(r"-?\d[\d.,]*|\\?[A-Za-z]+")
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_NOTHING = {"", "...", r"\dots", r"\ldots", "?"}  # contents that stand for an answer still to come
_LONGEST = max(map(len, _NOTHING))


class Box(NamedTuple):
    """A box's first character, the place after its last one, and its content without outer spaces."""

    start: int
    end: int
    content: str


# A box and its content as places (start, end, begin and end of the content): nested ones are not copied level by level.
_Span = tuple[int, int, int, int]


def boxes(text: str) -> list[Box]:
    r"""Every complete box of a text that is not empty, of nested ones the outermost, in order; in one pass.

    A box is `\boxed{…}` or `\fbox{…}` with balanced braces, `\{` and `\}` being none, or, without braces, the number or
    word after it: `\boxed 5`. A box around nothing but a box has the inner one's content.
    """
    if "box" not in text:
        return []
    spans: list[_Span] = []
    opened: list[tuple[int, int] | None] = []
    for mark in _MARK.finditer(text, max(0, text.find("box") - 2)):
        begin = mark.end()
        if mark["box"]:
            opened.append((mark.start(), begin))
        elif mark[0] == "{":
            opened.append(None)
        elif mark[0] == "}" and opened:
            if (box := opened.pop()) is not None:
                _add(spans, text, (box[0], begin, *_stripped(text, box[1], mark.start())))
        elif mark["bare"] and (single := _SINGLE.match(text, begin)):
            _add(spans, text, (mark.start(), single.end(), begin, begin + len(single[0].rstrip(".,"))))
    return [Box(start, end, text[begin:stop]) for start, end, begin, stop in spans]


def last_boxed(text: str) -> str | None:
    """The content of a text's last complete box, None where there is none."""
    complete = boxes(text)
    return complete[-1].content if complete else None


def _add(spans: list[_Span], text: str, box: _Span) -> None:
    start, end, begin, stop = box
    if spans and spans[-1][0] > start:
        while spans and spans[-1][0] > start:
            inner = spans.pop()
        if _BOXED.match(text, begin, stop) and text[stop - 1] == "}":
            begin, stop = inner[2:]
    if stop - begin > _LONGEST or text[begin:stop] not in _NOTHING:
        spans.append((start, end, begin, stop))


def _stripped(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end

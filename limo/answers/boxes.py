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


class _Span(NamedTuple):
    """A box and its content as places, so that nested ones are not copied level by level."""

    start: int
    end: int
    inside: tuple[int, int]


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
                _add(spans, text, _Span(box[0], begin, _stripped(text, box[1], mark.start())))
        elif mark["bare"] and (single := _SINGLE.match(text, begin)):
            end = begin + len(single[0].rstrip(".,"))
            _add(spans, text, _Span(mark.start(), single.end(), (begin, end)))
    return [Box(span.start, span.end, text[slice(*span.inside)]) for span in spans]


def last_boxed(text: str) -> str | None:
    """The content of a text's last complete box, None where there is none."""
    complete = boxes(text)
    return complete[-1].content if complete else None


def _add(spans: list[_Span], text: str, box: _Span) -> None:
    inner = None
    while spans and spans[-1].start > box.start:
        inner = spans.pop()
    begin, end = box.inside
    if inner is not None and _BOXED.match(text, begin, end) and text[end - 1] == "}":
        box = box._replace(inside=inner.inside)
        begin, end = inner.inside
    if end - begin > _LONGEST or text[begin:end] not in _NOTHING:
        spans.append(box)


def _stripped(text: str, begin: int, end: int) -> tuple[int, int]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end

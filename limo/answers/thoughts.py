"""A response → its thought and its answer apart; used by extract, by attempts, and where chains are kept."""

import re
from typing import NamedTuple

_NAMES = (
    r"(?:[a-z]{1,12}[:_-])?(?:think(?:ing)?|thoughts?|reason(?:ing)?|rationale|reflect(?:ion)?|analysis|scratchpad"
    r"|(?:inner_|internal_)?(?:monologue|thoughts?)|cot|deliberation)"
)
_THOUGHT = r"(?:thoughts?|thinking|think|reasoning)"
_FINAL = r"\s{0,9}final\b[^<>]{0,80}(?:<\|constrain\|>[^<>]{0,20})?<\|message\|>"
_INNER = r"\s{0,9}(?:analysis|commentary)\b[^<>]{0,80}(?:<\|constrain\|>[^<>]{0,20})?<\|message\|>"
# The ways in which published models mark a thought: plain tags, tags in bars, gpt-oss' channels, Gemma's; Magistral's
# and Pangu's; Kimi's; the channels without their control tokens; Granite's sentences. Beside each pattern stands the
# literal with which it begins: most long texts lack it, which shows many times faster than the pattern would.
_MARKS = {
    "<": re.compile(
        rf"<(?:(?P<opening>{_NAMES}(?:\s[^<>]{{0,60}})?>|[|｜](?:(?:begin_of_|start_of_|start_|begin_){_THOUGHT}|{_THOUGHT}"
        rf"(?:_start)?)[|｜]>|\|channel\|>{_INNER}|\|channel>(?:thought|analysis)\b|unused94>(?:thought\b)?)"
        rf"|/\s?{_NAMES}\s?>|[|｜](?:(?:end_of_|end_){_THOUGHT}|/{_THOUGHT}|{_THOUGHT}_end)[|｜]>"
        rf"|(?:\|end\|><)?(?:\|start\|>assistant<)?\|channel\|>{_FINAL}|channel\|>|unused95>)",
        re.IGNORECASE,
    ),
    "[": re.compile(
        r"\[(?:(?P<opening>(?:THINK(?:ING)?|think|THOUGHTS?|REASONING)\]|unused16\])"
        r"|/(?:THINK(?:ING)?|think|THOUGHTS?|REASONING)\]|unused17\])"
    ),
    "◁": re.compile(r"◁(?:(?P<opening>think▷)|/think▷)"),
    "assistant": re.compile(r"assistant\s?final(?![a-z])(?P<opening>(?!))?"),
    "\nHere is my response:": re.compile(r"\nHere is my response:(?P<opening>(?!))?"),
}
_FIRST = re.compile(r"(?:analysis(?=[A-Z\n])|\s{0,9}Here is my thought process:)")
# What stands around an answer and says nothing of it.
_WRAPPED = re.compile(
    r"<[|｜](?:(?:begin|end)_of_solution|(?:start|end)_response|end|return|start|im_end)[|｜]>(?:assistant\b)?",
    re.IGNORECASE,
)
_PROMPT_END = 200  # characters of a prompt in which its last mark is sought


class _Mark(NamedTuple):
    """The first place of a mark, the place after its last, and whether it opens a thought."""

    start: int
    end: int
    opens: bool


class Apart(NamedTuple):
    """A response's thought and answer without the marks around them, and whether the thought was closed.

    `thought` is empty where there is none, which counts as closed; `answer` is empty where the thought is still open.
    """

    thought: str
    answer: str
    closed: bool


def split(response: str, opened: bool) -> Apart:
    """Thought and answer of a response; in one pass.

    The answer is what follows the last closing mark. A closing mark without an opening one closes a thought that began
    with the response. A mark is that of any published family: `<think>`, `<reasoning>`, `[THINK]`, `◁think▷`,
    `<|begin_of_thought|>`, gpt-oss' channels and their like.

    Args:
        response: the whole text that a model wrote.
        opened: whether the prompt ended in an opening mark, so that the response begins inside a thought (`opening`).
    """
    marks = _marks(response)
    closed = not marks[-1].opens if marks else not opened
    start = max((mark.end for mark in marks if not mark.opens), default=0) if closed else len(response)
    return Apart(_bare(response, marks, 0, start), _WRAPPED.sub("", response[start:]).strip(), closed)


def marked(text: str) -> bool:
    """Whether a text holds a mark that opens or closes a thought."""
    return bool(_marks(text))


def opening(prompt: str) -> str:
    """The mark, with the blanks after it, by which a rendered prompt opens the thought of its answer; else empty."""
    end = prompt[-_PROMPT_END:]
    marks = _marks(end)
    if not marks or not marks[-1].opens or end[marks[-1].end :].strip():
        return ""
    return end[marks[-1].start :]


def begun(response: str, opening: str) -> str:
    """A response with the opening mark that its prompt wrote; one that begins with a mark of its own stays as it is."""
    marks = _marks(response[:_PROMPT_END].lstrip())
    return response if marks and marks[0].opens and marks[0].start == 0 else opening + response


def _marks(text: str) -> list[_Mark]:
    """The marks of a text in their order."""
    marks = [
        _Mark(mark.start(), mark.end(), mark["opening"] is not None)
        for literal, pattern in _MARKS.items()
        if literal in text
        for mark in pattern.finditer(text)
    ]
    if first := _FIRST.match(text):
        marks.append(_Mark(0, first.end(), opens=True))
    return sorted(marks)


def _bare(text: str, marks: list[_Mark], start: int, end: int) -> str:
    """A part of a text without the marks in it."""
    pieces = []
    for mark in marks:
        if mark.end <= end:
            pieces.append(text[start : mark.start])
            start = mark.end
    return "".join([*pieces, text[start:end]]).strip()

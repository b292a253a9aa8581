"""A response → its thought and its answer apart; used by extract, by attempts, and where chains are kept."""

import re
from typing import NamedTuple

_NAMES = (
    r"(?:[a-z]{1,12}[:_-])?(?:think(?:ing)?|thoughts?|reason(?:ing)?|rationale|reflect(?:ion)?|analysis|scratchpad"
    r"|(?:inner_|internal_)?(?:monologue|thoughts?)|cot|deliberation)"
)
_BEGIN = r"(?:begin_of_|start_of_|start_|begin_)"
_END = r"(?:end_of_|end_)"
_THOUGHT = r"(?:thoughts?|thinking|think|reasoning)"
_CAPITALS = r"(?:THINK(?:ING)?|think|THOUGHTS?|REASONING)"
# One pattern per way in which published models mark a thought: plain tags, tags in bars, Magistral's, Kimi's,
# gpt-oss' channels with and without their control tokens, Gemma's, Pangu's, Granite's sentences.
_OPENINGS = (
    rf"<{_NAMES}(?:\s[^<>]{{0,60}})?>",
    rf"<[|｜](?:{_BEGIN}{_THOUGHT}|{_THOUGHT}(?:_start)?)[|｜]>",
    rf"\[(?-i:{_CAPITALS})\]",
    r"◁think▷",
    r"<\|channel\|>\s{0,9}(?:analysis|commentary)\b[^<>]{0,80}(?:<\|constrain\|>[^<>]{0,20})?<\|message\|>",
    r"\A(?-i:analysis)(?=(?-i:[A-Z\n]))",
    r"<\|channel>(?:thought|analysis)\b",
    r"<unused94>(?:thought\b)?",
    r"\[unused16\]",
    r"\A\s{0,9}Here is my thought process:",
)
_CLOSINGS = (
    rf"</\s?{_NAMES}\s?>",
    rf"<[|｜](?:{_END}{_THOUGHT}|/{_THOUGHT}|{_THOUGHT}_end)[|｜]>",
    rf"\[/(?-i:{_CAPITALS})\]",
    r"◁/think▷",
    r"(?:<\|end\|>)?(?:<\|start\|>assistant)?<\|channel\|>\s{0,9}final\b[^<>]{0,80}(?:<\|constrain\|>[^<>]{0,20})?<\|message\|>",
    r"(?-i:assistant\s?final(?![a-z]))",
    r"<channel\|>",
    r"<unused95>",
    r"\[unused17\]",
    r"\nHere is my response:",
)
_MARK = re.compile(rf"(?P<opening>{'|'.join(_OPENINGS)})|(?P<closing>{'|'.join(_CLOSINGS)})", re.IGNORECASE)
# What stands around an answer and says nothing of it.
_WRAPPED = re.compile(
    r"<[|｜](?:(?:begin|end)_of_solution|(?:start|end)_response|end|return|start|im_end)[|｜]>(?:assistant\b)?",
    re.IGNORECASE,
)
_PROMPT_END = 200  # characters of a prompt in which its last mark is sought


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
    start, open_now = 0, opened
    for mark in _MARK.finditer(response):
        open_now = mark["opening"] is not None
        if not open_now:
            start = mark.end()
    thought = response if open_now else response[:start]
    answer = "" if open_now else response[start:]
    return Apart(_bare(thought), _WRAPPED.sub("", _bare(answer)).strip(), not open_now)


def opening(prompt: str) -> str:
    """The mark, with the blanks after it, by which a rendered prompt opens the thought of its answer; else empty."""
    end = prompt[-_PROMPT_END:]
    marks = list(_MARK.finditer(end))
    if not marks or marks[-1]["opening"] is None or end[marks[-1].end() :].strip():
        return ""
    return end[marks[-1].start() :]


def begun(response: str, opening: str) -> str:
    """A response with the opening mark that its prompt wrote; one that begins with a mark of its own stays as it is."""
    mark = _MARK.match(response.lstrip())
    return response if mark and mark["opening"] is not None else opening + response


def _bare(text: str) -> str:
    return _MARK.sub("", text).strip()

"""Text of a response → the answer it states; used by screen, rate, collect, check, answer and `limo grade`."""

import json
import re
from dataclasses import dataclass
from typing import Literal

from limo.answers.boxes import Box, boxes
from limo.answers.hints import Hints
from limo.answers.thoughts import split

Mode = Literal["boxed", "flexible"]

_TAIL = 4_000  # characters at the end of a response in which an answer without a box is sought
_BOXES = 50  # at the end of a response that are looked at
_LONG = 2_000  # an unfinished look of a text shorter than this is taken for style
_CONNECTOR = re.compile(r"(?:[\s$,;.、，和或或者&]|\\[\s,;:]|\\(?:text|quad|qquad)|[{}]|\b(?:and|or)\b|\\[()\[\]])*")
_SAID = re.compile(
    r"(?:\bfinal\s+answer\b|\b(?:the\s+)?(?:correct\s+)?(?:answer|solution|option|choice)\b)(?:\s+(?:to|of|for)\s[^.\n]{0,80}?)?"
    r"\s*(?:\*\*)?\s*(?:is\b|are\b|:|=|would\s+be\b|\n)[\s:*]*|(?:最终答案|正确答案|故?答案)\s*(?:是|为|：|:|应为)*\s*|故选\s*[:：]?\s*|\bAnswer\s*:\s*",
    re.IGNORECASE,
)
_HASH = re.compile(r"####\s*([^\n]+)")
_JSON = re.compile(r"\{[^{}]*\}")
_KEY = re.compile(r"final[_ ]?answer|answer|result", re.IGNORECASE)
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_LETTER = re.compile(r"(?<![A-Za-z\\])[(（\[]?([A-J])[)）\]]?(?=[.．:：,，;)\s*]|$|\})")
_MONEY = r"(?:\\?\$\s?)?"
# A minus after an operand is a subtraction, not a sign.
_SIGN = r"(?:(?<![\w)}\]])(?:(?<![\d)}\]] )[-+−](?=\S)|(?<![\w)}\]] )[-+−]\s))?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?|\.\d+"
_POWER = r"(?:\s?(?:\\times|\\cdot|×|\*)\s?10\s?\^\s?(?:\{[-+−]?\d+\}|[-+−]?\d+))?"
_FRACTION = r"(?:\d+\s?)?\\[dt]?frac\s?\{\s?[-−]?\d+\s?\}\s?\{\s?\d+\s?\}"
_PLAIN = rf"(?<![\w.])(?:{_DIGITS})(?:\s?/\s?\d+)?{_POWER}"
_VALUE = re.compile(rf"{_SIGN}{_MONEY}{_SIGN}(?:{_FRACTION}|{_PLAIN})(?:\s?\\?%)?")
_ENDED = re.compile(r"[.!?。！？}\])>*$`\"'：:]\s*$|\bEND\b\s*$")


@dataclass(frozen=True)
class Extracted:
    """The answer that was read (None: there is none), the rule that found it, and whether the response had ended."""

    answer: str | None
    how: str
    finished: bool


def extract(response: str, mode: Mode, hints: Hints, stop: str | None, *, opened: bool = False) -> Extracted:
    r"""The answer that a response gives.

    Only text after the thought counts. The last complete \boxed{...} (or several, where several
    values are asked for) goes before everything else. `flexible` then reads "#### x", a JSON answer, "the answer is
    x" and its like, a choice letter, and the last formula or number of a response that ended.

    Args:
        response: the whole text.
        mode: `boxed` reads boxes only, as LIMO's own evaluation does.
        hints: `hints_of` the answer.
        stop: `eos`, `length` (cut by the token limit) or None, where the text alone has to show whether it ended.
        opened: whether the prompt opened a thought in which the response begins.
    """
    _, text, closed = split(response, opened)
    if not closed:
        return Extracted(None, "unfinished thought", finished=False)
    if boxed := _boxed(text, hints):
        return Extracted(*boxed, finished=stop != "length")
    finished = stop == "eos" or (stop is None and _ended(text))
    if mode == "flexible" and (statement := _said(text, hints, finished)):
        return Extracted(*statement, finished=finished)
    if loop := looping(text):
        before = _said(text[:loop], hints, finished=False) if mode == "flexible" else None
        answer, how = before or (None, "loop")
        return Extracted(answer, how, finished=False)
    if finished and mode == "flexible" and (last := _last(text, hints)):
        return Extracted(last, "last value", finished=True)
    return Extracted(None, "no answer", finished=finished)


def gold_answer(gold: str) -> str:
    """A reference answer taken out of a box, of "#### 5" or of "The answer is 5."; else unchanged."""
    gold = gold.strip()
    plain = Hints(1, choice=False, options={})
    if "boxed" in gold or "fbox" in gold:
        boxed = _boxed(gold, plain)
        return boxed[0] if boxed else re.sub(r"\\(?:boxed|fbox)\s*\{\s*\}", "", gold).strip(" $")
    if "####" in gold:
        return gold.rsplit("####", 1)[1].strip()
    if len(gold) < 400 and (said := _SAID.match(gold)):
        rest = gold[said.end() :].strip()
        return rest or gold
    return gold


def looping(text: str) -> int:
    """Where a text starts to repeat one passage to its end, as degenerate generations do; 0 if it does not.

    The period is the distance to the previous occurrence of the last 48 characters; the last 600 characters and at
    least four periods must repeat with it.
    """
    text = text.rstrip()
    if len(text) < 700:
        return 0
    tail = text[-24_000:]
    probe = tail[-48:]
    earlier = tail.rfind(probe, 0, len(tail) - 1)
    if earlier < 0 or (len(set(probe)) < 2 and not probe.isalpha()):
        return 0
    period = len(tail) - 48 - earlier
    span = max(600, 4 * period)
    if span + period > len(tail) or tail[-span:] != tail[-span - period : -period]:
        return 0
    start = len(text) - span - period
    while start > period and text[start - period : start] == text[start : start + period]:
        start -= period
    return max(1, start)


def _boxed(text: str, hints: Hints) -> tuple[str, str] | None:
    complete = boxes(text)[-_BOXES:]
    if not complete:
        return None
    last = complete[-1]
    joined = [last]
    for box in reversed(complete[:-1]):
        if not _CONNECTOR.fullmatch(text, box.end, joined[0].start) or joined[0].start - box.end > 60:
            break
        joined.insert(0, box)
    contents = list(dict.fromkeys(box.content for box in joined))
    if len(contents) > 1 and _one_line(text, joined):
        return ", ".join(contents), "boxes"
    if hints.values > 1 and not re.search(r"[,;，、]|\band\b|\bor\b|\\pm|和|或", last.content):
        several = list(dict.fromkeys(box.content for box in complete))[-hints.values :]
        if len(several) == hints.values:
            return ", ".join(several), "boxes"
    return last.content, "box"


def _one_line(text: str, joined: list[Box]) -> bool:
    """Whether boxes stand in one sentence; on lines of their own the last one corrects those before."""
    return "\n\n" not in text[joined[0].end : joined[-1].start]


def _ended(text: str) -> bool:
    """Whether a text of unknown end looks finished."""
    if len(text) < _LONG:
        return True
    return bool(_ENDED.search(text[-40:])) or len(text.rsplit("\n", 1)[-1]) < 120


def _said(text: str, hints: Hints, finished: bool) -> tuple[str, str] | None:
    tail = text[-_TAIL:]
    if not finished:  # a statement counts where more text follows it
        tail = tail[: max(tail.rfind("\n"), tail.rfind(". ")) + 1]
    hashes = _HASH.findall(tail)
    if hashes and (answer := hashes[-1].strip().rstrip(".")):
        return answer, "hash"
    if (value := _json(tail)) is not None:
        return value, "json"
    statements = list(_SAID.finditer(tail))
    for said in reversed(statements[-3:]):
        answer = _statement(tail[said.end() :], hints)
        if answer:
            return answer, "stated"
    if hints.choice and finished:
        letters = [
            match[1] for match in _LETTER.finditer(tail[-300:]) if not hints.options or match[1] in hints.options
        ]
        if letters:
            return letters[-1], "choice"
    return None


def _json(tail: str) -> str | None:
    for match in reversed(list(_JSON.finditer(tail))):
        try:
            mapping = json.loads(match[0])
        except (json.JSONDecodeError, RecursionError):
            continue
        for key, value in mapping.items():
            if _KEY.fullmatch(key.strip()) and str(value).strip() not in {"", "None", "[]"}:
                return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return None


def _statement(rest: str, hints: Hints) -> str | None:
    rest = rest.lstrip(" \t\n:*")
    line = rest.split("\n", 1)[0]
    if hints.choice:
        letter = re.match(r"[\s*$(（\[]*(?:\\text(?:bf)?\{)?\s*\(?(?:[Oo]ption|[Cc]hoice)?\s*([A-J])(?![A-Za-z])", line)
        if letter:
            return letter[1]
    if opening := re.match(r"\$\$|\\\[|\$|\\\(", rest):
        formula = _FORMULA.match(rest)
        if formula:
            content = next(part for part in formula.groups() if part)
            after = rest[formula.end() :].split("\n", 1)[0]
            more = re.match(r"\s*(?:,|and|or|和|或)\s*(?=[$\\])", after)
            return (
                _tidy(content)
                if not more or opening[0] in {"$$", "\\["}
                else _tidy(re.split(r"[.。](?:\s|$)", line)[0])
            )
    sentence = re.split(r"(?:[.!?](?:\s|\*|$))|[。！？]|\s+(?:because|since|which)\b", line, maxsplit=1)[0]
    formulas = [next(part for part in match.groups() if part) for match in _FORMULA.finditer(sentence)]
    if len(formulas) == 1:
        return _tidy(formulas[0])
    value = _VALUE.search(sentence)
    # "answer is that 5 apples remain" holds a value among words; "answer is x + 1" or "answer is Tuesday" is one.
    words = re.findall(r"(?<!\\)\b[A-Za-z]{2,}", sentence)
    if value and len(words) > 1 and not re.search(r"\\text|,|\band\b|\bor\b", sentence):
        return _tidy(value[0])
    return _tidy(sentence) or None


def _last(text: str, hints: Hints) -> str | None:
    """The right side of the equation that ends a text, else its last number."""
    tail = text[-_TAIL:].rstrip()
    formulas = list(_FORMULA.finditer(tail[-600:]))
    if formulas and len(tail[-600:]) - formulas[-1].end() <= 40:
        content = next(part for part in formulas[-1].groups() if part)
        if hints.values == 1 and content.count("=") >= 1 and "," not in content:
            content = content.rsplit("=", 1)[1]
        if re.search(r"\w", content):
            return _tidy(content)
    values = [match[0] for match in _VALUE.finditer(tail)]
    return _tidy(values[-1]) if values else None


def _tidy(value: str) -> str:
    return value.replace("−", "-").strip(' \t\n$*`"。，,;:').removesuffix(".").strip(" *")

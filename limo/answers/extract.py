"""Text of a response → the answer it states; used by screen, rate, collect, check, answer and `limo grade`."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from limo.answers.affirmed import affirmed
from limo.answers.boxes import Box, boxes
from limo.answers.formulas import formulas
from limo.answers.hints import Hints
from limo.answers.keyed import keyed
from limo.answers.parse.exceptions import following
from limo.answers.prose import last_stated
from limo.answers.statements import SAID, TAIL, amount, asked, said, statements, tidy
from limo.answers.thoughts import split

Mode = Literal["boxed", "flexible"]

_BOXES = 50  # at the end of a response that are looked at
_LONG = 2_000  # an unfinished look of a text shorter than this is taken for style
_CONNECTOR = re.compile(r"(?:[\s$,;.、，和或或者&]|\\[\s,;:]|\\(?:text|quad|qquad)|[{}]|\b(?:and|or)\b|\\[()\[\]])*")
_LETTERED = re.compile(r"(?:\\(?:text(?:bf)?|mathrm|mathbf)\s?\{)?\s*[(（\[]?\s*(?:[Oo]ption|[Cc]hoice)?\s*[A-J]\b")
_NUMBER = re.compile(
    r"(?:(?<![\w)}\]])(?:(?<![\d)}\]] )[-+−](?=\S)|(?<![\w)}\]] )[-+−]\s))?(?:\\?\$\s?)?"
    r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?(?:\s?\\?%)?"
)
_ENDED = re.compile(r"[.!?。！？}\])>*$`\"'：:]\s*$|\bEND\b\s*$")
_CUT = re.compile(
    r"(?:[-+−*/=<>,(\[{^_\\]|\\(?:frac|sqrt|text|cdot|times|leq?|geq?)|\b(?:the|of|and|is|to|a|an|for|with|that))\s*$"
)
_YES_OR_NO = re.compile(r"(?:yes|no|true|false)\b", re.IGNORECASE)
_NEAR_END = 40  # characters that may follow the formula which is an answer
_SENTENCE = 8  # words of a sentence that may be an answer itself


@dataclass(frozen=True)
class Extracted:
    """The answer that was read, the rule that found it, whether the response had ended, and whether that is sure.

    An answer of None that is sure says that there is none. A reading that is not sure may be another value of the text
    than the one that was meant: that it differs from the reference answer says nothing.
    """

    answer: str | None
    how: str
    finished: bool
    sure: bool = True


class _Boxed(NamedTuple):
    """The content of a box or of several, the rule that took it, the first box's begin and the last one's end."""

    answer: str
    how: str
    start: int
    end: int


def extract(response: str, mode: Mode, hints: Hints, stop: str | None, *, opened: bool = False) -> Extracted:
    r"""The answer that a response gives.

    Only text after the thought counts. The last complete \boxed{...} (or several, where several values are asked for)
    goes before all but a key in an object behind it, and a stated letter where the box is no option. `flexible` then
    reads what the text says to be its answer (`statements`) and what the last sentences of one that ended state
    (`prose`).

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
        read = boxed.answer, boxed.how
        if mode == "flexible":
            exception = following(text, boxed.end, boxed.answer)
            read = _better(text, boxed, hints) or (boxed.answer + exception, boxed.how)
        return Extracted(*read, finished=stop != "length")
    finished = stop == "eos" or (stop is None and _ended(response, text))
    if mode == "flexible" and finished and (truth := _truth(text, hints)):
        return Extracted(truth, "last words", finished=True)
    if mode == "flexible" and (statement := said(text, hints, finished)):
        return Extracted(statement.answer, statement.how, finished, statement.sure)
    if loop := looping(text):
        before = said(text[:loop], hints, finished=False) if mode == "flexible" else None
        answer, how = before[:2] if before else (None, "loop")
        return Extracted(answer, how, finished=False)
    if finished and mode == "flexible":
        return _last(text, hints)
    return Extracted(None, "no answer", finished=finished)


def gold_answer(gold: str) -> str:
    """A reference answer taken out of a box, of "#### 5" or of "The answer is 5."; else unchanged."""
    gold = gold.strip()
    plain = Hints(1, choice=False, options={})
    if "boxed" in gold or "fbox" in gold:
        boxed = _boxed(gold, plain)
        return boxed.answer if boxed else re.sub(r"\\(?:boxed|fbox)\s*\{\s*\}", "", gold).strip(" $")
    if "####" in gold:
        return gold.rsplit("####", 1)[1].strip()
    if len(gold) < 400 and (said := SAID.match(gold)):
        rest = gold[said.end() :].strip()
        return rest or gold
    braced = re.fullmatch(r"\{([A-Za-z]+)\}", gold)
    return braced[1] if braced else gold


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


def _boxed(text: str, hints: Hints) -> _Boxed | None:
    """What the last box or boxes hold."""
    complete = boxes(text)[-_BOXES:]
    if not complete:
        return None
    last = complete[-1]
    joined = [last]
    for box in reversed(complete[:-1]):
        if not _CONNECTOR.fullmatch(text, box.end, joined[0].start) or joined[0].start - box.end > 60:
            break
        joined.insert(0, box)
    contents = list(dict.fromkeys(_content(text, box) for box in joined))
    if len(contents) > 1 and _one_line(text, joined):
        return _Boxed(", ".join(contents), "boxes", joined[0].start, last.end)
    if hints.values > 1 and not re.search(r"[,;，、]|\band\b|\bor\b|\\pm|和|或", _outside(last.content)):
        several = list(dict.fromkeys(_content(text, box) for box in complete))[-hints.values :]
        if len(several) == hints.values:
            return _Boxed(", ".join(several), "boxes", last.start, last.end)
    return _Boxed(_content(text, last), "box", last.start, last.end)


def _content(text: str, box: Box) -> str:
    """A box's content; where the box stands in a quoted text its backslashes are doubled."""
    return box.content.replace("\\\\", "\\") if text[: box.start].endswith("\\") else box.content


def _outside(content: str) -> str:
    """A content without what stands in its round brackets: a tuple is one value."""
    return re.sub(r"\([^()]*\)", "()", content)


def _one_line(text: str, joined: list[Box]) -> bool:
    """Whether boxes stand in one sentence; on lines of their own the last one corrects those before."""
    return "\n\n" not in text[joined[0].end : joined[-1].start]


def _better(text: str, boxed: _Boxed, hints: Hints) -> tuple[str, str] | None:
    """What counts more than a box: a key of the object that ends the text, or a letter where the box is no option."""
    tail = text[-TAIL:]
    object_ends = tail.rstrip(" \n`").endswith("}") and ("answer" in tail or "Answer" in tail)
    answer = keyed(tail) if object_ends else None
    if answer is not None and answer.start + len(text) - len(tail) > boxed.start:
        return None if "boxed" in answer.value else (answer.value, "key")
    if not hints.choice or _LETTERED.match(boxed.answer):
        return None
    stated = (one[:2] for one in statements(tail, hints, finished=True) if re.fullmatch("[A-J]", one.answer))
    return next(stated, None)


def _ended(response: str, text: str) -> bool:
    """Whether a text of unknown end looks finished."""
    line = text.rstrip().rsplit("\n", 1)[-1]
    if _cut(text, line):
        return False
    return len(response) < _LONG or bool(_ENDED.search(text[-40:])) or len(line) < 120


def _cut(text: str, line: str) -> bool:
    """Whether a text stops within a formula or a bracket of its last line, or at a sign or word that asks for more."""
    if _CUT.search(line[-40:]):
        return True
    tail = text[-TAIL:]
    opened = tail.rfind("\\[") > tail.rfind("\\]") or line.count("\\(") > line.count("\\)")
    return opened or line.count("(") + line.count("{") > line.count(")") + line.count("}")


def _truth(text: str, hints: Hints) -> str | None:
    """Yes, no or that there is no solution, as the last sentence says it; None where something else is asked for."""
    if not (hints.truth or hints.nothing):
        return None
    yes = affirmed(text, hints.asked)
    if hints.nothing:
        return "no solution" if yes is False else None
    return None if yes is None else "yes" if yes else "no"


def _last(text: str, hints: Hints) -> Extracted:
    """What the last sentences of a text that has ended state, where nothing marks the answer."""
    if hints.words:
        return _last_words(text)
    if value := last_stated(text, asked(hints)):
        return Extracted(amount(value.value, hints), "last value", finished=True, sure=value.sure)
    numbers = [match[0] for match in _NUMBER.finditer(text[-TAIL:])]
    if numbers:
        return Extracted(tidy(numbers[-1]), "last value", finished=True, sure=False)
    return Extracted(None, "no answer", finished=True)


def _last_words(text: str) -> Extracted:
    """The last sentence of a text whose answer is words: its last formula, a yes or no, or all of a short one."""
    tail = text[-TAIL:].rstrip()
    places = formulas(tail)
    if places and len(tail) - places[-1].end <= _NEAR_END:
        return Extracted(tidy(places[-1].content), "last value", finished=True, sure="\\text" in places[-1].content)
    lines = [line for line in re.split(r"[.!?。！？](?:\s|$)|\n", tail) if re.search(r"\w", line)]
    sentence = tidy(lines[-1]) if lines else ""
    if word := _YES_OR_NO.match(sentence):
        return Extracted(word[0], "last words", finished=True)
    if 0 < len(sentence.split()) <= _SENTENCE:
        return Extracted(sentence, "last words", finished=True, sure=False)
    return Extracted(None, "prose", finished=True, sure=False)

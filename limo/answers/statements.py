"""Text → the answers that it says to be one: "#### x", a key, "the answer is x", a letter; used by extract."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from limo.answers.candidates import Asked
from limo.answers.formulas import formulas
from limo.answers.hints import Hints
from limo.answers.keyed import keyed
from limo.answers.parse.exceptions import following
from limo.answers.prose import Stated, last_stated, stated
from limo.answers.sides import UNEQUAL

TAIL = 4_000  # characters at the end of a response in which an answer without a box is sought

_IS = r"(?:\*\*)?\s*(?:is\b|are\b|:|=|would\s+be\b)[\s:*]*"
SAID = re.compile(
    r"\b(?=[abcforst])(?:"  # no other letter begins such a phrase: most words are passed over at once
    r"(?:final\s+answer|(?<!\ban\s)(?<!\ba\s)(?<!/)(?:the\s+)?(?:correct\s+)?(?:answer|solution))\b"
    rf"(?:\s+(?:to|of|for)\s[^.,\n]{{0,80}}?)?\s*{_IS}"
    rf"|(?:(?:correct|right|best)\s+)?(?:option|choice)\s*{_IS}(?=[$(\[{{]*(?:\\text[a-z]*\{{\s*\(?)?(?-i:[A-J])\b)"
    r"|Answer\s*:\s*)"
    r"|(?:^|\n)[ \t#>*]*(?:the\s+)?(?:final\s+|correct\s+)?answer\s*(?:\*\*)?[ \t]*\n[\s:*]*"
    r"|(?:^|\n)[ \t]*A\s*:\s*"
    r"|(?:最终答案|正确答案|故?答案)\s*(?:是|为|：|:|应为)*\s*|故选\s*[:：]?\s*",
    re.IGNORECASE,
)
# A part of every such phrase: a text without it is passed over many times faster than the phrases are sought in it.
_SAYING = re.compile(r"a(?:nswer|\s*:)|solution|option|choice|答案|故选")
# What follows "the answer is" where it is not the answer.
_OTHERWISE = re.compile(
    r"(?:(?:then|also|indeed|therefore|thus)\s+)?(?:not|defined|consistent|correct|right|wrong|incorrect|found|obtained|"
    r"verified|valid|confirmed|as\s+follows|the\s+same|clear|based|unique|required|supposed|expected|reasonable|rounded|"
    r"expressed|made)\b",
    re.IGNORECASE,
)
_HASH = re.compile(r"^[ \t]*####[ \t]*([^\n]+)|####[ \t]*([^\n]+)$", re.MULTILINE)
_HEADING = re.compile(r"(?:\d+[.):]|[A-Za-z]{3,})\s")
_LETTER = re.compile(r"(?<![A-Za-z\\])[(（\[]?([A-J])[)）\]]?(?=[.．:：,，;)\s*]|$|\})")
_NAMED = re.compile(r"[\s*$(（\[]*(?:\\text(?:bf)?\{)?\s*\(?(?:[Oo]ption|[Cc]hoice)?\s*([A-J])(?![A-Za-z])")
_STEP = re.compile(r"(?<!final )(?<!correct )\bsolution\b", re.IGNORECASE)  # it names steps as well as their end
_ITEM = re.compile(r"(\d{1,2})[.)]\s+\D")
_WORD = re.compile(r"(?<!\\)\b[A-Za-z]{2,}")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n|$")
_LITTLE = 20  # characters behind a statement that say nothing else
_SHORT = 3  # characters of a name that needs no digit


class Statement(NamedTuple):
    """An answer that a text says to be one, the rule that found it, and whether no later one is likely."""

    answer: str
    how: str
    sure: bool = True


def said(text: str, hints: Hints, finished: bool) -> Statement | None:
    """The answer that a text says to be one, by the rule `hash`, `key`, `stated` or `choice`.

    Of a text that was cut only what has more text behind it counts.
    """
    tail = text[-TAIL:]
    if not finished:
        tail = tail[: max(tail.rfind("\n"), tail.rfind(". ")) + 1]
    if hashed := _hashed(tail):
        return Statement(hashed, "hash")
    if answer := keyed(tail):
        told = _told(answer.value, hints) or Stated(answer.value, sure=True)
        return Statement(told.value, "key", told.sure)
    if statement := next(statements(tail, hints, finished), None):
        return statement
    if hints.choice and finished:
        letters = [
            match[1] for match in _LETTER.finditer(tail[-300:]) if not hints.options or match[1] in hints.options
        ]
        if letters:
            return Statement(letters[-1], "choice")
    return None


def _hashed(tail: str) -> str | None:
    """What stands behind the last "####" that is no heading."""
    for match in reversed(list(_HASH.finditer(tail))):
        answer = (match[1] or match[2]).strip().rstrip(".")
        if answer and (not _HEADING.match(answer) or not tail[match.end() :].strip()):
            return answer
    return None


def statements(tail: str, hints: Hints, finished: bool) -> Iterator[Statement]:
    """The answers that a text says to be one, from its last; those with a value, or a letter of a choice, first."""
    if not _SAYING.search(tail.casefold()):
        return
    worded = []
    for mark in reversed(list(SAID.finditer(tail))[-4:]):
        rest = tail[mark.end() :].lstrip(" \t\n:*")
        if not rest or _OTHERWISE.match(rest) or _heads(mark[0].lstrip(), rest):
            continue
        if statement := _statement(rest, hints):
            answer, sure = statement
            sure = sure and not (
                (_STEP.search(mark[0]) or "\n" in mark[0])
                and len(_SENTENCE_END.split(rest, maxsplit=1)[-1].strip()) > _LITTLE
            )
            if hints.choice or hints.words or re.search(r"[\d\\$^=π∞]", answer) or len(answer) <= _SHORT:
                yield Statement(answer, "stated", sure)
            else:
                worded.append(Statement(answer, "stated", sure))
    if worded and not (finished and last_stated(tail, asked(hints))):
        yield worded[0]


def _heads(mark: str, rest: str) -> bool:
    """Whether "solution:" or "answer:" is the heading of steps on the lines below: numbered ones, or sentences."""
    if "\n" not in mark:
        return False
    line, _, below = rest.partition("\n")
    if item := _ITEM.match(line):
        return re.search(rf"^\W*{int(item[1]) + 1}[.)]\s", below, re.MULTILINE) is not None
    return _STEP.search(mark) is not None and bool(below.strip()) and len(_WORD.findall(line)) > 1


def _statement(rest: str, hints: Hints) -> Stated | None:
    line = rest.split("\n", 1)[0]
    if hints.choice and (letter := _NAMED.match(line)):
        return Stated(letter[1], sure=True)
    places = formulas(rest[:TAIL])
    if places and places[0].start == 0 and not _continued(rest[places[0].end :]):
        answer = tidy(places[0].content)
        bound = not hints.relation and UNEQUAL.search(answer) is not None  # of the value that is asked for
        return Stated(answer + following(line, min(places[0].end, len(line)), answer), sure=not bound)
    sentence = re.split(r"(?:[.?]|(?<=[a-z]{2})!)(?:\s|\*|$)|[。！？]|\s+(?:because|since|which)\b", line, maxsplit=1)[
        0
    ]
    if value := _told(sentence, hints):
        return value
    return Stated(answer, sure=True) if (answer := tidy(sentence)) else None


def _continued(after: str) -> bool:
    """Whether a formula at the begin of an answer is only a part of it: a list goes on, or a name gets its value."""
    return (
        re.match(r"\s*(?:,|and|or|和|或)\s*(?=[$\\])|\s*(?:is|are|equals?|=|≤|≥|<|>)\s", after.split("\n", 1)[0])
        is not None
    )


def _told(sentence: str, hints: Hints) -> Stated | None:
    """The value in a sentence of words; None where the sentence is the answer itself, or holds no value."""
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\\[A-Za-z]+(?:\{[^{}]*\})?", " ", sentence))
    if len([word for word in words if word not in {"and", "or"}]) < 2 or hints.words:
        return None
    value = stated(sentence, asked(hints))
    return value._replace(value=amount(value.value, hints)) if value else None


def asked(hints: Hints) -> Asked:
    """What prose needs to know of the answer."""
    return Asked(hints.given, hints.values > 1, hints.relation)


def amount(value: str, hints: Hints) -> str:
    """A value of prose without marks around it; $0.25 where cents are asked for is 25 cents."""
    dollars = re.fullmatch(r"\\?\$\s?(\d*\.\d\d)", value.strip()) if hints.cents else None
    return f"{int(Fraction(dollars[1]) * 100)} cents" if dollars else tidy(value)


def tidy(value: str) -> str:
    """An answer without marks, money signs and punctuation around it."""
    return value.replace("−", "-").strip(' \t\n$€£¥₣₹*`"。，,;:').removesuffix(".").strip(" *")

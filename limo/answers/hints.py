"""A question and its reference answer → how many values, options or a letter to expect; used by extract and verify."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from limo.answers.parse.words import denies, plain_words, truth_of

QUESTION, GOLD = 20_000, 4_000  # characters
_LABEL = re.compile(
    r"(?:^|[\s$,;，；(（{])"
    r"(?:\\(?:textbf|text|mathrm|textrm|mathbf|rm|bf)\s*\{?\s*)?[(（]?\s*([A-J])\s*(?:[)）]|\.(?!\d)|[．:：、]|(?<=[B-J])\s+(?=\\[a-z])|(?<=\sA)\s+(?=\\[a-z]))\s*\}?[.:]?",
)
_LONE = re.compile(r"\(?\s*(?:\\(?:text|textbf|mathrm)\{\s*)?\(?([A-J])\)?\s*\}?\)?[.．)]?")
_CHOICE_KINDS = frozenset(["choice", "multiple choice", "multiple-choice", "mcq", "multiple_choice"])
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_RELATION = re.compile(r"[=<>≤≥≠]|\\(?:leq?|geq?|neq?|lt|gt|leqslant|geqslant|equiv)(?![A-Za-z])")
_CENTS = re.compile(r"\b(?:how many|in) cents\b[^.?]*\?\s*$", re.IGNORECASE)
_ASKED = 2_000  # characters at the end of a question whose answer is yes, no or that there is none
_OPENING, _CLOSING = "([{", ")]}"
_JOINED = re.compile(r"(?:\s*(?:,|;|，|；|、|\band\b|\bor\b|\\text\{\s*(?:and|or)\s*\}|或|和)\s*)+")


@dataclass(frozen=True)
class Hints:
    """What question and reference answer say about the form of the answer.

    `values` is how many values the reference answer lists, `options` the question's options by letter, `choice`
    whether a letter is asked for, `given` the question's numbers, `relation` whether the reference answer is an
    equation or inequality, `words` whether it is words without a number or formula, and `cents` whether the
    question asks for an amount in cents. `truth` says that the reference answer is yes or no (true or false), `nothing`
    that it is that something does not exist; `asked` is then the question's end, else empty.
    """

    values: int
    choice: bool
    options: Mapping[str, str]
    given: frozenset[str] = frozenset()
    relation: bool = False
    words: bool = False
    cents: bool = False
    truth: bool = False
    nothing: bool = False
    asked: str = ""


def hints_of(question: str, gold: str, kind: str) -> Hints:
    """What the question (empty if unknown), the reference answer and a free label of its kind say of the answer.

    Of a very long text only the end of the question and the start of the answer are looked at.
    """
    return _hints(question[-QUESTION:], gold[:GOLD], kind)


@lru_cache(maxsize=5_000)
def _hints(question: str, gold: str, kind: str) -> Hints:
    question = re.sub(r"\n[ \n]*\n", "\n\n", re.sub(r"[^\S\n]+", " ", question))
    gold = " ".join(gold.split())
    found = _options(question)
    options = MappingProxyType(found if _chosen(gold, found) else {})
    lettered = _LONE.fullmatch(gold.strip()) is not None
    choice = kind.lower() in _CHOICE_KINDS or bool(options) or (lettered and not question)
    given = frozenset(re.sub(r"[,$]", "", number) for number in _NUMBER.findall(question))
    cents = gold.isdigit() and _CENTS.search(question) is not None
    plain = plain_words(gold)
    truth, nothing = truth_of(plain) is not None, denies(plain)
    asked = question[-_ASKED:] if truth or nothing else ""
    relation = bool(_RELATION.search(gold))
    return Hints(_values(gold), choice, options, given, relation, _worded(gold), cents, truth, nothing, asked)


def _chosen(gold: str, options: Mapping[str, str]) -> bool:
    """Whether a reference answer is one of the options, by letter or text; "A has 3, B has 4" are none for 7."""
    if re.match(r"[(\s]*(?:\\text[a-z]*\{)?[(\s]*[A-J](?![A-Za-z])", gold):
        return True
    bare = [re.sub(r"[\s${}\\]|text|left|right", "", text).lower() for text in (gold, *options.values())]
    return any(bare[0] in text or text in bare[0] for text in bare[1:])


def _worded(gold: str) -> bool:
    """Whether an answer is a name, yes or no, or prose: words, and neither digits nor symbols."""
    bare = re.sub(r"\\(?:text[a-z]*|mathrm|mbox)\s?\{([^{}]*)\}", r"\1", gold)
    return not re.search(r"[\d\\^_=<>+*/√π∞°]", bare) and re.search(r"[^\W\d_]{2,}", bare) is not None


def _options(question: str) -> dict[str, str]:
    """Options by letter: the longest run of labels A, B, C, ... near the question's end."""
    labels = [(match[1], match.start(), match.end()) for match in _LABEL.finditer(question)]
    run = [labels[place] for place in _longest_run([letter for letter, _, _ in labels])]
    if not run:
        return {}
    ends = [start for _, start, _ in run[1:]] + [len(question)]
    texts = {letter: _option(question[begin:end]) for (letter, _, begin), end in zip(run, ends, strict=True)}
    return texts if all(texts.values()) else {}


def _longest_run(letters: Sequence[str]) -> tuple[int, ...]:
    """Places of the longest run A, B, C, ... of two letters or more, each the next of its kind; of equal ones the last.

    One pass from the end: where a letter's run goes on, the run of the letter after it is known.
    """
    runs: dict[str, tuple[int, ...]] = {}  # by first letter, that of its next place
    longest: tuple[int, ...] = ()
    for place in range(len(letters) - 1, -1, -1):
        letter = letters[place]
        runs[letter] = (place, *runs.get(chr(ord(letter) + 1), ()))
        if letter == "A" and len(runs[letter]) > max(1, len(longest)):
            longest = runs[letter]
    return longest


def _option(text: str) -> str:
    text = re.sub(r"\\qquad|\\quad|\\hspace\{[^{}]*\}|\\ ", " ", text).strip(" \t\r\n,;")
    text = text.split("\n\n", 1)[0]
    text = text.rstrip("$ ") if text.count("$") % 2 else text
    return text.strip(" \t\r\n,;.$")


def _values(gold: str) -> int:
    """How many values an answer lists at its top level; a tuple, an interval or a set is one."""
    level = commas = 0
    text = _JOINED.sub(",", re.sub(r"(?<=\d),(?=\d{3}(?!\d))|\{,\}", "", gold))
    for mark in text.replace(r"\{", "{").replace(r"\}", "}"):
        level += (mark in _OPENING) - (mark in _CLOSING)
        commas += mark == "," and level == 0
    return commas + 1

"""The exception behind an answer ("2^k, unless k = 1") → told apart; used by extract, statements, prose and decide."""

import re
from typing import NamedTuple

_LONGEST = 120  # characters of an exception
_CASE = r"(?:if|when(?:ever)?|for|where|in|at|that)\b"
_AT = r"\$?[a-zA-Z]\$?\s*(?:=|is\b)"  # one value of a letter
_UNLESS = (
    rf"unless\b|except(?:ing)?\s+(?:for\s+)?(?:{_CASE}|{_AT})|with\s+the\s+exception\s+(?:of|that)\b"
    rf"|but\s+(?:not\s+)?(?:{_AT})"
)
# Behind a number they say what was not counted ("5 divisors other than 1"), behind a term or a set what is left out.
_WITHOUT = (
    r"except(?:ing)?\b(?:\s+for\b)?|excluding\b|(?:other|apart|aside)\s+(?:than|from)\b|only\s+(?:if|when|for|where)\b"
)
_NOT = r"but\s+not\b"
_CASES = (
    rf"but\s+\S{{1,20}}\s+{_CASE}|(?:if(?!\s+and\s+only)|when|for|where)\b[^.!?]{{1,80}}\b(?:otherwise\b|else\b|only(?=\s*(?:[,;]|$)))|\S{{1,30}}\s+otherwise\b"
    r"|(?<=,\s)[a-zA-Z]\s+(?:is\s+)?(?:odd|even)\b|(?<=\()[^\s()]*\d[^\s()]*\s+(?:if|when|for)\b|(?:if|when|for|in\s+case)\s+(?:all\s+)?(?:\w+\s+(?:is|are)\s+)?(?:an?\s+)?(?:even|odd)\b|otherwise\b"
)
_APART = re.compile(
    rf"[\s,;(]+(?:and\s+)?(?:\b(?:{_UNLESS}|{_WITHOUT}|{_NOT})\s*(?:{_CASE}\s*)?(?P<left>.+)|(?P<cases>\b(?:{_CASES}).*))",
    re.IGNORECASE | re.DOTALL,
)
_GAP = r"(?:(?:\w+,?\s+){0,2}?|for\s[^.,;]{1,60}?\s)"  # "ways", "for all n"
_FOLLOWING = re.compile(rf"[\s,;$)}}*\\\]]*{_GAP}(?:and\s+)?\b(?:{_UNLESS}|{_NOT}\s+{_CASE}|{_CASES})", re.IGNORECASE)
_BEHIND_TERM = re.compile(rf"[\s,;$)}}*\\\]]*\b(?:{_WITHOUT})", re.IGNORECASE)
_LEADING_CASE = re.compile(r"(?:if|when|for|in\s+case)\s+(?:(?:all|any|every|each)\s+)?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?:[.?]|(?<=[a-z]{2})!)(?=\s|$)|[。\n]")
_TEXT = re.compile(r"\\text(?:bf|rm)?\s?\{([^{}]*)\}")
_LETTER = re.compile(r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])")


class Excepted(NamedTuple):
    """What an answer says, what it leaves out of that, and whether that gets another value: an answer by cases."""

    said: str
    left_out: str
    cases: bool


def excepted(answer: str) -> Excepted | None:
    """An answer with an exception behind it, told apart; None for other answers."""
    text = _TEXT.sub(r" \1 ", answer).replace("$", "")
    found = _APART.search(text, 1) if "\\begin" not in answer else None
    if found is None or not text[: found.start()].strip(" ,;("):
        return None
    left_out = found["left"] or found["cases"]
    return Excepted(text[: found.start()], left_out.strip(" ,;)"), found["left"] is None)


def granted(answer: str, question: str) -> str | None:
    """An answer without an exception that the question makes itself ("0 for odd k", asked for odd k); else None."""
    told = excepted(answer)
    if told is None:
        return None
    case = _bare(_LEADING_CASE.sub("", told.left_out))
    return told.said if case and case in _bare(question) else None


def _bare(text: str) -> str:
    return re.sub(r"[^\w=<>+*/-]", "", text).lower()


def following(text: str, place: int, value: str) -> str:
    """The exception behind a value that ends at a place of a text, to the end of its sentence; empty without one."""
    end = _SENTENCE_END.search(text, place)
    after = text[place : end.start() if end else len(text)][:_LONGEST]
    if _FOLLOWING.match(after) or (_LETTER.search(value) and _BEHIND_TERM.match(after)):
        return after
    return ""

"""A question and its reference answer → why no answer to it could be checked, if so; used by pool."""

import re

_NOTHING = {"", "none", "null", "nan", "n/a", "na", "unknown", "-", "?"}
_NO_VALUE = re.compile(
    r"\\?(?:proof|q\.?e\.?d\.?|see (?:the )?(?:solution|proof|above|below).*|omitted|proved)\.?", re.IGNORECASE
)
_PROVE = re.compile(r"\b(?:prove|show|verify|demonstrate) (?:that|the|each|this|if|why|for)\b|证明|求证", re.IGNORECASE)
_ASK = re.compile(
    r"\b(?:find|determine|compute|calculate|evaluate|solve|simplify|how (?:many|much|long|far|old)|what|which of)\b"
    r"|求(?!证)|计算|多少|[?？]",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:^|[\s.;:,?!)])(?:\((?P<mark>[a-e1-5]|i{1,3}|iv)\)|(?P<letter>[a-e])\)|part (?P<part>[a-e1-5])[:.)])\s*"
    r"(?=(?:please |then |also |now )?(?:find|determine|compute|calculate|evaluate|solve|prove|show|how|what|which|"
    r"give|write|state|sketch|draw|(?-i:Is|Are|Does|Do|Can|If|For|Let|Suppose))\b|求|证明|计算)",
    re.IGNORECASE,
)
# From the last "![" before a "]", so that many of them without one are not each read to the end.
_FIGURE = re.compile(r"!\[(?:[^\]!]|!(?!\[))*+\]\(|<img\b|\\includegraphics", re.IGNORECASE)
_PROSE_WORDS = 12  # an answer with more words is an explanation, which no comparison of values can check
_LENGTH = 400  # characters


def unverifiable(question: str, answer: str | None) -> str | None:
    """Why a model's answer to this problem could not be checked against the reference, or None where it can.

    The reasons: no answer, a request for a proof alone, several parts with one answer, a figure that the text
    only links to, and an answer that is no value (unbalanced, empty of content, or prose).

    Args:
        question: the problem as the source gives it.
        answer: the reference answer, or None.
    """
    value = (answer or "").strip()
    if value.lower() in _NOTHING:
        return "no answer"
    if _NO_VALUE.fullmatch(value) or (_PROVE.search(question) and not _ASK.search(_PROVE.sub(" ", question))):
        return "proof request"
    if len({mark.lower() for match in _PART.finditer(question) for mark in match.groups() if mark}) > 1:
        return "several parts"
    if _FIGURE.search(question):
        return "linked figure"
    return _no_value(value)


def _no_value(value: str) -> str | None:
    if not any(char.isalnum() or char in "∅∞" for char in value):
        return "answer without content"
    if value.count("{") - value.count(r"\{") != value.count("}") - value.count(r"\}"):
        return "unbalanced answer"
    if len(value) > _LENGTH or len(re.findall(r"(?<!\\)\b[^\W\d_]{2,}", value)) > _PROSE_WORDS:
        return "answer is prose"
    return None

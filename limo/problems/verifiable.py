"""A question and its reference answer → why no answer to it could be checked, if so; used by pool."""

import re

import polars as pl

# What stands where an answer should: nothing is known, or it is elsewhere. "no solution" and "undefined" are answers.
_NULL = {"none", "null", "nan"}  # how programs write it; \text{none} is what somebody answered
_NOTHING = re.compile(
    r"unknown|missing|unavailable|tb[ad]|todo|pending|omitted|n\.?\s?/?\s?a\.?|invalid(?: answer)?|error"
    r"|not ?(?:found|available|applicable|given|provided|known|specified|stated|extracted|solved|yet)"
    r"|to be (?:determined|added|announced|done)|no ?(?:final )?answer|as (?:above|below)"
    r"|(?:answer|solution)s? (?:not \w+|(?:may|will|can) vary|omitted|missing|unavailable|unknown|pending)"
    r"|(?:your |the |final |correct )*(?:answer|solution)(?: here)?"
    r"|(?:please )?(?:see|refer to|as in) (?:the )?(?:full |official |attached |detailed )?"
    r"(?:solution|proof|explanation|answer|analysis|above|below|figure|diagram|image|picture|text|attachment)s?\b.*"
    r"|(?:证明|答案|解答?|过程)?从?略|(?:暂|尚)?无答案|没有答案|未找到(?:答案)?|暂无|未知|待(?:定|补充|更新)"
    r"|(?:证明|解答?)?(?:参?见|详见|如|同)(?:试题|本题)?(?:解析|详解|答案|解答|解|证明|上|下|图|分析)[所示图文面]*"
    r"|答案(?:不唯一|见解析|略)|[-—–_?？.…\s]+|\\l?dots",
    re.IGNORECASE,
)
_DRESS = re.compile(
    r"\\(?:text|textbf|textit|mathrm|mathbf|boxed|fbox)\s*(?=\{)|\*\*|[${}()\[\]<>（）【】“”\"'`]|(?<=\w)[.。!！:：]+$"
)
_NO_VALUE = re.compile(r"\\?(?:proof|q\.?e\.?d\.?|proved)\.?", re.IGNORECASE)
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
# What every question has that one of the patterns above is found in, and answers that are values at sight.
_DOUBTS = ["prove", "show", "verify", "demonstrate", "证明", "求证", "![", "<img", "includegraphics"]
_MARKED = r"(?i)(?:^|[\s.;:,?!)])(?:\((?:[a-e1-5]|i{1,3}|iv)\)|[a-e]\)|part [a-e1-5][:.)])"
_PLAIN = r"^\s*\$?-?(?:[0-9][0-9.,/^]*|[A-Z]|\\d?frac\{[0-9]+\}\{[0-9]+\})\$?\s*$"
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
    if not value or placeholder(value):
        return "no answer"
    if _NO_VALUE.fullmatch(value) or (_PROVE.search(question) and not _ASK.search(_PROVE.sub(" ", question))):
        return "proof request"
    if len({mark.lower() for match in _PART.finditer(question) for mark in match.groups() if mark}) > 1:
        return "several parts"
    if _FIGURE.search(question):
        return "linked figure"
    return _no_value(value)


def faults(questions: pl.Series, answers: pl.Series) -> list[str | None]:
    """Why each of many problems could not be checked, as `unverifiable` says it.

    Most have a plain answer and no word that could be a reason: these are known by their columns alone.
    """
    doubted = questions.str.contains_any(_DOUBTS, ascii_case_insensitive=True) | questions.str.contains(_MARKED)
    plain = answers.str.contains(_PLAIN).fill_null(False) & ~doubted
    reasons: list[str | None] = [None] * len(questions)
    for place in (~plain).arg_true():
        reasons[place] = unverifiable(questions[place], answers[place])
    return reasons


def placeholder(answer: str) -> bool:
    """Whether an answer says only that there is none here: `N.A.`, `notfound`, `TBD`, `见解析`, `?`."""
    if answer.strip("* ").lower() in _NULL:
        return True
    return len(answer) < _LENGTH and _NOTHING.fullmatch(_DRESS.sub("", answer).strip()) is not None


def _no_value(value: str) -> str | None:
    if not any(char.isalnum() or char in "∅∞" for char in value):
        return "answer without content"
    if value.count("{") - value.count(r"\{") != value.count("}") - value.count(r"\}"):
        return "unbalanced answer"
    if len(value) > _LENGTH or len(re.findall(r"(?<!\\)\b[^\W\d_]{2,}", value)) > _PROSE_WORDS:
        return "answer is prose"
    return None

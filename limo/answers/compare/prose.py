"""Two answers in words → whether they say the same; used by compare.match."""

import re

from limo.answers.compare.value import Decision
from limo.answers.parse.clock import same_time
from limo.answers.parse.words import TRUTH

_TURNING = frozenset(
    "not no never neither nor without except some all every each any most least only few many always sometimes".split()
)
_RESTRICTING = frozenset(
    "greater larger more less smaller fewer above below between even odd positive negative if unless except excluding "
    "besides other than".split()
)
_CHANGING = _TURNING | _RESTRICTING | {"and", "or"}  # words that make an answer another one than the name within it
_IDLE = frozenset("is are was were of to in at on it its for by and with that this there be has have will".split())
_NAMES = 3  # of a list that may stand in any order
_STEM = 5  # letters from which two words may be forms of one
_NAME = 2  # words of a name or term; longer texts may say the same in other words
_OVERLAP = 0.6  # share of words in common from which two texts may say the same


def same_words(one: str, other: str) -> Decision:
    """Compare two texts in `plain_words` form.

    The same words are equal; yes and no (true and false) are told by the first word. A name that the other text only
    surrounds with more words, none of them a negation or an "and", is the same answer. Names and terms with few words
    in common, no forms of one word among them and no "not", differ; between these nothing is decided.
    """
    if alike(one, other):
        return True, "text"
    if one.startswith("clock") and other.startswith("clock"):
        return same_time(one, other), "time"
    left, right = one.split(), other.split()
    if left and right and left[0] in TRUTH and right[0] in TRUTH:
        return TRUTH[left[0]] == TRUTH[right[0]], "yes or no"
    words = [[word for word in side if word not in _IDLE] for side in (left, right)]
    if words[0] == words[1] and words[0]:
        return True, "text"
    names = [sorted(word for word in side if word not in {"and", "or"}) for side in (left, right)]
    if names[0] == names[1] and len(names[0]) <= _NAMES:
        return (True if {"and", "or"} & {*left} & {*right} else None), "text"
    short, long = sorted(words, key=len)
    if short and len(short) <= 3 and _within(short, long):
        return (None if (_CHANGING & {*left}) ^ (_CHANGING & {*right}) else True), "text"
    if len(short) > _NAME:
        return None, "text"  # prose says the same in many ways
    common = len({*short} & {*long}) / max(1, len({*long}))
    akin = any(_akin(a, b) for a in short for b in long)
    if ("not" in left) != ("not" in right):
        return (False if akin else None), "text"  # exists, does not exist; but composite is not prime
    return (None if akin or common >= _OVERLAP else False), "text"


def alike(one: str, other: str) -> bool:
    """Whether two texts in `plain_words` form are the same but for spaces and hyphens."""
    return one == other or _letters(one) == _letters(other)


def _letters(text: str) -> str:
    return re.sub(r"(?<=[a-z])-(?=[a-z])|\s", "", text)


def _akin(one: str, other: str) -> bool:
    """Whether two words may be forms of one: converges and convergent, infinite and infinitely."""
    return one != other and one[:_STEM] == other[:_STEM] and min(len(one), len(other)) >= _STEM


def _within(short: list[str], long: list[str]) -> bool:
    return any(long[k : k + len(short)] == short for k in range(len(long) - len(short) + 1))

"""Tokens of a problem → its facts, which make it another problem; used by pool, audit and a user's own problems."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from limo.problems.tokens import lowered
from limo.problems.vocabulary import (
    DECISIVE,
    FUNCTIONS,
    GREEK,
    KINDS,
    NEUTRAL,
    SAME,
    SIGNS,
    SORTS,
    SPELLING,
    STOP,
    STYLE,
)

_VOWEL = re.compile("[aeiou]", re.IGNORECASE)
_NAME, _PRODUCT, _LETTERS = 6, 3, 4  # letters
_EMPHASIS = 3  # letters; a shorter word in capitals is a name
_BRACKET = 40  # tokens; a longer one holds prose
_NESTED = 4  # brackets in one another
_BARS = 6  # bars; a text with more draws tables with them
_ABSOLUTE = 16  # tokens between the bars of an absolute value
_RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\in"}  # none of which stands between them
_SUMS = {"+", "-", r"\pm", r"\frac", "*"}
_BINDING = {"-", "*", r"\frac", r"\sqrt", "^", "_", ")", *FUNCTIONS.split()} - {"gcd", "lcm", "max", "min"}
_BOUND = {"^", r"\frac", "*", "("}
_FUNCTION_NAMES = set(FUNCTIONS.split())
_JUXTAPOSED = set("sin cos tan cot sec csc log ln exp".split())  # whose products are written without a sign
_SECOND = set(
    "day way bit dim gon sum set cut cm km mm kg ft lb mi oz in th st nd rd by of to up it on old men man".split()
)
_ARTICLES = ("a", "A", "I")
_SHORT = set(
    "am an as at be by do go he if in is it me my no of oh on or so to up us we ad ed ex hi id ma ok pa pi re un"
    " st nd rd th cm km mm kg ml hr ft lb pm mr dr vs sq yd rs pt oz mi ms lt la le de el et il du why try fly dry sky"
    " cry mph pts shy spy pry sly wry gym hmm mrs hrs yds lbs rpm".split()
)


class Fact(NamedTuple):
    """One token that decides which problem it is.

    Attributes:
        value: the token in its one spelling, or one letter of it.
        position: its place among the tokens.
        article: whether it may be a mere word: `a`, `A` or `I` before a word.
    """

    value: str
    position: int
    article: bool


def facts(tokens: Sequence[str], spans: Sequence[tuple[int, int]] | None = None) -> list[Fact]:
    """The tokens, in order, that make two problems of the same wording different problems.

    Numbers (also as words), operators and relations, LaTeX commands, one-letter variables, the letters of names in
    capitals (segment DE) and of products of variables (xy), and the words that say which quantity is asked (least,
    even, sum, not, ...; synonyms count as one), and brackets around a sum that is raised, divided or multiplied. Other
    brackets, product signs that may be left out and hyphens between words are layout.
    Articles are among them, marked as such, since `a` may be a variable.

    Args:
        tokens: what `canonical.words` or `normal` gives.
        spans: [start, end) of the tokens whose facts are wanted; all by default.
    """
    variables: set[str] | None = None
    decisive = []
    for start, end in [(0, len(tokens))] if spans is None else spans:
        for position in range(start, end):
            word = tokens[position]
            values = _values(word)
            if values is None:
                if variables is None:  # the set may be empty: it is made once all the same
                    variables = {single for single in tokens if len(single) == 1}
                values = _values_beside(tokens, position, variables)
            article = word in _ARTICLES and _is_plain(tokens[position + 1 : position + 2])
            for value in values:
                decisive.append(Fact(value, position, article))  # noqa: PERF401  (a list per word is slower)
    return decisive


def normal(tokens: Sequence[str]) -> list[str]:
    """The tokens that carry content, each in one spelling: no articles and verbs of asking, `twelve` as `12`."""
    return [token for token in map(normal_token, tokens) if token]


@lru_cache(maxsize=1_000_000)
def normal_token(token: str) -> str | None:
    """A token in its one spelling, None for one without content."""
    word = _quiet(lowered(token))
    if word in STOP:
        return None
    return _number(word) if word[0].isdigit() else SPELLING.get(word, word)


def _quiet(word: str) -> str:
    """A decisive word that is printed in capitals for emphasis as any other ("is NOT a prime")."""
    return word.lower() if len(word) >= _EMPHASIS and word.isupper() and word.lower() in DECISIVE else word


def kinds(tokens: Iterable[str]) -> Counter[str]:
    """How often each word, whatever its number, comes that decides only against another word of its sort."""
    return Counter(token.rstrip("s") for token in tokens if token in KINDS)


def sorts(tokens: Iterable[str]) -> set[tuple[int, str]]:
    """The words, as (sort, word), that decide only against another one of the same sort: minutes against hours."""
    return {SORTS[token] for token in tokens if token in SORTS}


def is_layout(token: str) -> bool:
    """Whether a normal token is spelling and layout, which may differ from text to text."""
    return token in STYLE or token in SIGNS or token in {"*", "(", "["}


def is_content(token: str) -> bool:
    """Whether a normal token is a plain word that may tell two problems apart: no fact, name or word of asking."""
    return len(token) > 1 and token.isalpha() and token.isascii() and token not in NEUTRAL and token not in DECISIVE


def is_name(fact: str) -> bool:
    """Whether a fact's value is a variable or a letter of a name."""
    return (len(fact) == 1 and fact.isascii() and fact.isalpha()) or fact in GREEK


def is_name_token(token: str) -> bool:
    """Whether a normal token is made of variables, as far as it shows without its text."""
    return token in GREEK or (token.isascii() and token.isalpha() and token not in DECISIVE and _is_letters(token))


@lru_cache(maxsize=1_000_000)
def _values(word: str) -> Sequence[str] | None:
    """The facts that a token stands for: none for prose and layout, the letters of a name or a product; None where
    the text around it decides."""
    if word[0].isdigit():
        return (_number(word),)
    if word[0] == "\\":
        return () if word in STYLE else (SPELLING.get(word, word),)
    if not word[0].isalpha():
        return None if word in "-–*([|" else () if word in SIGNS else (SAME.get(word, word),)
    if word in DECISIVE:
        return (DECISIVE[word],)
    if word == "or":
        return None
    if len(word) == _PRODUCT and word.endswith("th") and _VOWEL.match(word) is None:
        return (word[0],)
    if not word.isascii():
        return ()
    if _is_letters(word):
        return tuple(word)
    if len(word) <= _LETTERS and word not in _SHORT:
        return None
    return (word,) if word.isupper() else ()


def _values_beside(tokens: Sequence[str], position: int, variables: set[str]) -> Sequence[str]:
    """What text around a token decides: a hyphen before a word is none, nor a product sign that may be left out, nor
    brackets that change no value; a short word of variables of this text is their product."""
    word = tokens[position]
    before, after = tokens[max(0, position - 1) : position], tokens[position + 1 : position + 2]
    if word in "-–":
        return () if before and _is_compound(after) else (word,)
    if word == "*":
        words = before == [")"] and (_is_plain(after) or after == [r"\sqrt"]) and after[0] not in _JUXTAPOSED
        return (word,) if words or (_is_number(before) and _is_number(after)) else ()
    if word in "([":
        return ("(",) if _groups(tokens, position) else ()
    if word == "|":
        return ("|",) if _encloses(tokens, position) else ()
    if word == "or":
        return ("or",) if _is_term(before) and _is_term(after) else ()
    if variables.issuperset(word):
        return tuple(word)
    return (word,) if word.isupper() else ()


def _groups(tokens: Sequence[str], start: int) -> bool:
    """Whether the bracket that opens here holds a sum, difference or quotient that is more than its parts, or an
    exponent of several."""
    depth, sums, added, told = 0, False, False, False
    signed = tokens[start + 1 : start + 2] == ["-"]
    for end in range(start, min(len(tokens), start + _BRACKET)):
        token = tokens[end]
        depth += (token in {"(", "["}) - (token in {")", "]"})
        if depth > _NESTED:
            return False
        if depth == 0:
            before, after = tokens[max(0, start - 1) : start], tokens[end + 1 : end + 2]
            limit = bool(before) and len(before[0]) > 1 and tokens[max(0, start - 2)] == "^"  # of a sum or product
            bound = bool(before) and (before[0] in _BINDING or (_is_term(before) and not limit))
            raised = before == ["^"] and len("".join(tokens[start + 1 : end])) > 1
            times = bool(after) and (after[0] in _BOUND or (added and not told and _is_term(after)))
            return raised or (sums and (bound or times)) or (signed and after == ["^"])
        sums |= depth == 1 and end > start + 1 and token in _SUMS
        added |= depth == 1 and end > start + 1 and token in {"+", "-"}
        told |= token in _RELATIONS or (_is_plain([token]) and token not in _FUNCTION_NAMES)
    return False


def _encloses(tokens: Sequence[str], start: int) -> bool:
    """Whether the bar here opens an absolute value: bars come in pairs, one that is near closes it, with a formula
    between them that is more than a name behind a name (m | n)."""
    # Of many bars the first few say enough: a text of bars alone must not be read once for each.
    bars = list(islice((place for place, sign in enumerate(tokens) if sign == "|"), _BARS + 1))
    if start not in bars or len(bars) % 2 or len(bars) > _BARS or bars.index(start) % 2:
        return False
    number = bars.index(start)
    inside = tokens[start + 1 : bars[number + 1]]
    divides = _is_term(tokens[max(0, start - 1) : start]) and all(is_name(token) for token in inside)
    other = any(token in _RELATIONS or (_is_plain([token]) and token not in _FUNCTION_NAMES) for token in inside)
    return 0 < len(inside) <= _ABSOLUTE and not divides and not other


def _is_term(words: Sequence[str]) -> bool:
    """Whether a token is a number or a variable."""
    return _is_number(words) or (bool(words) and len(words[0]) == 1 and words[0].isascii() and words[0].isalpha())


def _number(word: str) -> str:
    whole = word.replace(",", "")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole.lstrip("0") or "0"


def _is_letters(word: str) -> bool:
    """Whether a short run of letters is a name or a product of variables and not a word."""
    if word.isupper() or len(word) == 1:
        return len(word) <= _NAME
    if len(word) > _PRODUCT or word in _SHORT:
        return False
    return len(word) < _PRODUCT or _VOWEL.search(word) is None


def _is_plain(words: Sequence[str]) -> bool:
    return bool(words) and len(words[0]) > 1 and words[0].isalpha()


def _is_number(words: Sequence[str]) -> bool:
    return bool(words) and words[0][0].isdigit()


def _is_compound(words: Sequence[str]) -> bool:
    """Whether a word after a hyphen is the second part of a compound and no factor."""
    return _is_plain(words) and words[0] not in _FUNCTION_NAMES and (len(words[0]) >= _LETTERS or words[0] in _SECOND)

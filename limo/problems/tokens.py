"""A canonical text → its words, numbers and signs, in order; used by whatever compares problems."""

import re

import polars as pl

# Words of several spellings, whatever their case. The first that fits is taken.
_PHRASES = {
    "n't ": " not ",
    "can't ": " not ",
    "per cent ": "percent ",
    **dict.fromkeys(("'ll ", "'re ", "'ve ", "'d ", "\\\\"), " "),
    "p.m": " pm",
    "a.m": " am",
    **dict.fromkeys(("多少%", "多少"), "几"),
    **dict.fromkeys(("greatest common divisor", "greatest common factor", "highest common factor"), "gcd"),
    **dict.fromkeys(("least common multiple", "lowest common multiple"), "lcm"),
    **{f"{six}{joint}sided di{end}": f"di{end}" for six in ("six", "6") for joint in "- " for end in ("ce", "e")},
    "a pair of ": "two ",
    **dict.fromkeys(("km/hr", "km/h"), "km per hour"),
}
# Terms that a listing shows before its dots, and signs beside them: 1, 2, 3, ..., n is 1, ..., n; a + ... b a sum.
_INDEX, _POWER = r"(?:[A-Za-z]_)?", r" ?(?:\^\d+)? ?"
_LISTED = rf"({_INDEX}1{_POWER})([,+*]) ?{_INDEX}2{_POWER}[,+*] ?(?:{_INDEX}3{_POWER}[,+*] ?)?\.{{3}}"
_MONTHS = "January February March April May June July August September October November December".split()
_DATE = rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({'|'.join(_MONTHS)})\b"
_ORDINAL = r"\b(?:[2-9]|1[0-2])(?:nd|rd|th)\b"
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_PLAIN = r"[A-Za-z\d]*(?:[A-Za-z\d]|\\[A-Za-z]+)"
_DOTTED = [rf"\{sign} ?\.{{3,}} ?\{sign}?|\.{{3,}} ?\{sign}" for sign in "+*"]
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_SIGN = r"[^\w\s.,;:?'\"{}\\]"
_OTHER_SIGN = r"[^\p{L}\p{N}_\s\x1c-\x1f.,;:?'\"{}\\]"
_WORD = re.compile(
    rf"\^\{{\\circ\}}|\\[A-Za-z]+|[1-9]\d{{0,2}}(?:,\d{{3}}(?!\d))+(?:\.\d+)?|\d+(?:\.\d+)?"
    rf"|[{_CJK}]|(?:(?![{_CJK}])[^\W\d_])+|{_SIGN}"
)
# The same where there is no look-around: a unit right behind thousands (5,000m) is set apart before.
_WORDS = (
    rf"\^\{{\\circ\}}|\\[A-Za-z]+|[1-9]\d{{0,2}}(?:,\d{{3}}\b)+(?:\.\d+)?|\d+(?:\.\d+)?|[{_CJK}]"
    rf"|[\p{{L}}\p{{No}}\p{{Nl}}&&[^{_CJK}]]+|{_OTHER_SIGN}"
)


def words(canonical_text: str) -> list[str]:
    """Tokens of a canonical text for shingles: words, numbers, LaTeX commands, operators, CJK characters one by one.

    A capitalised word is lower-cased; a single letter and an all-capital name (triangle ABC) keep their case.
    Punctuation and grouping braces are no tokens.
    """
    return [lowered(word) for word in _WORD.findall(_grouped(pl.Series([canonical_text], dtype=pl.String))[0])]


def words_all(canonical_texts: pl.Series) -> pl.Series:
    """The `words` of many texts, as lists, each of which `lowered` is still to be applied to."""
    return _grouped(canonical_texts).str.replace_all(r"(,\d{3})([A-Za-z_])", "$1 $2").str.extract_all(_WORDS)


def words_of_all(canonical_texts: pl.Series) -> list[list[str]]:
    """The `words` of many texts, faster than of each."""
    return [[lowered(word) for word in found] for found in words_all(canonical_texts).to_list()]


def _grouped(texts: pl.Series) -> pl.Series:
    """Texts with plain quotients between their parts, with round brackets for braces around sums, which decide what is
    raised or divided, with one spelling of phrases and of what is left out in a listing."""
    texts = texts.str.replace_all(r"(_)\{([A-Za-z\d ]+)\}|(\^)\{([A-Za-z]|\d+)\}", "$1$2$3$4 ")
    texts = texts.str.replace_all(r"\^\{([A-Za-z\d ]+)\}", "^($1)")
    texts = texts.str.replace_all(rf"\\frac\{{({_PLAIN})\}}\{{({_PLAIN})\}}", " $1/$2 ")
    texts = texts.str.replace_all(r"\{([^{}]+[+\-][^{}]*)\}", "($1)")
    texts = texts.str.replace_all(r"\((\d+)\)\((\d+!?)\)", "$1 * $2")
    for half in "ap":
        texts = texts.str.replace_all(rf"(?i)(:\d\d) ?{half}\.?m\.?([^a-z=+*/<>-]|$)", f"$1 {half}m$2")
    dated = texts.str.contains_any(_MONTHS).arg_true()
    if len(dated):
        texts = texts.clone().scatter(dated, texts.gather(dated).str.replace_all(_DATE, "$2 $1"))
    counted = texts.str.contains(_ORDINAL).arg_true()
    if len(counted):
        named = texts.gather(counted)
        for number, word in enumerate(_ORDINALS, 2):
            named = named.str.replace_all(rf"\b{number}(?:nd|rd|th)\b", word)
        texts = texts.clone().scatter(counted, named)
    dotted = texts.str.contains("...", literal=True).arg_true()
    if len(dotted):
        listed = texts.gather(dotted).str.replace_all(_LISTED, "$1 $2...")
        for sign, pattern in zip("+*", _DOTTED, strict=True):
            listed = listed.str.replace_all(pattern, f" {sign} ")
        texts = texts.clone().scatter(dotted, listed)
    return texts.str.replace_many(_PHRASES, ascii_case_insensitive=True, leftmost=True)


def lowered(word: str) -> str:
    """A word without the capital that begins a sentence."""
    return word.lower() if len(word) > 1 and word[0] != "\\" and word[1:].islower() else word


def shingles(tokens: list[str], size: int) -> set[str]:
    """Runs of `size` tokens, joined by spaces; a shorter text is one shingle."""
    return {" ".join(tokens[start : start + size]) for start in range(max(1, len(tokens) - size + 1))}


def jaccard(one: set[str], other: set[str]) -> float:
    """Shared part of the union of two non-empty sets, rounded to 6 decimal places."""
    shared = len(one & other)
    return round(shared / (len(one) + len(other) - shared), 6)

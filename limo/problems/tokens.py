"""A canonical text → its words, numbers and signs, in order; used by whatever compares problems."""

import re

import polars as pl

_CONTRACTIONS = {"多少": "几", "n't ": " not ", "'ll ": " ", "'re ": " ", "'ve ": " ", "'d ": " "}
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


def _grouped(texts: pl.Series) -> pl.Series:
    """Texts with plain quotients between their parts, with round brackets for braces around sums, which decide what is
    raised or divided, and with whole words for contractions."""
    texts = texts.str.replace_all(r"([\^_])\{([A-Za-z\d]+)\}", "$1$2 ")
    texts = texts.str.replace_all(r"\\frac\{([A-Za-z\d]+)\}\{([A-Za-z\d]+)\}", " $1/$2 ")
    texts = texts.str.replace_all(r"\{([^{}]+[+\-][^{}]*)\}", "($1)")
    return texts.str.replace_many(_CONTRACTIONS)


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

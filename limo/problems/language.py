"""Questions → the language of their prose; used by pool for a label."""

import re

import polars as pl

LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "vi", "zh"]
NONE = "zxx"  # ISO 639-2: no linguistic content
# What of a problem is no prose: formulas between dollars, commands with their arguments, lone letters.
_FORMULA = r"(?s)\$\$.*?\$\$|\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)|\[asy\].*?\[/asy\]|\\[A-Za-z]+(?:\{[^{}]*\})?"
_PROSE = r"\p{L}{3,}|[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
_ENGLISH = (
    r"(?i)\b(?:the|what|find|how|which|that|for|with|are|and|if|let|where|when|each|given|compute|evaluate|solve|simplify"
    r"|calculate|expand|write|express|equals?|define|factor|convert|between|satisfies)\b"
)


def languages(questions: pl.Series) -> list[str]:
    """The language of each question's prose, one of LANGUAGES or "zxx" for formulas alone.

    A word that only English has decides at once, Han without kana is Chinese, and py3langid settles the rest.
    """
    prose = questions.str.replace_all(_FORMULA, " ")
    worded = prose.str.contains(_PROSE)
    chinese = prose.str.contains(r"\p{Han}") & ~prose.str.contains(r"[\p{Hiragana}\p{Katakana}\p{Hangul}]")
    english = prose.str.contains(_ENGLISH) & ~chinese
    rows = zip(prose, worded, chinese, english, strict=True)
    return [_language(*row) for row in rows]


def _language(prose: str, worded: bool, chinese: bool, english: bool) -> str:
    if not worded:
        return NONE
    if chinese or english:
        return "zh" if chinese else "en"
    return _classified(re.sub(r"[\W\d_]+", " ", prose))


def _classified(prose: str) -> str:
    import py3langid  # noqa: PLC0415  (loads its model, paid only by those who need it)

    py3langid.set_languages(LANGUAGES)
    return str(py3langid.classify(prose)[0])

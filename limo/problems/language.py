"""Questions → the language of their prose; used by pool for a label."""

import re
from functools import cache
from typing import Any

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
    chinese = prose.str.contains(r"\p{Han}") & ~prose.str.contains(r"[\p{Hiragana}\p{Katakana}\p{Hangul}]")
    worded, english = prose.str.contains(_PROSE), prose.str.contains(_ENGLISH)
    sure = pl.DataFrame({"zh": chinese, "en": english, "worded": worded}).select(
        pl.when(~pl.col("worded"))
        .then(pl.lit(NONE))
        .when("zh")
        .then(pl.lit("zh"))
        .when("en")
        .then(pl.lit("en"))
        .alias("language")
    )["language"]
    asked = sure.is_null().arg_true()
    return sure.scatter(asked, [_classified(re.sub(r"[\W\d_]+", " ", text)) for text in prose.gather(asked)]).to_list()


def _classified(prose: str) -> str:
    return str(_identifier().classify(prose)[0])


@cache
def _identifier() -> Any:
    import py3langid  # noqa: PLC0415  (loads its model, paid only by those who need it)

    py3langid.set_languages(LANGUAGES)
    return py3langid

"""Text of a problem → one spelling, its id and its words; used by every stage that gives or compares ids."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from limo.problems.frames import unframed

# Spellings of one LaTeX meaning. A command that is not listed stays as it is written. All end in a space or need none.
_COMMANDS = {
    **dict.fromkeys(("dfrac", "tfrac", "cfrac", "df"), r"\frac "),
    **dict.fromkeys(("dbinom", "tbinom"), r"\binom "),
    **dict.fromkeys("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split(), " "),
    **dict.fromkeys("displaystyle textstyle scriptstyle limits nolimits quad qquad enspace thinspace".split(), " "),
    **dict.fromkeys("hfill hfil noindent indent par newline medskip smallskip bigskip allowbreak".split(), " "),
    **dict.fromkeys("nonumber notag rm bf sf tt em centering strut ensuremath nobreak".split(), " "),
    **dict.fromkeys(("times", "ast"), " * "),
    **dict.fromkeys(("leq", "leqslant", "leqq"), r"\le "),
    **dict.fromkeys(("geq", "geqslant", "geqq"), r"\ge "),
    **dict.fromkeys("ldots cdots dots dotsc dotsb dotsm dotsi dotso hdots".split(), "..."),
    **dict.fromkeys(("lvert", "rvert", "vert", "mid"), "|"),
    **dict.fromkeys(("lVert", "rVert", "Vert"), "||"),
    **dict.fromkeys(("pmod", "mod"), r"\bmod "),
    **dict.fromkeys(("rightarrow", "longrightarrow"), r"\to "),
    **dict.fromkeys(("Longrightarrow", "implies"), r"\Rightarrow "),
    **dict.fromkeys(("Longleftrightarrow", "Leftrightarrow"), r"\iff "),
    **dict.fromkeys(("vartriangle", "bigtriangleup"), r"\triangle "),
    **dict.fromkeys(("overarc", "wideparen"), r"\overset{\frown}"),
    "neq": r"\ne ",
    "measuredangle": r"\angle ",
    "bot": r"\perp ",
    "over": r"\frac ",
    "lor": r"\vee ",
    "land": r"\wedge ",
    "lnot": r"\neg ",
    "owns": r"\ni ",
    "gets": r"\leftarrow ",
    "varnothing": r"\emptyset ",
    "minus": "-",
    "plus": "+",
    "equal": "=",
    "lt": "<",
    "gt": ">",
    "colon": ":",
    "textquotesingle": "'",
    "textasciitilde": " ",
    "textdollar": " ",
    "textsuperscript": "^",
    "textsubscript": "_",
    "textdegree": r"^{\circ}",
    "prime": "'",
    "lbrace": r"\{",
    "rbrace": r"\}",
    "degree": r"^{\circ}",
}
_SIGNS = {
    **dict.fromkeys("−–‐‑", "-"),
    **dict.fromkeys("×∗✕", " * "),
    **dict.fromkeys("⋅·∙", r"\cdot "),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("≤⩽≦", r"\le "),
    **dict.fromkeys("≥⩾≧", r"\ge "),
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("°º˚", r"^{\circ}"),
    **dict.fromkeys("⋯⋮", "..."),
    "≠": r"\ne ",
    "≡": r"\equiv ",
    "≈": r"\approx ",
    "∥": r"\parallel ",
    "⊥": r"\perp ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "⊂": r"\subset ",
    "⊆": r"\subseteq ",
    "∅": r"\emptyset ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "∨": r"\vee ",
    "∧": r"\wedge ",
    "÷": r"\div ",
    "±": r"\pm ",
    "∞": r"\infty ",
    "→": r"\to ",
    "√": r"\sqrt ",
    "∠": r"\angle ",
    "△": r"\triangle ",
    "∈": r"\in ",
    "…": "...",
    "α": r"\alpha ",
    "β": r"\beta ",
    "γ": r"\gamma ",
    "δ": r"\delta ",
    "θ": r"\theta ",
    "λ": r"\lambda ",
    "μ": r"\mu ",
    "π": r"\pi ",
    "σ": r"\sigma ",
    "φ": r"\phi ",
    "ω": r"\omega ",
}
_ESCAPES = {**dict.fromkeys((",", ";", ":", ">", "!", " ", "\n", "(", ")", "[", "]", "$"), " "), "%": "%", "_": "_"}
# Every command is followed by a space when this table is applied. A line break is matched so that it is left alone.
_LITERALS = (
    {f"\\{name} ": spelling for name, spelling in _COMMANDS.items()}
    | {f"\\{char}": spelling for char, spelling in _ESCAPES.items()}
    | {"\\\\": "\\\\", "$": " ", "<=": r"\le ", ">=": r"\ge "}
)
_FOREIGN = r"[^\x00-\x7f]+"
_WRAPPERS = (
    "text|textbf|textit|textrm|textsf|textsc|texttt|textup|textsl|textmd|textnormal|mathrm"
    "|mathit|mathsf|mathop|mbox|hbox"
    "|operatorname|emph"
)
_WRAPPER = rf"\\(?:{_WRAPPERS})\*?\s*\{{"
_WRAPPED = re.compile(rf"\\(?:{_WRAPPERS})\*?\s*(?=\{{)\{{|\\(?:[A-Za-z]+|.)|[{{}}]", re.DOTALL)
# Cross and dot product differ, so `\cdot` is a plain product only where nothing in the text is a vector.
_VECTOR = r"\\(?:mathbf|boldsymbol|bm|vec|overrightarrow)(?:[^A-Za-z]|$)|[Vv]ector|cross product"
_HELD = "\ue000"  # a private character, which no text holds once `_plain` has read it: a space that must stay
_SCRIPT = r"\s*(?:(\d)([^\d]|$)|([A-Za-z])([^A-Za-z]|$)|(\\[A-Za-z]+) ?)"
_TIGHT = r"[+\-*/=<>^{}()\[\]|]"  # no space around these
_ENVIRONMENTS = (
    "cases|array|aligned|align|alignat|equation|gather|gathered|split|tabular|center|itemize|enumerate|eqnarray"
)
_LAYOUT = [
    (r"\n[ \t]*(?:[-*•▪‣]|\(?\d{1,2}[.)])[ \t]+([A-Z$]|\\\(|[a-z]{2})", "\n$1"),  # marks of a list
    (r"\{\s*\{([^{}]*)\}\s*\}", "{$1}"),
    (r"\\log_(\d)(\d)", r"\log_{$1}$2"),
    (r"[\x00-\x08\x0c\x0e-\x1b\x7f]", ""),  # what exports made of \b, \f and ligatures
    (r"(^|[^\\])(?:\\n)+([^a-z]|$)", "$1 $2"),  # a line break that was escaped twice
    (r"\\(?:tag|label|hspace|vspace|phantom|hphantom|vphantom)\*?\s*\{[^{}]*\}", " "),
    (rf"\\(?:begin|end)\s*\{{(?:{_ENVIRONMENTS})\*?\}}(?:\s*\{{[lcr|@\s]*\}})?", " "),
    (r"\\(?:left|right)\s*\.", " "),
    (r"\\q?quad\s*\((?:\d{1,2}|\*{1,3})\)", " "),  # the number of an equation
    (r"\\textbackslash\s*", ""),
    (r"\\not\s*=", r"\ne "),
    (r"\\not\s*\\in([^A-Za-z]|$)", r"\notin$1"),
    (r"\\stackrel\s*\{\s*\\frown\s*\}", r"\overset{\frown}"),
    (r"[\^_]\s*\{\s*\}", ""),  # empty scripts
    (r"([A-Z]{2}\$?) ?(?:\|\||//) ?(\$?[A-Z]{2})", r"$1\parallel $2"),
    (r"\{,\}", ","),
    (r",\s*\\!\s*(\d)", ",$1"),
    (rf"{_WRAPPER}([^{{}}\\]*)\}}", " $1 "),
]
_SHAPES = [
    # One digit or one command needs no braces in LaTeX; longer runs (x^23 of plain text) are left alone.
    (rf"_{_SCRIPT}", "_{$1$3$5}$2$4"),
    (rf"\^{_SCRIPT}", "^{$1$3$5}$2$4"),
    (r"_([a-z])([A-Z])", "_{$1}$2"),
    (r"\^\s*\{\s*('+)\s*\}|\^\s*('+)", "$1$2"),
    (r"([A-Za-z\d])\}? ?\^ ?\{? ?(st|nd|rd|th) ?\}?([^A-Za-z{]|$)", "$1$2$3"),
    (r"([A-Za-z\d])\{(st|nd|rd|th)\}", "$1$2"),
    (r"(\d)(?: |-)(st|nd|rd|th)([^A-Za-z]|$)", "$1$2$3"),
    (r"(^|[^A-Za-z\\])([A-Za-z])-(st|nd|rd|th)([^A-Za-z]|$)", "$1$2$3$4"),
    (r"(^|[^A-Za-z])([Nn])on-([a-z])", "$1${2}on$3"),
    (r"\((?:\\bmod|mod) ?([^()]*)\)", r"\bmod $1"),
    (r"(^|[\sA-Za-z.,;:])-{2,3}([\sA-Za-z.,;:]|$)", "$1—$2"),
    (r"\\binom\s*(\d)\s*(\d)([^\d]|$)", r"\binom{$1}{$2}$3"),
    (r"\\sqrt\s*(\d)([^\d]|$)", r"\sqrt{$1}$2"),
    (r"\\frac\s*(\d)\s*(\d)([^\d]|$)", r"\frac{$1}{$2}$3"),
    (r"\\frac\s*(\d)\s*\{", r"\frac{$1}{"),
    (r"(\\frac\s*\{[^{}]*\})\s*(\d)([^\d]|$)", "$1{$2}$3"),
    (r"(?:[^\S ]|[\x1c-\x1f]| [\s\x1c-\x1f])[\s\x1c-\x1f]*", " "),
    (r"([a-z]{3}[,.;]?) -{1,3} ([a-z]{3})", "$1—$2"),
    (rf" ({_TIGHT}) ?|({_TIGHT}) ", "$1$2"),
    (r"([,:]) (\d{3}(?:(?-u:\b)|[A-Za-z_]))", f"$1{_HELD}$2"),
    (r"([,:]) ", "$1"),
    (r" ([,.;:?]\d)", f"{_HELD}$1"),
    (r" ([,.;:?])", "$1"),
    (_HELD, " "),
    (r" \\", "\\"),
    (r"(\\[A-Za-z]+) ([^A-Za-z]|$)", "$1$2"),
]
# What a text with a prompt frame has at its ends, found much faster than the frame.
_OPENED = (
    r"(?i)^.{0,30}(?:following|step[ -]by|boxed|question\W|problem\W|exercise\W|task\W"
    r"|instruction|you are|response|user:"
    r"|human:|q:|input:|问题|题目|逐步|一步|<\||inst\])"
)
_CLOSED = (
    r"(?i)(?:step[ -]by|boxed|fbox|####|(?:answer|solution|response|output|a)\W*$|last line|own"
    r" line|a box|assistant|your work"
    r"|reasoning|carefully|答案|逐步|一步|解答?[:：]\s*$|\|>|inst\]|</)"
)
_CLOSING = 300  # characters
_HAN = "〇一二三四五六七八九十"
_HAN_PART = re.compile(rf"(?<![{_HAN[1:]}百千\d])([{_HAN[1:]}]|\d+)分之([{_HAN[1:]}]|\d+)(?![{_HAN[1:]}百千万\d])")
_LABEL = r"(?:problem|question|exercise|example|task)\s*(?:no\.\s*)?\d{1,4}(?:\.\d{1,3})?\s*[.:)]\s*"
_PREFIX = re.compile(
    rf"^(?:(?i:{_LABEL})(?=\S)|\d{{1,4}}(?:\.\d{{1,3}})?\.\s+(?=[^\W\d_]|\\)|\(?\d{{1,3}}\)\s*(?=[A-Z][a-z]))+"
)
_LABELLED = r"^(?i:problem|question|exercise|example|task|\(?\d)"  # how every numbering starts
# What no text has on which every rule has been applied, and a few that have: all else is done after one round.
_UNSETTLED = "|".join(
    [
        *(_FOREIGN, _WRAPPER, r"^\s|\s$"),
        *(rf"\\(?:cdot|{'|'.join(_COMMANDS)})(?:[^A-Za-z]|$)", rf"\\[{re.escape(''.join(_ESCAPES))}]", r"\$|<=|>="),
        *(pattern for pattern, _ in _LAYOUT + _SHAPES),
    ]
)
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


def canonical(text: str) -> str:
    """One text as `canonical_all` spells it."""
    return canonical_all(pl.Series([text], dtype=pl.String))[0]


def canonical_all(texts: pl.Series) -> pl.Series:
    r"""Spell problems in one way, so that the same problem typed twice is the same string.

    Unicode (NFKC) and LaTeX variants, delimiters, spacing, leading numbering and prompts (`frames.unframed`) go; every
    number, operator, relation and variable stays, and so does case. The result is for identity and comparison, not for
    display. Idempotent: the rules are applied until they change nothing.

    Args:
        texts: strings without null.
    """
    settled, waiting = texts, pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    while len(waiting):
        spelled = _spelled(settled.gather(waiting))
        bare = _bare(spelled)
        settled = settled.clone().scatter(waiting, bare)  # scatter works in place
        waiting = waiting.filter(spelled != bare)
    return settled


def problem_id(text: str) -> str:
    """Hex sha256 of the canonical text: the identity of a problem in every table."""
    return identity(canonical(text))


def problem_ids(texts: pl.Series) -> pl.Series:
    """The problem id of every text; none is null."""
    return pl.Series(texts.name, [identity(text) for text in canonical_all(texts)], dtype=pl.String)


def identity(canonical_text: str) -> str:
    """The problem id of a text that is canonical already."""
    return hashlib.sha256(canonical_text.encode()).hexdigest()


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


def _spelled(texts: pl.Series) -> pl.Series:
    """Texts on which the rules of spelling change nothing any more."""
    settled, waiting = texts, pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    while len(waiting):
        before = settled.gather(waiting)
        after = _once(before)
        settled = settled.clone().scatter(waiting, after)
        waiting = waiting.filter((before != after) & after.str.contains(_UNSETTLED))
    return settled


def _bare(texts: pl.Series) -> pl.Series:
    """Texts without the number in front of them and without a prompt around them."""
    texts = _where(texts, texts.str.contains(_LABELLED), lambda text: _PREFIX.sub("", text).strip())
    return _where(texts, texts.str.contains(_OPENED) | texts.str.tail(_CLOSING).str.contains(_CLOSED), unframed)


def _once(texts: pl.Series) -> pl.Series:
    """All rules once. What a rule without look-around cannot say is done in Python, on the rows that need it."""
    texts = _where(texts, texts.str.contains(_FOREIGN), lambda text: re.sub(_FOREIGN, _plain, text))
    for pattern, spelling in _LAYOUT:
        texts = texts.str.replace_all(pattern, spelling)
    texts = _where(texts, texts.str.contains(_WRAPPER), _unwrap)
    texts = _where(texts, texts.str.contains("分之", literal=True), lambda text: _HAN_PART.sub(_quotient, text))
    texts = texts.str.replace_all(r"(\\[A-Za-z]+)", "$1 ").str.replace_many(_LITERALS, leftmost=True)
    texts = _dots(texts, texts.str.contains(r"\cdot ", literal=True).arg_true())
    for pattern, spelling in _SHAPES:
        texts = texts.str.replace_all(pattern, spelling)
    return texts.str.strip_chars()


def _where(texts: pl.Series, chosen: pl.Series, rule: Callable[[str], str]) -> pl.Series:
    """The texts with a rule applied to the chosen ones."""
    places = chosen.arg_true()
    return texts.clone().scatter(places, [rule(text) for text in texts.gather(places)]) if len(places) else texts


def _quotient(match: re.Match[str]) -> str:
    """A fraction in Chinese words as a quotient of numbers."""
    whole, part = (str(_HAN.index(each)) if each in _HAN else each for each in match.groups())
    return rf"\frac{{{part}}}{{{whole}}}"


def _dots(texts: pl.Series, places: pl.Series) -> pl.Series:
    """Centred dots as products, in those texts at the places that speak of no vectors."""
    dotted = texts.gather(places)
    scalar = ~dotted.str.contains(_VECTOR)
    plain = dotted.filter(scalar).str.replace_all(r"\cdot ", " * ", literal=True)
    return texts.clone().scatter(places.filter(scalar), plain) if len(plain) else texts


def _plain(match: re.Match[str]) -> str:
    """NFKC, except where it changes the meaning: x² would become x2, 2½ would become 21/2 and ①② would become 12."""
    joined = "".join(map(_plain_char, match[0])).replace("}^{", "").replace("}_{", "")
    return unicodedata.normalize("NFKC", joined)


@lru_cache(maxsize=100_000)
def _plain_char(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    if unicodedata.category(char) in {"Cf", "Cs", "Cn", "Co"}:
        return "" if unicodedata.category(char) == "Cf" else "\N{REPLACEMENT CHARACTER}"
    kind, _, codes = unicodedata.decomposition(char).partition(" ")
    meaning = "".join(chr(int(code, 16)) for code in codes.split()) if kind.startswith("<") else char
    spelled = {"<super>": f"^{{{meaning}}}", "<sub>": f"_{{{meaning}}}", "<fraction>": f" {meaning} "}
    return (spelled | {"<circle>": f"({meaning})"}).get(kind, char)


def _unwrap(text: str) -> str:
    """Drop text and font wrappers with their own braces, however deeply nested, in one pass."""
    wrapped: list[bool] = []

    def step(match: re.Match[str]) -> str:
        mark = match[0]
        if mark == "}":
            return " " if wrapped and wrapped.pop() else mark
        if not mark.endswith("{") or mark == r"\{":
            return mark
        wrapped.append(len(mark) > 1)
        return " " if wrapped[-1] else mark

    return _WRAPPED.sub(step, text)

import hashlib
import re
import unicodedata

# Spellings of one LaTeX meaning. A command that is not listed stays as it is written.
_COMMANDS = {
    **dict.fromkeys(("dfrac", "tfrac", "cfrac"), r"\frac"),
    **dict.fromkeys(("dbinom", "tbinom"), r"\binom"),
    **dict.fromkeys(("left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"), " "),
    **dict.fromkeys(("displaystyle", "textstyle", "limits", "nolimits", "quad", "qquad"), " "),
    **dict.fromkeys((",", ";", ":", ">", "!", " ", "\n", "(", ")", "[", "]", "$"), " "),
    **dict.fromkeys(("times", "ast"), " * "),
    **dict.fromkeys(("leq", "leqslant", "leqq"), r"\le "),
    **dict.fromkeys(("geq", "geqslant", "geqq"), r"\ge "),
    **dict.fromkeys(("ldots", "cdots", "dots", "dotsc"), "..."),
    **dict.fromkeys(("lvert", "rvert", "vert"), "|"),
    "neq": r"\ne ",
    "rightarrow": r"\to ",
    "prime": "'",
    "lbrace": r"\{",
    "rbrace": r"\}",
    "%": "%",
    "degree": r"^{\circ}",
}
_SIGNS = {
    **dict.fromkeys("−–‐‑", "-"),
    **dict.fromkeys("×∗", " * "),
    **dict.fromkeys("⋅·∙", r"\cdot "),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("≤⩽≦", r"\le "),
    **dict.fromkeys("≥⩾≧", r"\ge "),
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("°º˚", r"^{\circ}"),
    "≠": r"\ne ",
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
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)|\$", re.DOTALL)
_WRAPPERS = "text|textbf|textit|textrm|textsf|textnormal|mathrm|mathit|mathsf|mbox|operatorname|emph"
_WRAPPED = re.compile(rf"\\(?:{_WRAPPERS})\*?\s*(?=\{{)\{{|\\(?:[A-Za-z]+|.)|[{{}}]", re.DOTALL)
# Cross and dot product differ, so `\cdot` is a plain product only where nothing in the text is a vector.
_VECTOR = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec|overrightarrow)(?![A-Za-z])|[Vv]ector|cross product")
_SPELLINGS = [
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"(?<=\d,)\s*\\!\s*(?=\d)"), ""),
]
_SHAPES = [
    # One digit or one command needs no braces in LaTeX; longer runs (x^23 of plain text) are left alone.
    (re.compile(r"(?<!\\)([\^_])\s*(?:(\d)(?!\d)|([A-Za-z])(?![A-Za-z])|(\\[A-Za-z]+))"), r"\1{\2\3\4}"),
    (re.compile(r"\\sqrt\s*(\d)(?!\d)"), r"\\sqrt{\1}"),
    (re.compile(r"\\frac\s*(\d)\s*(\d)(?!\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\frac\s*(\d)\s*(?=\{)"), r"\\frac{\1}"),
    (re.compile(r"(\\frac\s*\{[^{}]*\})\s*(\d)(?!\d)"), r"\1{\2}"),
    (re.compile(r"\s+"), " "),
    (re.compile(r" ?([+\-*/=<>^{}()\[\]|]) ?"), r"\1"),
    (re.compile(r" +([,.;:?])(?!\d)"), r"\1"),
    (re.compile(r"(?<=[,:]) (?!\d{3}(?!\d))"), ""),
    (re.compile(r"<="), r"\\le "),
    (re.compile(r">="), r"\\ge "),
    (re.compile(r" +(?=\\)"), ""),
    (re.compile(r"(\\[A-Za-z]+) (?![A-Za-z])"), r"\1"),
]
_BOX = r"\\(?:boxed|fbox)\s*(?:\{\s*\})?"
_STEPS = r"(?:think|reason|work|solve (?:it|this|the problem))(?: (?:about|through) (?:it|this))? ?step[ -]by[ -]step"
_PUT = (
    r"(?:put|give|write|output|present|place|enclose|box|return|provide) (?:your |the )?(?:final )?answer "
    rf"(?:(?:with)?in(?:side)?|using|after) ?(?:{_BOX}|['\"]?####['\"]?)"
)
_ASKS = rf"(?:please |let's |let us |remember to |make sure to ){{0,3}}(?:{_STEPS}|{_PUT})"
_SUFFIX = re.compile(rf"(?:^|(?<=[\s.,;:?!)\]}}]))(?:(?:and|then),? ){{0,2}}{_ASKS} ?[.,;!:]*$", re.IGNORECASE)
_REQUEST = re.compile(r"answer|step", re.IGNORECASE)  # words of every such request, found much faster
_SUFFIX_LENGTH = 200  # characters; longer than any such request, so that a search never walks the whole text
_LABEL = r"(?:problem|question|exercise|example|task)\s*(?:no\.\s*)?\d{1,4}(?:\.\d{1,3})?\s*[.:)]\s*"
_PREFIX = re.compile(
    rf"^(?:(?i:{_LABEL})(?=\S)|\d{{1,4}}(?:\.\d{{1,3}})?\.\s+(?=[^\W\d_]|\\)|\(?\d{{1,3}}\)\s*(?=[A-Z][a-z]))+"
)
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(
    rf"\\[A-Za-z]+|\d+(?:,\d{{3}}(?!\d))*(?:\.\d+)?|[{_CJK}]|(?:(?![{_CJK}])[^\W\d_])+|[^\w\s.,;:?'\"{{}}\\]"
)


def canonical(text: str) -> str:
    r"""Spell a problem in one way, so that the same problem typed twice is the same string.

    Unicode (NFKC) and LaTeX variants, delimiters, spacing, leading numbering and trailing prompt requests ("put your
    final answer within \boxed{}") go; every number, operator, relation and variable stays, and so does case. The
    result is for identity and comparison, not for display. Idempotent.
    """
    while (shorter := _once(text)) != text:
        text = shorter
    return text


def problem_id(text: str) -> str:
    """Hex sha256 of the canonical text: the identity of a problem in every table."""
    return identity(canonical(text))


def identity(canonical_text: str) -> str:
    """The problem id of a text that is canonical already."""
    return hashlib.sha256(canonical_text.encode()).hexdigest()


def words(canonical_text: str) -> list[str]:
    """Tokens of a canonical text for shingles: words, numbers, LaTeX commands, operators, CJK characters one by one.

    A capitalised word is lower-cased; a single letter and an all-capital name (triangle ABC) keep their case.
    Punctuation and grouping braces are no tokens.
    """
    found = _WORD.findall(canonical_text)
    return [word.lower() if len(word) > 1 and word[0] != "\\" and word[1:].islower() else word for word in found]


def shingles(tokens: list[str], size: int) -> set[str]:
    """Runs of `size` tokens, joined by spaces; a shorter text is one shingle."""
    return {" ".join(tokens[start : start + size]) for start in range(max(1, len(tokens) - size + 1))}


def jaccard(one: set[str], other: set[str]) -> float:
    """Shared part of the union of two non-empty sets, rounded to 6 decimal places."""
    shared = len(one & other)
    return round(shared / (len(one) + len(other) - shared), 6)


def _once(text: str) -> str:
    text = _FOREIGN.sub(_plain, text)
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    text = _COMMAND.sub(_command, _unwrap(text))
    if not _VECTOR.search(text):
        text = re.sub(r"\\cdot(?![A-Za-z])", " * ", text)
    for pattern, spelling in _SHAPES:
        text = pattern.sub(spelling, text)
    text = _PREFIX.sub("", text.strip())
    while _REQUEST.search(text, max(0, len(text) - _SUFFIX_LENGTH)) and (
        request := _SUFFIX.search(text, max(0, len(text) - _SUFFIX_LENGTH))
    ):
        text = text[: request.start()].rstrip(" ,;:")
    return text


def _command(match: re.Match[str]) -> str:
    return _COMMANDS.get(match[1] or "$", match[0])


def _plain(match: re.Match[str]) -> str:
    """NFKC, except where it changes the meaning: x² would become x2, 2½ would become 21/2 and ①② would become 12."""
    parts = []
    for char in match[0]:
        kind, _, codes = unicodedata.decomposition(char).partition(" ")
        meaning = "".join(chr(int(code, 16)) for code in codes.split()) if kind.startswith("<") else char
        if char in _SIGNS:
            parts.append(_SIGNS[char])
        elif unicodedata.category(char) in {"Cf", "Cs", "Cn", "Co"}:
            parts.append("" if unicodedata.category(char) == "Cf" else "\N{REPLACEMENT CHARACTER}")
        elif kind == "<super>":
            parts.append(f"^{{{meaning}}}")
        elif kind == "<sub>":
            parts.append(f"_{{{meaning}}}")
        elif kind == "<fraction>":
            parts.append(f" {meaning} ")
        elif kind == "<circle>":
            parts.append(f"({meaning})")
        else:
            parts.append(char)
    joined = "".join(parts).replace("}^{", "").replace("}_{", "")
    return unicodedata.normalize("NFKC", joined)


def _unwrap(text: str) -> str:
    """Drop text and font wrappers with their own braces, however deeply nested, in one pass."""
    wrapped: list[bool] = []

    def step(match: re.Match[str]) -> str:
        found = match[0]
        if found == "}":
            return " " if wrapped and wrapped.pop() else found
        if not found.endswith("{") or found == r"\{":
            return found
        wrapped.append(len(found) > 1)
        return " " if wrapped[-1] else found

    return _WRAPPED.sub(step, text)

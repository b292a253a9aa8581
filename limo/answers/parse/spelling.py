"""An answer as typed → one LaTeX spelling of it; used before parsing, and to compare by spelling alone."""

import re
from collections.abc import Callable
from functools import lru_cache

from limo.answers.parse.money import SCALE, in_dollars, named_currencies

# Unicode that stands for LaTeX. Commands get a space after them so that a letter that follows does not join the name.
_COMMANDS = {
    "×": "times", "·": "cdot", "⋅": "cdot", "∙": "cdot", "÷": "div", "±": "pm", "∓": "mp", "√": "sqrt", "∛": "sqrt[3]",
    "∞": "infty", "≤": "le", "≦": "le", "⩽": "le", "≥": "ge", "≧": "ge", "⩾": "ge", "≠": "ne", "≈": "approx",
    "≡": "equiv", "∈": "in", "∪": "cup", "∩": "cap", "∅": "emptyset", "∖": "setminus", "°": "degree", "º": "degree",
    "π": "pi", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "ν": "nu", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "η": "eta", "κ": "kappa", "ξ": "xi", "ζ": "zeta", "Δ": "Delta", "Ω": "Omega", "Γ": "Gamma",
    "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Θ": "Theta", "Π": "Pi", "ℝ": "R", "ℤ": "Z", "ℕ": "N",
    "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "⟨": "langle", "⟩": "rangle", "∠": "angle",
    "→": "to", "⇒": "Rightarrow", "…": "dots", "⋯": "dots", "∣": "mid",
}  # fmt: skip
_SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-", "＋": "+", "＝": "=", "＜": "<", "＞": ">",
    "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "｛": r"\{", "｝": r"\}", "，": ",", "、": ",",
    "；": ";", "：": ":", "。": ".", "．": ".", "％": "%", "／": "/", "∕": "/", "⁄": "/", "′": "'", "’": "'", "‘": "'",
    "“": '"', "”": '"', "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\u200b": "", "～": "~", "∶": ":",
    "或": " or ", "和": " and ", "与": " and ", "且": " and ", "及": " and ", "℃": r"\degree C", "𝑖": "i", "ⅰ": "i",
    "①": "(1)", "②": "(2)", "③": "(3)",
    "④": "(4)", "⑤": "(5)", "⑥": "(6)", "∗": "*", "｜": "|", "⁻": "⁻", "¢": r" \text{cents}",
}  # fmt: skip
_HALVES = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
    "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
}  # fmt: skip
_UNICODE = str.maketrans(
    {sign: f"\\{name} " for sign, name in _COMMANDS.items()}
    | _SIGNS
    | {sign: f" {value} " for sign, value in _HALVES.items()}
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)}
    | {chr(0xFF21 + k): chr(65 + k) for k in range(26)}
    | {chr(0xFF41 + k): chr(97 + k) for k in range(26)}
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n")
_RAISED_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ]+")
_OVERLINED = re.compile("(?:[0-9][\u0305\u0304\u0307])+")
_LOWERED_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉ₙ]+")

_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathbb"
    r"|boldsymbol|bm|mbox|hbox|operatorname\*?|emph|rm|bf)\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
)
_PERCENT = re.compile(
    r"(?<=[\d)}])\s*(?:\\text\{\s*)?(?:per\s?cent|percentages?|pct|p\.c)(?:\spoints?)?\s*\.?\s*\}?\s*\.?$",
    re.IGNORECASE,
)
_SPELLINGS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"\\(?:left|right|[bB]igg?[lrm]?|middle)(?![A-Za-z])\.?"), " "),
    (re.compile(r"\\(?:displaystyle|textstyle|limits|nolimits|mathop)(?![A-Za-z])"), " "),
    (re.compile(r"\\(?:rm|bf|it|tt|sf)(?![A-Za-z])"), " "),
    (re.compile(r"(?<=\d)(?:\{,\}|\\,|\\!|,\\!\s*)(?=\d{3}(?!\d))"), ","),
    (re.compile(r"\\(le|ge)(?!q|ft)(?=[a-zA-Z])"), r"\\\1 "),
    (re.compile(r"(?<=\d)\s*(?:\^\s*\{?\s*)?(?:\\text\{\s*)?(?:st|nd|rd|th)(?![A-Za-z])\s*\}?\s*\}?"), " "),
    (re.compile(r"\\!"), ""),
    (re.compile(r"(?<=\d)\{,\}(?=\d)"), ","),
    (re.compile(r"\\(?:quad|qquad|enspace|thinspace|hfill|notag|nonumber)(?![A-Za-z])|\\[,;:> ]|(?<!\\)~"), " "),
    (re.compile(r"\\(?:phantom|hspace\*?|vspace\*?|label|tag\*?|color)\s*\{[^{}]*\}"), " "),
    (re.compile(rf"\\\$\s*(-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*{SCALE})?)"), r"\1 \\text{dollars} "),
    (re.compile(r"\\[()\[\]]|\\?\$"), " "),
    (re.compile(r"\\(?:[dtc]frac|cfrac)(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![A-Za-z])"), r"\\binom"),
    (re.compile(r"\\(?:times|cdot|ast|bullet)(?![A-Za-z])"), "*"),
    (re.compile(r"(?<=[\w)}])\s*\*\*\s*(?=[\w({\-])"), "^"),
    (re.compile(r"(?<=\d) ?[xX] ?(?=10 ?\^)"), "*"),
    (re.compile(r"(?<![\w.])0x([0-9A-Fa-f]{1,60})(?!\w)"), lambda run: str(int(run[1], 16))),
    (re.compile(r"(?<![\w.])0b([01]{1,200})(?!\w)"), lambda run: str(int(run[1], 2))),
    (re.compile(r"(?<=[\d}]) ?\\mu ?(?=(?:m|s|g|F|C|L|A|V)(?![A-Za-z]))"), " u"),
    (re.compile(r"\\div(?![A-Za-z])"), "/"),
    (re.compile(r"\\(?:leq|leqslant|leqq)(?![A-Za-z])|<=|=<"), r"\\le "),
    (re.compile(r"\\(?:geq|geqslant|geqq)(?![A-Za-z])|>="), r"\\ge "),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\neq(?![A-Za-z])|!="), r"\\ne "),
    (re.compile(r"\\(?:varnothing|empty)(?![A-Za-z])|\\O(?![A-Za-z])"), r"\\emptyset "),
    (re.compile(r"\\(?:lvert|rvert|vert)(?![A-Za-z])|\\\|"), "|"),
    (re.compile(r"\\(?:lbrace)(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\(?:rbrace)(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\\lbrack(?![A-Za-z])"), "["),
    (re.compile(r"\\rbrack(?![A-Za-z])"), "]"),
    (re.compile(r"\\(?:simeq|thickapprox|doteq)(?![A-Za-z])|~="), r"\\approx "),
    (re.compile(r"\\varepsilon(?![A-Za-z])"), r"\\epsilon "),
    (re.compile(r"\\varphi(?![A-Za-z])"), r"\\phi "),
    (re.compile(r"\\vartheta(?![A-Za-z])"), r"\\theta "),
    (re.compile(r"\\(?:ldots|cdots|dotsc|dotsb|vdots)(?![A-Za-z])|\.\.\.+"), r"\\dots "),
    (re.compile(r"\\(?:bigcup)(?![A-Za-z])"), r"\\cup "),
    (re.compile(r"\\(?:backslash|smallsetminus)(?![A-Za-z])"), r"\\setminus "),
    (re.compile(r"\\%"), "%"),
    (_PERCENT, "%"),
    (re.compile(r"\\#"), "#"),
    (re.compile(r"\\&"), "&"),
    (re.compile(r"\\_"), "_"),
    (re.compile(r"\^\s*\{\s*\\(?:circ|degree)\s*\}|\^\s*\\(?:circ|degree)(?![A-Za-z])"), r"\\degree "),
    (re.compile(r"\^\s*\{\s*(?:\\prime\s*)+\}|\^\s*\\prime(?![A-Za-z])"), "'"),
    (re.compile(r"(?<=\d)\s*(?:degrees?|deg)(?![A-Za-z])|(?<=\d)\s*度"), r"\\degree "),
    (re.compile(r"\s+"), " "),
    (re.compile(r"(?<=[0-9A-F])\s*(?:\\text\{)?\s*\(?(?:in )?base[ -]*\}?\s*(\d+)\s*\)?\}?"), r"_{\1}"),
    (re.compile(r"(?<![\w.])(?:np|numpy|math|sp|sympy)\.(?=[a-z])"), ""),
    (re.compile(r"\(\s*([0-9A-Fa-f]+)\s*\)\s*(?=_)"), r"\1"),
    (re.compile(r"_\s*\{\s*\(\s*(\d+)\s*\)\s*\}"), r"_{\1}"),
    (re.compile(r"(?<![\d.,])(\d{1,3}(?: \d{3})+)(?!\d|\.\d*\.)"), lambda run: run[1].replace(" ", "")),
    (re.compile(r"(?<![\w.])\d{1,3}(?:_\d{3})+(?!\d)"), lambda run: run[0].replace("_", "")),
    (re.compile(r"[*`]{2,}"), ""),
    (re.compile(r"\s+"), " "),
]  # fmt: skip
_ROW = re.compile(r"\\\\(?:\[[^\[\]]*\])?")
_OVER_ESCAPED = re.compile(r"\\\\(?=[A-Za-z{}%$])")
_BROKEN_ROW = re.compile(r"(?<!\\)\\(?=-?\d)")  # a row's end that lost one of its two backslashes
_PRINTED = re.compile(r"\[\s*'.*'\s*\]|\{\s*'.*'\s*\}", re.DOTALL)
_PRINTED_ITEM = re.compile(r"(?:'(?P<key>[^']*)'\s*:\s*)?'(?P<value>[^']*)'")
_BASES = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "sixteen": 16,
}
_QUANTITY = re.compile(r"(-?(?:\d[\d,]*)?\.?\d+)\s+([A-Za-z][A-Za-z /]*)")  # \text{7 days}
_JOINS = re.compile(r"\b(?:and|or|to|of)\b")
_SUBSCRIPT_TEXT = re.compile(r"_\s*\{?\s*\\(?:text|mathrm|textrm|rm)\s*\{\s*([^{}]*?)\s*\}(?:\s*\})?")
_PLAIN = re.compile(r"[0-9+\-/.]*|[A-Za-z ]*")
_END = " \t\n\r.,;:!?。"


@lru_cache(maxsize=4_096)
def normal(answer: str) -> str:
    r"""An answer in one LaTeX spelling, every number, sign and word kept.

    Unicode signs become commands, raised digits powers; $, spacing and sizing commands go; \dfrac is \frac, \leq \le,
    \text{...} and its like stay as \text{...} around words and are unwrapped around numbers and single letters. Final
    punctuation goes.
    """
    answer = " ".join(answer.split())  # so that no pattern below meets a run of spaces
    if not answer or (_PLAIN.fullmatch(answer) and ".." not in answer):
        return _strip(answer)
    if not answer.isascii():
        answer = _RAISED_RUN.sub(lambda run: "^{" + run[0].translate(_RAISED) + "}", answer)
        answer = _LOWERED_RUN.sub(lambda run: "_{" + run[0].translate(_LOWERED) + "}", answer)
        answer = _OVERLINED.sub(lambda run: "\\overline{" + re.sub("[^0-9]", "", run[0]) + "}", answer)
        answer = named_currencies(answer).translate(_UNICODE).strip()
        if not answer:
            return ""
    answer = in_dollars(answer)
    if answer[0] in "[{" and _PRINTED.fullmatch(answer.strip()):  # a list or mapping as Python prints it
        items = [(item["key"], item["value"].replace("\\\\", "\\")) for item in _PRINTED_ITEM.finditer(answer)]
        answer = ", ".join(f"{key}={value}" if key and key.isalpha() else value for key, value in items)
    if "matrix}" in answer and "\\\\" not in answer:
        answer = _BROKEN_ROW.sub(r" \\cr ", answer)
    if "\\\\" in answer:
        answer = _ROW.sub(r" \\cr ", answer) if "\\begin" in answer else _OVER_ESCAPED.sub(r"\\", answer)
    if "_" in answer:
        answer = _SUBSCRIPT_TEXT.sub(lambda text: f"_{{{_BASES.get(text[1], text[1])}}}", answer)
    if "\\text" in answer or "\\m" in answer or "\\o" in answer or "\\b" in answer or "\\h" in answer:
        answer = _TEXT.sub(_unwrapped, answer)
    for pattern, spelling in _SPELLINGS:
        answer = pattern.sub(spelling, answer)
    return _strip(answer)


def compact(spelled: str) -> str:
    """A `normal` answer without spaces and grouping that mean nothing: equal compact spellings are equal answers."""
    spelled = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", spelled)
    spelled = re.sub(r"(?<=[0-9A-Za-z]) +(?=[0-9A-Za-z])", "\x00", spelled.strip())
    spelled = re.sub(r"(?<=\d), (?=\d{3}(?!\d))", ",\x00", spelled)  # 1, 234 is two numbers
    spelled = spelled.replace(" ", "").replace("\x00", " ")
    spelled = re.sub(r"(\\[A-Za-z]+) (?=[0-9A-Za-z])", r"\1 ", spelled)
    return re.sub(r"([\^_])\{([0-9A-Za-z])\}", r"\1\2", spelled)


def _strip(answer: str) -> str:
    """Without final punctuation, but with the exclamation marks of a factorial."""
    answer = answer.rstrip("\\ ")  # a backslash at the end begins nothing
    bare = answer.rstrip(_END)
    tail = answer[len(bare) :]
    exclaimed = re.search(r"(?<![A-Za-z])[A-Za-z]{4,}$", bare) is not None
    if tail.startswith("!") and re.search(r"[\w)}]$", bare) and not exclaimed:
        bare += tail[: len(tail) - len(tail.lstrip("!"))]
    return bare.strip(' `"✓✔')


def _unwrapped(text: re.Match[str]) -> str:
    if text[0].startswith("\\operatorname") and text[1].isalpha():
        return f" {text[1]} "
    content = re.sub(r"[{}~]|\\[,;:! ]", " ", text[1]).replace("^ ", "^").strip()
    if not re.search(r"[A-Za-z]{2}", content) and "\\" not in content:
        # Numbers, labels and single letters; a letter after a number may be its unit.
        lone = content.isalpha() and text[0].startswith(("\\text{", "\\mathrm{"))
        return r" \text{" + content + "} " if lone and content not in "eidDCRNZQ" else f" {content} "
    if (quantity := _QUANTITY.fullmatch(content)) and not _JOINS.search(content):
        return f" {quantity[1]} \\text{{{quantity[2]}}} "
    return r" \text{" + content + "} "

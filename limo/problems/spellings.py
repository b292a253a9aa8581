"""The spellings of one meaning, in Unicode and LaTeX, as tables and rules for all texts at once; used by canonical."""

import re

# Spellings of one LaTeX meaning. A command that is not listed stays as it is written. All end in a space or need none.
COMMANDS = {
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
    "Bbb": r"\mathbb ",
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
SIGNS = {
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
ESCAPES = {**dict.fromkeys((",", ";", ":", ">", "!", " ", "\n", "(", ")", "[", "]", "$"), " "), "%": "%", "_": "_"}
# Every command is followed by a space when this table is applied. A line break is matched so that it is left alone.
LITERALS = (
    {f"\\{name} ": spelling for name, spelling in COMMANDS.items()}
    | {f"\\{char}": spelling for char, spelling in ESCAPES.items()}
    | {"\\\\": "\\\\", "$": " ", "<=": r"\le ", ">=": r"\ge "}
)
FOREIGN = r"[^\x00-\x7f]+"
_WRAPPERS = (
    "text|textbf|textit|textrm|textsf|textsc|texttt|textup|textsl|textmd|textnormal|mathrm"
    "|mathit|mathsf|mathop|mbox|hbox"
    "|operatorname|emph|section|subsection|subsubsection"
)
WRAPPER = rf"\\(?:{_WRAPPERS})\*?\s*\{{"
WRAPPED = re.compile(rf"\\(?:{_WRAPPERS})\*?\s*(?=\{{)\{{|\\(?:[A-Za-z]+|.)|[{{}}]", re.DOTALL)
# Cross and dot product differ, so `\cdot` is a plain product only where nothing in the text is a vector.
VECTOR = r"\\(?:mathbf|boldsymbol|bm|vec|overrightarrow)(?:[^A-Za-z]|$)|[Vv]ector|cross product"
_HELD = "\ue000"  # a private character, which no text holds once `_plain` has read it: a space that must stay
_SCRIPT = r"\s*(?:(\d)([^\d]|$)|([A-Za-z])([^A-Za-z]|$)|(\\[A-Za-z]+) ?)"
_ATOM = r"[A-Za-z\d]|\\(?:pi|theta|alpha|beta)(?-u:\b)"  # what LaTeX takes as an argument without braces
_LAST = r"(?:(\d)([^\d]|$)|([A-Za-z])|(\\(?:pi|theta|alpha|beta))([^A-Za-z]|$))"
_TIGHT = r"[+\-*/=<>^{}()\[\]|]"  # no space around these
_ENVIRONMENTS = (
    "cases|array|aligned|align|alignat|equation|gather|gathered|split|tabular|center|itemize|enumerate|eqnarray"
)
_DOUBLED = (
    "[dt]?frac|[dt]?binom|sqrt|[lc]?dots|sum|prod|int|left|right|text|math[a-z]+|[lgn]eq?|cdot|times|pi|theta|alpha|beta"
    "|angle|triangle|circ|cong|equiv|perp|parallel|overline|infty|begin|end|q?quad|lfloor|rfloor|lceil|rceil|[lr]vert"
    "|pmod|bmod|sin|cos|tan|log|operatorname|overrightarrow|boxed|displaystyle|cup|cap|subset|subseteq"
)
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "#39": "'", "nbsp": " ", "le": "≤", "ge": "≥"}
_ENTITIES |= {"minus": "-", "times": "×", "deg": "°", "ne": "≠", "pi": "π", "#x27": "'", "ndash": "-", "hellip": "..."}
ENTITIES = {f"&{name};": char for name, char in _ENTITIES.items()}
# Marks of web pages, cheaply: every one of these patterns has it.
TAGGED = r"&[a-z#\d]{2,6};|</|<br"
TAGS = [
    (r"(?i)<sup>([^<>]{0,80})</sup>", "^{$1}"),
    (r"(?i)<sub>([^<>]{0,80})</sub>", "_{$1}"),
    *((rf"(?i)<{tag}>([^<>]{{0,400}})</{tag}>", " $1 ") for tag in ("i", "b", "u", "em", "strong", "span")),
    (r"(?i)<br ?/?>|</p>\s*<p>|^\s*<p>|</p>\s*$", " "),
]
LAYOUT = [
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
    (r"\\l?eqno\s*\(?\s*\d{1,2}\s*\)?", " "),
    (r"(\\\\)\s*\[-?[\d.]+ ?(?:pt|em|ex|cm|mm|in)\]", "$1"),  # the height of a line
    (r"(\\(?:[lc]?dots|[lc]dot|times|circ|pi)) ?\{\}", "$1 "),
    (r"\\rule\s*(?:\[[^\[\]]*\])?\s*\{[^{}]*\}\s*\{[^{}]*\}|\\fbox\s*\{[\s~_]+\}", " "),  # a blank
    (r"(^|\s)(\d{1,3})\\\.", "$1$2."),
    (r"\{\s*([^{}\\]+?)\s*\\choose\s*([^{}\\]+?)\s*\}", r"\binom{$1}{$2}"),
    (r"\\not\s*=", r"\ne "),
    (r"\\not\s*\\in([^A-Za-z]|$)", r"\notin$1"),
    # A command that was escaped twice: a line break is never right before one of these.
    (rf"(^|[^\\])\\\\({_DOUBLED})([^A-Za-z]|$)", r"$1\$2$3"),
    (r"(\d)(?:\\[,;:]|~|\{,\})(\d{3})([^\d]|$)", "$1,$2$3"),
    (r"\. \.( ?)\.|, ?\.{1,2} ?,", "..."),
    (r"\\stackrel\s*\{\s*\\frown\s*\}", r"\overset{\frown}"),
    (r"[\^_]\s*\{\s*\}", ""),  # empty scripts
    (r"([A-Z]{2}\$?) ?(?:\|\||//) ?(\$?[A-Z]{2})", r"$1\parallel $2"),
    (r"\{,\}", ","),
    (r",\s*\\!\s*(\d)", ",$1"),
    (rf"{WRAPPER}([^{{}}\\]*)\}}", " $1 "),
]
SHAPES = [
    # One digit or one command needs no braces in LaTeX; longer runs (x^23 of plain text) are left alone.
    (rf"_{_SCRIPT}", "_{$1$3$5}$2$4"),
    (rf"\^{_SCRIPT}", "^{$1$3$5}$2$4"),
    (r"_([a-z])([A-Z])", "_{$1}$2"),
    (r"\^\s*\{\s*('+)\s*\}|\^\s*('+)", "$1$2"),
    (r"([A-Za-z\d])\}? ?\^ ?\{? ?(st|nd|rd|th) ?\}?([^A-Za-z{]|$)", "$1$2$3"),
    (r"([A-Za-z\d])\{(st|nd|rd|th)\}", "$1$2"),
    (r"(\d)(?: |-)(st|nd|rd|th)([^A-Za-z]|$)", "$1$2$3"),
    (r"(^|[^A-Za-z\\])([A-Za-z])-(st|nd|rd|th)([^A-Za-z]|$)", "$1$2$3$4"),
    (r"(^|[^A-Za-z])([Nn])on[- ]([a-z]{3})", "$1${2}on$3"),
    (r"\((?:\\bmod|mod) ?([^()]*)\)", r"\bmod $1 "),
    (r"(^|[\sA-Za-z.,;:])-{2,3}([\sA-Za-z.,;:]|$)", "$1—$2"),
    (r"\\binom\s*(\d)\s*(\d)([^\d]|$)", r"\binom{$1}{$2}$3"),
    (rf"\\sqrt\s*{_LAST}", r"\sqrt{$1$3$4}$2$5"),
    (rf"\\frac\s*({_ATOM})\s*{_LAST}", r"\frac{$1}{$2$4$5}$3$6"),
    (rf"\\frac\s*({_ATOM})\s*\{{", r"\frac{$1}{"),
    (rf"(\\frac\s*\{{[^{{}}]*\}})\s*{_LAST}", "$1{$2$4$5}$3$6"),
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
    (r"(^|[^\\A-Za-z\d}\]_^])\{([A-Za-z\d]+)\}", "$1$2"),
]

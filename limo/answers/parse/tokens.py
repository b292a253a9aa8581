"""An answer in its one spelling → tokens, and how they split at commas and signs; used by the rest of parse."""

import re

Token = tuple[str, str]  # kind: num, base, letter, text, cmd, op
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh ln log lg exp max min gcd lcm det floor ceil "
    "sqrt cbrt abs asin acos atan".split()
)  # fmt: skip
_ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "tg": "tan", "arctg": "arctan", "ctg": "cot"}
_WORD_COMMANDS = {
    "pi": "pi", "infty": "infty", "infinity": "infty", "Infinity": "infty", "inf": "infty",
    "theta": "theta", "alpha": "alpha",
    "beta": "beta", "gamma": "gamma", "lambda": "lambda", "sigma": "sigma", "omega": "omega",
    "phi": "phi", "rho": "rho",
}  # fmt: skip
_SMALL = frozenset(
    "and or the is are for all any no yes if not per of in to at as an by on we so cm mm km kg ml ft hr am pm Hz "
    "mi lb oz kW eV mL dm".split()
)  # fmt: skip
_UNITS = frozenset("cm mm km kg ml Hz kW mL dm".split())
_TOKEN = re.compile(
    r"\\(?P<env>begin|end)\s*\{(?P<name>[A-Za-z]+)\*?\}(?:(?<=y\})\s*(?:\[[a-z]\])?\s*\{[^{}]*\})?"
    r"|(?P<base>\d[0-9A-Fa-f]*\s*_\s*(?:\{\s*\d+\s*\}|\d+))"
    r"|(?P<num>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+(?![\d.]))?)"
    r"|\\text\{(?P<text>[^{}]*)\}|(?P<cmd>\\(?:[A-Za-z]+|.))|(?P<word>[A-Za-z]+)|(?P<other>[^\x00-\x7f]+)|(?P<op>\S)",
    re.DOTALL,
)
OPENING = {"(", "[", r"\{", "{"}
CLOSING = {")", "]", r"\}", "}"}


def tokens(spelled: str) -> list[Token]:
    """Tokens of a `normal` answer; runs of letters are split into variables unless they are words or functions."""
    stream: list[Token] = []
    for match in _TOKEN.finditer(spelled):
        kind, text = str(match.lastgroup), match[0]
        if kind == "word":
            before, after = spelled[max(0, match.start() - 1) : match.start()], spelled[match.end() : match.end() + 1]
            stream.extend(_word(text, alone=before in {"", " "} and after in {"", " ", ",", ";"}))
        elif kind == "other":
            stream.append(("text", text))
        elif kind == "cmd":
            name = text[1:]
            stream.append(("op", text) if not name.isalpha() else ("cmd", _ALIASES.get(name, name)))
        elif kind == "name":
            stream.append((match["env"], match["name"]))
        elif kind == "text":
            _add_text(stream, match["text"].strip())
        else:
            stream.append((kind, text))
    return stream


def _add_text(stream: list[Token], content: str) -> None:
    if not content:
        return
    words = content.lower().split()
    if words[-1:] == ["infinity"] and len(words) <= 2:
        stream.extend([("op", "-")] * (words[0] in {"negative", "minus"}) + [("cmd", "infty")])
    elif content in {"and", "or"} or content.strip(" ,") in {"and", "or"}:
        stream.append(("op", content.strip(" ,")))
    elif (
        len(content) == 1
        and not (stream and (stream[-1][0] in {"num", "base"} or stream[-1][1] in {"}", ")", "degree"}))
        and content.isascii()
        and content.isalpha()
    ):
        stream.append(("letter", content))
    else:
        stream.append(("text", content))


def _word(text: str, alone: bool) -> list[Token]:
    low = text.lower()
    if low in {"and", "or"}:
        return [("op", low)]
    if text in FUNCTIONS or text in _ALIASES:
        return [("cmd", _ALIASES.get(text, text))]
    if text in _WORD_COMMANDS:
        return [("cmd", _WORD_COMMANDS[text])]
    if len(text) >= 4 and text.isupper():
        return [("letter", text)]  # a name such as SRAC
    small = low in _SMALL and (alone or text in _UNITS)
    if len(text) >= 4 or small or (len(text) == 3 and text[0].isupper() and text[1:].islower()):
        for name in ("sqrt", "sin", "cos", "tan", "pi"):  # "3xsin", "pir": names that run into letters
            if text.endswith(name) and len(text) - len(name) <= 2 and name != text:
                return [*(("letter", letter) for letter in text[: -len(name)]), *_word(name, False)]
        if text.startswith("pi") and len(text) <= 4 and text[2:].islower() and text not in {"pint", "pi", "pick"}:
            return [("cmd", "pi"), *(("letter", letter) for letter in text[2:])]
        return [("text", text)]
    if low.endswith("pi") and len(text) == 3:
        return [("letter", text[0]), ("cmd", "pi")]
    return [("letter", letter) for letter in text]


def trimmed(stream: list[Token]) -> list[Token]:
    """Without outer separators."""
    start, end = 0, len(stream)
    while start < end and stream[start][1] in {",", ";", "and", "or", ".", ":", "&"}:
        start += 1
    while start < end and stream[end - 1][1] in {",", ";", ".", "and", "or", ":", "&", "\\\\"}:
        end -= 1
    if end - start < len(stream) and start == end:
        return stream
    return stream[start:end]


def split(stream: list[Token], at: set[str]) -> tuple[list[list[Token]], list[str]]:
    """Parts of a token list between separators outside all brackets, and the separators."""
    parts: list[list[Token]] = [[]]
    separators: list[str] = []
    level = 0
    for token in stream:
        kind, text = token
        if (kind == "op" and text in OPENING) or kind == "begin" or token in {("cmd", "langle"), ("cmd", "lfloor")}:
            level += 1
        elif (kind == "op" and text in CLOSING) or kind == "end" or token in {("cmd", "rangle"), ("cmd", "rfloor")}:
            level -= 1
        if level == 0 and kind in {"op", "cmd"} and text in at:
            separators.append(text)
            parts.append([])
        else:
            parts[-1].append(token)
    return parts, separators


def closes(stream: list[Token]) -> int:
    """Place of the bracket that closes the one a token list starts with; -1 if none does."""
    level = 0
    for place, (kind, text) in enumerate(stream):
        if kind == "op":
            level += (text in OPENING) - (text in CLOSING)
        if level == 0:
            return place
    return -1


def spell(stream: list[Token]) -> str:
    """Token list as text that `tokens` would read again."""
    return " ".join(
        f"\\text{{{text}}}" if kind == "text" else f"\\{text}" if kind == "cmd" else text for kind, text in stream
    )


def joined_text(stream: list[Token]) -> str:
    """Token list as text without braces: the name that it spells."""
    return "".join(text for _, text in stream if text not in "{}")

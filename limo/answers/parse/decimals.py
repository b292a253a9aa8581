r"""Decimals as people write them (0,125, 0.(3), 0.333…) → the spelling that the grammar reads; used by structure.

A repeating decimal is spelled with \overline, which `expression` reads exactly.
"""

import re

_DOTTED = re.compile(r"(?<![\w.,])(\d*)\.(\d*)((?:\\(?:dot|overline|bar)\s*(?:\{\s*\d+\s*\}|\d)\s*\d*)+)")
_MARKED = re.compile(r"\\(?:dot|overline|bar)\s*(?:\{\s*(\d+)\s*\}|(\d))")
_BRACKETED = re.compile(r"(?<![\w.])(\d*\.\d*)\((\d{1,30})\)(?=\s*(?:$|[%,;]|\\text|\\degree))")
_ENDLESS = re.compile(r"(?<![\w.,])(\d*)\.(\d+)\s*\\dots(?!\s*[\d+\-*/])")
_NAMED = re.compile(
    r"(?<![\w.,])(\d*\.\d+)\s*(?:\\dots\s*)?\(?\s*(?:\\text\{\s*\(?)?\s*(?:repeating|recurring|repeated)\s*\)?\s*\}?\s*\)?"
)
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d+)(?![\d.,])")
_GROUPED_COMMA = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d+)(?![\d.,])")
_DOT_GROUPS = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3}){2,})(?![\d.,])")
_TWICE = (2, 3)  # digits of a block that is believed when it stands there twice
_SHOWN = 60  # digits in which a block is sought
_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}")


def repeating(spelled: str) -> str:
    r"""A `normal` answer with each repeating decimal as 0.1\overline{6}.

    Read are a line, bar or dots above digits, digits in brackets that end a numeral, "repeating", and an ellipsis
    behind a block of digits that stands there at least twice. Any other ellipsis says only that the decimal goes on.
    """
    if "." not in spelled:
        return spelled
    if "repeat" in spelled or "recurr" in spelled:
        spelled = _NAMED.sub(_after_name, spelled)
    if "dots" in spelled:
        spelled = _ENDLESS.sub(lambda run: _after_dots(run[1], run[2]), spelled)
    if "(" in spelled:
        spelled = _BRACKETED.sub(r"\1\\overline{\2}", spelled)
    return _DOTTED.sub(_with_line, spelled) if "\\" in spelled else spelled


def with_points(spelled: str) -> str | None:
    """The answer with its decimal commas as points; None where its commas can be nothing but separators.

    A comma is a decimal one if it has digits on both sides, no space, and is the only sign of its kind in brackets-free
    text; between 1 and 999 and three digits it groups thousands, as in 1,234, and behind 0 never.
    """
    if grouped := _GROUPED_COMMA.fullmatch(spelled.strip()):
        return f"{grouped[1].replace('.', '')}.{grouped[2]}"
    if groups := _DOT_GROUPS.fullmatch(spelled.strip()):
        return groups[1].replace(".", "")
    found = _COMMA.findall(spelled)
    if not found or len(found) != spelled.count(",") or re.search(r"[(\[]|\\\{", spelled):
        return None
    if any(_THOUSANDS.fullmatch(",".join(parts)) for parts in found) or (len(found) > 1 and ";" not in spelled):
        return None
    return _COMMA.sub(r"\1.\2", spelled)


def _with_line(run: re.Match[str]) -> str:
    """Digits under a line, or from the first to the last of those under dots."""
    marks = list(_MARKED.finditer(run[3]))
    digits = re.sub(r"[^\d]", "", run[3][: marks[-1].end()])
    rest = run[3][marks[-1].end() :].strip()
    return run[0] if rest else f"{run[1] or 0}.{run[2]}\\overline{{{digits}}}"


def _after_name(run: re.Match[str]) -> str:
    whole, _, digits = run[1].partition(".")
    return f"{whole or 0}.\\overline{{{digits}}}" if len(digits) == 1 else _after_dots(whole, digits)


def _after_dots(whole: str, digits: str) -> str:
    """The digits with the block that they end on repeating, cut off anywhere; else the digits alone."""
    if len(digits) > _SHOWN:
        return f"{whole or 0}.{digits}"
    for start in range(len(digits) - 1):
        tail = digits[start:]
        for length in range(1, len(tail) // 2 + 1):
            if len(tail) < 3 * length and start and length not in _TWICE:
                continue  # 0.577… and 2.718281828… show a block twice by chance
            if tail == (tail[:length] * len(tail))[: len(tail)]:
                return f"{whole or 0}.{digits[:start]}\\overline{{{tail[:length]}}}"
    return f"{whole or 0}.{digits}"

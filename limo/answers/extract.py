import re
from typing import Literal

# A number as prose writes it: sign, thousands separators, decimals, a fraction, a percent sign.
_NUMBER = re.compile(r"(?<![\w.])-?\$?\d+(?:,\d{3})*(?:\.\d+)?(?:\s*/\s*\d+)?%?")
_STATED = re.compile(r"answer\s*(?:is|:|=)\s*(?:therefore\s+|then\s+)?:?\s*(.+?)(?=\.\s|\.?$|\n)", re.IGNORECASE)


def boxed(text: str) -> str | None:
    r"""Content of the last `\boxed{...}` or `\fbox{...}` whose braces close, stripped; None without one."""
    for start in reversed([match.end() for match in re.finditer(r"\\f?boxed\s*\{", text)]):
        depth = 1
        for end in range(start, len(text)):
            depth += {"{": 1, "}": -1}.get(text[end], 0) if text[end - 1] != "\\" else 0
            if depth == 0:
                return text[start:end].strip() or None
    return None


def stated(text: str) -> str | None:
    """What the last sentence of the form "the answer is X" gives: its number where it holds one, else X itself."""
    found = _STATED.findall(text)
    if not found:
        return None
    numbers = _NUMBER.findall(found[-1])
    return (numbers[-1] if numbers else found[-1].strip().strip("$*").rstrip(".")) or None


def extract(text: str, mode: Literal["boxed", "flexible"]) -> str | None:
    """The final answer of a response, or None.

    `boxed` reads the last closed box only (paper 7). `flexible` falls back on a stated answer, then on the last
    number: weak models rarely write a box, and refusing them otherwise measures format, not mathematics.
    """
    answer = boxed(text)
    if answer is not None or mode == "boxed":
        return answer
    numbers = _NUMBER.findall(text)
    return stated(text) or (numbers[-1] if numbers else None)

"""The letters of a chain → the share in scripts that are not its own; used by measures."""

import re

# Letters that tell one writing from another. Greek and letterlike signs are mathematics in any language.
_SCRIPTS = {
    "latin": r"A-Za-zÀ-ʯḀ-ỿ",
    "cyrillic": r"Ѐ-ԯ",
    "hebrew": r"א-ת",
    "arabic": r"ؠ-يٱ-ۿݐ-ݿ",
    "indic": r"\u0900-\u0DFF",
    "thai": r"\u0E01-\u0E5B",
    "hangul": r"가-힯ᄀ-ᇿ",
    "han": r"一-鿿㐀-䶿ぁ-ヿ",
}
_RUNS = {name: re.compile(rf"[{letters}]+") for name, letters in _SCRIPTS.items()} | {
    "latin": re.compile(rf"(?<![\\{_SCRIPTS['latin']}])[{_SCRIPTS['latin']}]{{3,}}")
}
_OTHER = re.compile(f"[{''.join(letters for name, letters in _SCRIPTS.items() if name != 'latin')}]")


def foreign(text: str) -> float:
    """The share of letters that lie outside the most frequent script of a text; 0 where it has none.

    Of Latin letters only words of three and more count, since shorter ones and LaTeX's commands are formulas in any
    script; Chinese and Japanese are one script.
    """
    if text.isascii() or _OTHER.search(text) is None:
        return 0.0
    letters = {name: sum(map(len, runs.findall(text))) for name, runs in _RUNS.items()}
    counted = sum(letters.values())
    return 1 - max(letters.values()) / counted if counted else 0.0

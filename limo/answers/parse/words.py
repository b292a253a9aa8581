"""Words that stand for a value ("no solution", "twelve"), and text in plain words; used by quantity and structure."""

import re
from fractions import Fraction

NO_SOLUTION = frozenset(
    "no solution|no solutions|none|no real solution|no real solutions|no integer solutions|no real roots|"
    "empty set|emptyset|there is no solution|there are no solutions|no such integer exists|no such numbers exist|"
    "无解|无实数解|方程无解|无实根".split("|")
)
EVERY_REAL = frozenset(
    "all real numbers|all reals|all real values|real numbers|set of all real numbers|set of real numbers|"
    "any real number|all real x|全体实数".split("|")
)
SYNONYMS = dict.fromkeys(["dne", "不存在", "undefined", "doesn't exist"], "does not exist")
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMERALS: dict[str, int | Fraction] = (
    {word: value for value, word in enumerate(_UNITS.split())}
    | {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
    | {word: value for value, word in enumerate("零一二三四五六七八九十")}
    | {
        f"{ten}{joined}{one}": 10 * tens + ones
        for tens, ten in enumerate(_TENS.split(), 2)
        for ones, one in enumerate(_UNITS.split()[:10])
        for joined in "- "
        if ones
    }
    | {"half": Fraction(1, 2), "one half": Fraction(1, 2), "one-half": Fraction(1, 2), "one third": Fraction(1, 3)}
    | {"hundred": 100, "one hundred": 100, "thousand": 1000, "one thousand": 1000}
)


def plain_words(text: str) -> str:
    """Text for comparison: lower case, commands and punctuation gone, articles dropped."""
    text = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\\([A-Za-z]+)", r" \1 ", text).lower()
    text = re.sub(r"[^\w\s+\-*/^=<>%.']|\.(?!\d)", " ", text)
    return " ".join(word for word in text.split() if word not in {"a", "an", "the"})

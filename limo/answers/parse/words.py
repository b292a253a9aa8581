"""Words that stand for a value ("no solution", "twelve"), and text in plain words; used by quantity and structure."""

import re
from fractions import Fraction

NO_SOLUTION = frozenset(
    "no solution|no solutions|none|no real solution|no real solutions|no integer solutions|no real roots|"
    "empty set|emptyset|there is no solution|there are no solutions|no such integer exists|no such numbers exist|"
    "无解|无实数解|方程无解|无实根".split("|")
)
_NONE = re.compile(
    r"(?:there (?:is|are) )?no (?:(?:such|possible|real|rational|complex|integer|natural|whole|positive|negative|prime|"
    r"valid) )*(?:solutions?|values?|numbers?|integers?|roots?|pairs?|triples?|primes?)(?: exists?)?"
)
TRUTH = {"yes": True, "true": True, "correct": True, "no": False, "false": False, "incorrect": False,
         "是": True, "否": False, "正确": True, "错误": False, "对": True, "错": False}  # fmt: skip
EVERY_REAL = frozenset(
    "all real numbers|all reals|all real values|real numbers|set of all real numbers|set of real numbers|"
    "any real number|all real x|全体实数".split("|")
)
SYNONYMS = dict.fromkeys(["dne", "不存在", "undefined", "doesn't exist"], "does not exist") | {"存在": "exists"}
# Words that change a value, so that it may not be read without them.
TURNING = frozenset(
    "not less greater more fewer than least most minus negative between except over under below above up to "
    "within".split()
)
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_UNITS.split())}
_ROUND = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
          "eighth": 8, "ninth": 9, "tenth": 10, "hundredth": 100, "thousandth": 1000}  # fmt: skip
NUMERALS: dict[str, int] = _SMALL | _ROUND | {word: value for value, word in enumerate("零一二三四五六七八九十")}
_NO_UNIT = frozenset(
    "of or and to not than more less fewer at point first second out by from in is are each th".split()
)
_UNIT_WORDS = 2  # behind a number in words; more are prose
_NAME_WORDS = 2  # of an item in a list of names
_LETTERS = re.compile(r"[A-Za-z][A-Za-z \-]*")


def truth_of(words: str) -> bool | None:
    """What an answer in `plain_words` form says that is yes or no alone; None for others."""
    return TRUTH.get(words)


def denies(words: str) -> bool:
    """Whether an answer in `plain_words` form is that there is no solution, value or number of any kind."""
    return words in NO_SOLUTION or _NONE.fullmatch(words) is not None


def counted(text: str) -> tuple[Fraction, str] | None:
    """The number that a text in words is, with the unit of at most two words behind it; None for other texts.

    "one hundred and five", "negative two", "three quarters", "two and a half", "five coins", "twenty percent".
    """
    if len(text) > 100 or not _LETTERS.fullmatch(text):
        return None
    words = text.lower().replace("-", " ").split()
    sign = -1 if words[0] in {"minus", "negative"} else 1
    words = words[1:] if sign < 0 else words
    value, used = _value(words)
    rest = words[used:]
    if value is None or len(rest) > _UNIT_WORDS or any(word in _NO_UNIT or word in NUMERALS for word in rest):
        return None
    if any(word.removesuffix("s") in _PARTS or word in _SCALES or word == "hundred" for word in rest):
        return None
    return sign * value, "%" if rest in (["percent"], ["per", "cent"]) else " ".join(rest)


def _value(words: list[str]) -> tuple[Fraction | None, int]:
    """The value of the numeral that words begin with, a fraction behind it included, and how many words it takes."""
    whole, used = _whole(words)
    if whole is not None and words[used : used + 1] == ["and"] and words[used + 1 :]:
        part, more = _value(words[used + 1 :])
        if part is not None and 0 < part < 1:
            return whole + part, used + 1 + more
    if whole is None:
        one = words[:1] in (["a"], ["an"]) and len(words) > 1
        size = _PARTS.get(words[1]) if one else 2 if words[:1] == ["half"] else None
        return (Fraction(1, size), 2 if one else 1) if size else (None, 0)
    following = words[used] if used < len(words) else ""
    if size := _PARTS.get(following.removesuffix("s")):
        return (whole / size, used + 1) if following.endswith("s") or whole == 1 else (None, 0)
    return whole, used


def _whole(words: list[str]) -> tuple[Fraction | None, int]:
    """The whole number that words begin with: sums of hundreds, tens and ones, each with its scale."""
    total = group = used = 0
    last = 1  # size of the word before: 1 at the start, so that two ones never follow each other
    for place, word in enumerate(words):
        size = _SMALL.get(word, _ROUND.get(word))
        if size is not None and (used == 0 or last >= 100 or (last in _ROUND.values() and 0 < size < 10)):
            group, last, used = group + size, size if word in _ROUND else 1, place + 1
        elif word == "hundred" and (0 < group < 100 or used == 0):
            group, last, used = (group or 1) * 100, 100, place + 1
        elif word in _SCALES and (group or used == 0):
            total, group, last, used = total + (group or 1) * _SCALES[word], 0, 1000, place + 1
        elif word != "and" or last < 100:
            break
    return (Fraction(total + group), used) if used else (None, 0)


def unwrapped(text: str) -> str:
    r"""The text with \text{...} taken off its words."""
    return " ".join(re.sub(r"\\text\{([^{}]*)\}", r" \1 ", text).split())


def plain_words(text: str) -> str:
    """Text for comparison: lower case, commands and punctuation gone, articles dropped."""
    text = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\\([A-Za-z]+)", r" \1 ", text).lower()
    text = re.sub(r"[^\w\s+\-*/^=<>%.']|\.(?!\d)", " ", text)
    return " ".join(word for word in text.split() if word not in {"a", "an", "the"})


def listed_words(text: str) -> str:
    """Names with commas between them in plain words, joined by "and"; "" for other texts."""
    names = [plain_words(name).removeprefix("and ") for name in unwrapped(text).split(",")]
    if len(names) < 2 or not all(0 < len(name.split()) <= _NAME_WORDS for name in names):
        return ""
    return " and ".join(names)

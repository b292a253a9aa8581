_STYLE = {r"\mathbf", r"\boldsymbol", r"\mathcal", r"\mathbb", r"\begin", r"\end", r"\hline"}
_NUMERALS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SYNONYMS = {
    "least": "smallest least minimum minimal fewest lowest",
    "most": "largest greatest most maximum maximal highest",
    "not": "not no non without never",
    "twice": "twice double",
}
_ASKED = [
    "even odd positive negative more less fewer greater larger smaller before after first second last",
    "sum product difference quotient remainder ratio mean median mode range sin cos tan log ln",
    "perimeter area volume radius diameter circumference half third quarter percent dozen hundred thousand million",
    "〇 零 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半 倍 不 大 小 多 少 和 差 积 商 余",
]
_DECISIVE = (
    {word: str(number) for number, word in enumerate(_NUMERALS, start=2)}
    | {word: meaning for meaning, words in _SYNONYMS.items() for word in words.split()}
    | {word: word for words in _ASKED for word in words.split()}
)


def facts(tokens: list[str]) -> tuple[str, ...]:
    """The tokens, in order, that make two problems of the same wording different problems.

    Numbers (also as words), operators and relations, LaTeX commands, one-letter variables, names in capitals (segment
    DE), and the words that say which quantity is asked (least, even, sum, not, ...; synonyms count as one). Hyphens
    and brackets between plain words are prose, and so is the article: "a" and "I" are no variables here.

    Args:
        tokens: what `text.words` gives.
    """
    padded = ["", *tokens, ""]
    found = map(_fact, padded, tokens, padded[2:])
    return tuple(fact for fact in found if fact)


def _fact(before: str, word: str, after: str) -> str | None:
    if word[0].isdigit():
        return word.replace(",", "")
    if word.startswith("\\"):
        return None if word in _STYLE else word
    if not word[0].isalpha():
        return None if _is_plain(before) and _is_plain(after) else word
    if word.isascii() and (len(word) == 1 or word.isupper()):
        return None if word in {"a", "A", "I"} else word
    return _DECISIVE.get(word)


def _is_plain(word: str) -> bool:
    return len(word) > 1 and word.isalpha()

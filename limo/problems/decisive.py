"""Tokens of a problem → its facts, which make it another problem; used by pool, audit and a user's own problems."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from limo.problems.canonical import lowered

# Spelling and layout, which say nothing about the problem.
_STYLE = set(
    r"\mathbf \boldsymbol \mathcal \mathbb \mathfrak \mathscr \begin \end \hline \text \textbf \bullet \boxed \overline"
    r" \underline \newline \item \tag \label \nonumber \cdot \triangle \angle \circ \space \operatorname \textdollar"
    r" \uline \emph \par \indent \noindent \star \ast \Large \hspace \vspace".split()
)
_SIGNS = set("& ~ 、 。 · • , “ ” # @ _ $ * ( ) [ ] | ： ， ； ？ （ ） 《 》 【 】 ' ` ℃".split())
_SAME = {"/": r"\frac", r"\div": r"\frac", r"\implies": r"\Rightarrow", r"\colon": ":", r"\mid": "|", r"\gt": ">"}
_SAME |= {r"\lt": "<", r"\ldotp": "...", r"\land": r"\wedge", r"\varnothing": r"\emptyset", r"\setminus": r"\backslash"}
_NUMERALS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty"
).split()
_SYNONYMS = {
    "least": "smallest least minimum minimal fewest lowest shortest",
    "most": "largest greatest most maximum maximal highest longest biggest",
    "not": "not no non without never neither",
    "twice": "twice double doubled",
    "thrice": "thrice triple tripled",
    "distinct": "distinct different",
}
_FUNCTIONS = "sin cos tan cot sec csc log ln exp max min gcd lcm arcsin arccos arctan sinh cosh tanh"
_ASKED = [
    "even odd positive negative",
    "sum product difference quotient remainder ratio mean median mode range",
    _FUNCTIONS,
    "perimeter area volume radius diameter circumference half third quarter percent dozen hundred thousand million",
    "exactly inclusive exclusive consecutive nonnegative nonzero prime composite replacement",
    "true false correct incorrect wrong second fourth fifth sixth",
    "〇 零 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半 倍 不 大 小 多 少 和 差 积 商 余 奇 偶 正 负",
]
_DECISIVE = (
    {word: str(number) for number, word in enumerate(_NUMERALS, start=2)}
    | {word: meaning for meaning, words in _SYNONYMS.items() for word in words.split()}
    | {word: word for words in _ASKED for word in words.split()}
    # What is left of a command whose backslash and first letter an export took for a control character.
    | {"rac": r"\frac", "imes": "*"}
)
# Words that decide only against another of them: "square ABCD" is ABCD, but no triangle.
_KINDS = set(
    "triangle square rectangle quadrilateral parallelogram trapezoid rhombus pentagon hexagon heptagon octagon nonagon"
    " decagon circle ellipse parabola hyperbola sphere cube cone cylinder pyramid prism tetrahedron octahedron"
    " longer shorter taller older younger faster slower larger smaller greater lateral diagonal diagonals sides edges"
    " vertices row column columns rows before after more less fewer"
    " opposite next adjacent reflection projection rotation translation dilation complementary supplementary"
    " distinguishable indistinguishable reciprocals squares cubes inclination horizontal vertical".split()
)
_SPELLING = _DECISIVE | _SAME | {f"\\{name}": name for name in _FUNCTIONS.split()}
_STOP = set(
    "the an is are was were be been find finds what determine compute calculate evaluate please let given that then we"
    " have has had there of and for in with to such where which value s its it this these those if when so how"
    " do does can you me us our".split()
)
_VOWEL = re.compile("[aeiou]", re.IGNORECASE)
_NAME, _PRODUCT, _LETTERS = 6, 3, 4  # letters
_ARTICLES = ("a", "A", "I")
_SHORT = set(
    "am an as at be by do go he if in is it me my no of oh on or so to up us we ad ed ex hi id ma ok pa pi re un"
    " st nd rd th cm km mm kg ml hr ft lb pm mr dr vs sq yd rs pt oz mi ms lt la le de el et il du why try fly dry sky"
    " cry mph pts shy spy pry sly wry gym hmm mrs hrs yds lbs rpm".split()
)


class Fact(NamedTuple):
    """One token that decides which problem it is.

    Attributes:
        value: the token in its one spelling, or one letter of it.
        position: its place among the tokens.
        article: whether it may be a mere word: `a`, `A` or `I` alone.
    """

    value: str
    position: int
    article: bool


def facts(tokens: Sequence[str], spans: Sequence[tuple[int, int]] | None = None) -> list[Fact]:
    """The tokens, in order, that make two problems of the same wording different problems.

    Numbers (also as words), operators and relations, LaTeX commands, one-letter variables, the letters of names in
    capitals (segment DE) and of products of variables (xy), and the words that say which quantity is asked (least,
    even, sum, not, ...; synonyms count as one). Brackets, product signs and hyphens between plain words are layout.
    Articles are among them, marked as such, since `a` may be a variable.

    Args:
        tokens: what `canonical.words` or `normal` gives.
        spans: [start, end) of the tokens whose facts are wanted; all by default.
    """
    variables: set[str] | None = None
    decisive = []
    for start, end in [(0, len(tokens))] if spans is None else spans:
        for position in range(start, end):
            word = tokens[position]
            values = _values(word)
            if values is None:
                if variables is None:  # the set may be empty: it is made once all the same
                    variables = {single for single in tokens if len(single) == 1}
                values = _values_beside(tokens[max(0, position - 1) : position + 2], word, variables)
            for value in values:
                decisive.append(Fact(value, position, word in _ARTICLES))  # noqa: PERF401  (a list per word is slower)
    return decisive


def normal(tokens: Sequence[str]) -> list[str]:
    """The tokens that carry content, each in one spelling: no articles and verbs of asking, `twelve` as `12`."""
    return [token for token in map(normal_token, tokens) if token]


@lru_cache(maxsize=1_000_000)
def normal_token(token: str) -> str | None:
    """A token in its one spelling, None for one without content."""
    word = lowered(token)
    if word in _STOP:
        return None
    return _number(word) if word[0].isdigit() else _SPELLING.get(word, word)


def kinds(tokens: Iterable[str]) -> Counter[str]:
    """How often each word comes among the tokens that decides only against another word of its sort."""
    return Counter(token for token in tokens if token in _KINDS)


def is_name(fact: str) -> bool:
    """Whether a fact's value is a variable or a letter of a name."""
    return len(fact) == 1 and fact.isascii() and fact.isalpha()


def is_name_token(token: str) -> bool:
    """Whether a normal token is made of variables, as far as it shows without its text."""
    return token.isascii() and token.isalpha() and token not in _DECISIVE and _is_letters(token)


@lru_cache(maxsize=1_000_000)
def _values(word: str) -> Sequence[str] | None:
    """The facts that a token stands for: none for prose and layout, the letters of a name or a product; None where
    the text around it decides."""
    if word[0].isdigit():
        return (_number(word),)
    if word[0] == "\\":
        return () if word in _STYLE else (_SPELLING.get(word, word),)
    if not word[0].isalpha():
        return None if word in "-–" else () if word in _SIGNS else (_SAME.get(word, word),)
    if word in _DECISIVE:
        return (_DECISIVE[word],)
    if not word.isascii():
        return ()
    if _is_letters(word):
        return tuple(word)
    if len(word) <= _LETTERS and word not in _SHORT:
        return None
    return (word,) if word.isupper() else ()


def _values_beside(around: Sequence[str], word: str, variables: set[str]) -> Sequence[str]:
    """A hyphen between two words is none; a short word of variables of this text is their product."""
    if word in "-–":
        return () if len(around) > 2 and all(map(_is_plain, (around[0], around[-1]))) else (word,)
    if variables.issuperset(word):
        return tuple(word)
    return (word,) if word.isupper() else ()


def _number(word: str) -> str:
    whole = word.replace(",", "")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole.lstrip("0") or "0"


def _is_letters(word: str) -> bool:
    """Whether a short run of letters is a name or a product of variables and not a word."""
    if word.isupper() or len(word) == 1:
        return len(word) <= _NAME
    if len(word) > _PRODUCT or word in _SHORT:
        return False
    return len(word) < _PRODUCT or _VOWEL.search(word) is None


def _is_plain(word: str) -> bool:
    return len(word) > 1 and word.isalpha()

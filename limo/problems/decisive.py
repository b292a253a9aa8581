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
    r" \overset \substack \stackrel \atop \vec \overrightarrow \frown \bm \bf \it \uline \emph"
    r" \par \indent \noindent \star \ast \Large \hspace \vspace".split()
)
_SIGNS = set("& ~ — 、 。 · • , “ ” # @ _ $ ) ] | ： ， ； ？ （ ） 《 》 【 】 ' ` ℃".split())
_SAME = {"/": r"\frac", r"\div": r"\frac", r"\implies": r"\Rightarrow", r"\colon": ":", r"\mid": "|", r"\gt": ">"}
_SAME |= {
    r"\f": "f",
    r"\ell": "l",
    r"\varphi": r"\phi",
    r"\varepsilon": r"\epsilon",
    "^{\\circ}": "degrees",
    "degree": "degrees",
}
_SAME |= {r"\lt": "<", r"\ldotp": "...", r"\land": r"\wedge", r"\varnothing": r"\emptyset", r"\setminus": r"\backslash"}
_NUMERALS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty"
).split()
_SYNONYMS = {
    "least": "smallest least minimum minimal fewest lowest shortest",
    "most": "largest greatest most maximum maximal highest longest biggest",
    "not": "not no non without never neither nor cannot",
    "twice": "twice double doubled",
    "thrice": "thrice triple tripled",
    "distinct": "distinct different",
    "mean": "mean average",
    "unless": "unless except excluding excludes",
}
_FUNCTIONS = "sin cos tan cot sec csc log ln exp max min gcd lcm arcsin arccos arctan sinh cosh tanh"
_ASKED = [
    "even odd positive negative",
    "sum product difference quotient remainder ratio median mode range",
    _FUNCTIONS,
    "perimeter area volume radius diameter circumference half third quarter percent dozen hundred thousand million",
    "only refuse refuses allowed forbidden exterior interior cubed squared",
    "exactly inclusive exclusive consecutive nonnegative nonzero prime composite replacement",
    "true false correct incorrect wrong second fourth fifth sixth",
    "〇 零 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半 倍 不 大 小 多 少 和 差 积 商 余 奇 偶 正 负",
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
    " vertex focus foci directrix axis altitude altitudes median medians bisector bisectors slope intercept intercepts"
    " hypotenuse leg legs chord tangent secant center centroid orthocenter incenter circumcenter incircle circumcircle"
    " inscribed circumscribed height base width length depth"
    " penny nickel dime quarter heads tails hearts diamonds clubs spades jack queen king ace"
    " jacks queens kings aces leftmost rightmost top bottom left right first last"
    " same equal cheapest nearest farthest together alone"
    " minimum maximum increasing decreasing divisor divisors multiple multiples factor factors digit digits"
    " domain range inverse numerator denominator real imaginary rational irrational coefficient"
    " coefficients constant degree"
    " root roots union intersection"
    " distinguishable indistinguishable reciprocals squares cubes inclination horizontal vertical".split()
)
_SPELLING = _DECISIVE | _SAME | {f"\\{name}": name for name in _FUNCTIONS.split()}
_STOP = set(
    "the an is are was were be been find finds what determine compute calculate evaluate please let given that then we"
    " have has had there of and for in with to such where which value s its it this these those if when so how"
    " do does can you me us our".split()
)
_NEUTRAL = set(
    "value values number numbers many much following possible total all any each every both also"
    " respectively must obtain"
    " expressed question problem answer simplest form terms express written below shown above"
    " figure diagram picture now"
    " just only they their he she his her him them will would may one as at on by from or not"
    " solve denote called does did"
    " who whose whom but than".split()
)
_VOWEL = re.compile("[aeiou]", re.IGNORECASE)
_NAME, _PRODUCT, _LETTERS = 6, 3, 4  # letters
_BRACKET = 40  # tokens; a longer one holds prose
_NESTED = 4  # brackets in one another
_SUMS = {"+", "-", r"\pm", r"\frac", "*"}
_BINDING = {"-", "*", r"\frac", r"\sqrt", "^", "_", ")", *_FUNCTIONS.split()}
_BOUND = {"^", r"\frac", "*", "("}
_FUNCTION_NAMES = set(_FUNCTIONS.split())
_SECOND = set(
    "day way bit dim gon sum set cut cm km mm kg ft lb mi oz in th st nd rd by of to up it on old men man".split()
)
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
        article: whether it may be a mere word: `a`, `A` or `I` before a word.
    """

    value: str
    position: int
    article: bool


def facts(tokens: Sequence[str], spans: Sequence[tuple[int, int]] | None = None) -> list[Fact]:
    """The tokens, in order, that make two problems of the same wording different problems.

    Numbers (also as words), operators and relations, LaTeX commands, one-letter variables, the letters of names in
    capitals (segment DE) and of products of variables (xy), and the words that say which quantity is asked (least,
    even, sum, not, ...; synonyms count as one), and brackets around a sum that is raised, divided or multiplied. Other
    brackets, product signs that may be left out and hyphens between words are layout.
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
                values = _values_beside(tokens, position, variables)
            article = word in _ARTICLES and _is_plain(tokens[position + 1 : position + 2])
            for value in values:
                decisive.append(Fact(value, position, article))  # noqa: PERF401  (a list per word is slower)
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


def is_layout(token: str) -> bool:
    """Whether a normal token is spelling and layout, which may differ from text to text."""
    return token in _STYLE or token in _SIGNS or token in {"*", "(", "["}


def is_content(token: str) -> bool:
    """Whether a normal token is a plain word that may tell two problems apart: no fact, name or word of asking."""
    return len(token) > 1 and token.isalpha() and token.isascii() and token not in _NEUTRAL and token not in _DECISIVE


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
        return None if word in "-–*([" else () if word in _SIGNS else (_SAME.get(word, word),)
    if word in _DECISIVE:
        return (_DECISIVE[word],)
    if len(word) == _PRODUCT and word.endswith("th") and _VOWEL.match(word) is None:
        return (word[0],)
    if not word.isascii():
        return ()
    if _is_letters(word):
        return tuple(word)
    if len(word) <= _LETTERS and word not in _SHORT:
        return None
    return (word,) if word.isupper() else ()


def _values_beside(tokens: Sequence[str], position: int, variables: set[str]) -> Sequence[str]:
    """What text around a token decides: a hyphen before a word is none, nor a product sign that may be left out, nor
    brackets that change no value; a short word of variables of this text is their product."""
    word = tokens[position]
    before, after = tokens[max(0, position - 1) : position], tokens[position + 1 : position + 2]
    if word in "-–":
        return () if before and _is_compound(after) else (word,)
    if word == "*":
        return (word,) if (_is_number(before) and _is_number(after)) or (before == [")"] and _is_plain(after)) else ()
    if word in "([":
        return ("(",) if _groups(tokens, position) else ()
    if variables.issuperset(word):
        return tuple(word)
    return (word,) if word.isupper() else ()


def _groups(tokens: Sequence[str], start: int) -> bool:
    """Whether the bracket that opens here holds a sum, difference or quotient that is more than its parts."""
    depth, sums = 0, False
    for end in range(start, min(len(tokens), start + _BRACKET)):
        token = tokens[end]
        depth += (token in {"(", "["}) - (token in {")", "]"})
        if depth > _NESTED:
            return False
        if depth == 0:
            before, after = tokens[max(0, start - 1) : start], tokens[end + 1 : end + 2]
            bound = bool(before) and (
                before[0] in _BINDING or (before[0].isascii() and before[0].isalnum() and len(before[0]) == 1)
            )
            return sums and (bound or (bool(after) and after[0] in _BOUND))
        sums |= depth == 1 and end > start + 1 and token in _SUMS
    return False


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


def _is_plain(words: Sequence[str]) -> bool:
    return bool(words) and len(words[0]) > 1 and words[0].isalpha()


def _is_number(words: Sequence[str]) -> bool:
    return bool(words) and words[0][0].isdigit()


def _is_compound(words: Sequence[str]) -> bool:
    """Whether a word after a hyphen is the second part of a compound and no factor."""
    return _is_plain(words) and words[0] not in _FUNCTION_NAMES and (len(words[0]) >= _LETTERS or words[0] in _SECOND)

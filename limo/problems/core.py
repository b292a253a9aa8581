import re
from typing import NamedTuple

import polars as pl

from limo.problems.facts import Fact, facts, normal
from limo.problems.text import words

# What a publisher adds around a problem. Each is cut only where a problem is left.
_FIGURE = re.compile(
    r"\[asy\].*?(?:\[/asy\]|$)|//\s*diagram by [^.]*|\[img\].*?\[/img\]|!\[[^\]]*\]\([^)]*\)", re.DOTALL
)
_CONTEST = r"(?:AMC|AIME|AHSME|AJHSME|HMMT|USAMO|IMO|CMIMC|Olympiad|Invitational)"
_CREDIT = re.compile(
    r"\[i\].*?\[/i\]|\*[A-Z0-9][^*]{5,80}\*$|https?://\S+|\*+(?:proposed|author|source)\b[^*]*\*+"
    r"|(?:^|(?<=[.?!$]))\s*\((?:proposed|author|source)\b[^()]*\)"
    rf"|[(\[][^()\[\]]{{0,40}}\b{_CONTEST}\b[^()\[\]]{{0,60}}[)\]]|^(?:\d{{4}} )?{_CONTEST}[\w ,#]{{0,40}}[:.]"
    r"|[\[(]\d+ ?(?:points?|marks?|pts)[\])]",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?<![A-Za-z0-9])\(?(?P<letter>[A-Z])[).:]")
_OPTION_LENGTH = 400  # characters
_WAY = r"(?:as|in|using|to|with|by|correct|rounded|without|for|into|of)"
_FORM = re.compile(
    r"(?:if )?(?:your|the|its) (?:original |final |exact |required )?answer (?:is|can|should|must|will|has|to|in|,)"
    r"|(?:please )?(?:express|give|write|provide|enter|round|state|report|submit|simplify|leave|put|output)"
    rf" (?:me )?(?:your|the|all|both|any)? ?(?:final |exact |numerical |numeric )?(?:answers?|results?|solutions?)\b"
    r"|please (?:provide|give|express|write|output|find|calculate|compute|round|enter|answer|return)\b"
    r"|provide (?:the|your|an?) (?:value|sum|answer|integer|number|product|result|smallest|largest|maximum|minimum)\b"
    rf"|(?:which |that )?(?:can|may) be (?:uniquely )?(?:written|expressed|represented|simplified|put) {_WAY}\b"
    r"|(?:rounded?|round it|correct) to (?:the nearest|\w+ decimal|\w+ significant)"
    r"|原始?的?答案|最终答案|答案(?:是|为|用|可以|表示|形式|的形式)|(?:请|把)(?:给出|写出|求出|以|用|将|提供)|结果(?:用|保留|写成)",
    re.IGNORECASE,
)
_LONGEST = 20_000  # characters; a longer text is no problem of a contest and is only ever compared as a whole
_KEPT_TOKENS, _KEPT_FACTS, _LONG = 6, 2, 20  # what is left of a problem by a cut: so many tokens, and facts or length


# What every text has that is cut: looked for in all texts at once, since most have nothing of it.
_MARKED = (
    rf"(?is)\[asy\]|diagram by|\[img\]|!\[|\[i\]|\*[A-Z0-9]|https?://|proposed|author|source|\b{_CONTEST}\b"
    rf"|\d ?(?:points?|marks?|pts)[\])]|A[).:].*B[).:].*C[).:]|{_FORM.pattern}"
)


class Parts(NamedTuple):
    """Texts taken apart: the problems themselves, the whole texts, the form of the answer (tokens joined by spaces),
    and by place the numbers in the code of figures. Texts that are too long are empty."""

    problems: pl.Series
    wholes: pl.Series
    forms: list[str]
    figures: dict[int, list[str]]


class Core(NamedTuple):
    """A problem without what publishers add to it.

    Attributes:
        tokens: the problem itself: the tokens that carry content (`facts.normal` of `text.words`).
        facts: the tokens of the problem that tell it from others of the same wording, articles among them.
        evidence: how many of these are no articles.
        form: the tokens cut off that say in which form the answer is asked: options, "find m+n".
        figure: the numbers in the code of a figure, ascending.
        whole: the same of the whole text.
    """

    tokens: list[str]
    facts: list[Fact]
    evidence: int
    form: list[str]
    figure: list[str]
    whole: list[str]


def core(canonical_text: str) -> Core:
    """Take a canonical text apart: the problem itself, and the request for a form of its answer.

    Figures in code, credits, contest names and points are dropped. A list of options, and all from the first request
    in the last two thirds such as "the answer is in the form m/n, find m+n", is the form. A cut that would leave no
    problem is not made: "which of these is prime?" is its options. A text of more than 20,000 characters has no
    tokens: its id alone identifies it.
    """
    if len(canonical_text) > _LONGEST:
        return Core([], [], 0, [], [], [])
    problem, form, figure = _cut(canonical_text)
    tokens = normal(words(problem))
    found = facts(tokens)
    evidence = sum(not fact.article for fact in found)
    return Core(tokens, found, evidence, words(form), figure, normal(words(canonical_text)))


def cut_all(canonical_texts: pl.Series) -> Parts:
    """Take many canonical texts apart as `core` does."""
    wholes = canonical_texts.set(canonical_texts.str.len_chars() > _LONGEST, "")
    places = wholes.str.contains(_MARKED).arg_true()
    cuts = [_cut(text) for text in wholes.gather(places)]
    forms = [""] * len(wholes)
    for place, (_, form, _) in zip(places, cuts, strict=True):
        forms[place] = " ".join(words(form))
    figures = {place: figure for place, (_, _, figure) in zip(places, cuts, strict=True) if figure}
    problems = wholes.clone().scatter(places, [problem for problem, _, _ in cuts]) if cuts else wholes
    return Parts(problems, wholes, forms, figures)


def _cut(text: str) -> tuple[str, str, list[str]]:
    """The problem itself, the form of the answer, and the numbers in the code of figures."""
    figure = sorted(word for code in _FIGURE.findall(text) for word in words(code) if word[0].isdigit())
    for pattern in (_FIGURE, _CREDIT):
        if (shorter := pattern.sub(" ", text)) != text and len(words(shorter)) >= _KEPT_TOKENS:
            text = shorter
    form = ""
    for find in (_options, _request):
        start = find(text)
        if start is not None and _is_problem(words(text[:start])):
            text, form = text[:start], text[start:] + form
    return text, form, figure


def _options(text: str) -> int | None:
    """Where a list of options A, B, C, ... starts."""
    marks = [(match["letter"], match.start()) for match in _OPTION.finditer(text)]
    for (a, first), (b, second), (c, third) in zip(marks, marks[1:], marks[2:], strict=False):
        if a + b + c == "ABC" and max(second - first, third - second) <= _OPTION_LENGTH:
            return first
    return None


def _request(text: str) -> int | None:
    """Where the first request for a form of the answer starts; one in the first third is part of the problem."""
    match = _FORM.search(text, len(text) // 3)
    return match.start() if match else None


def _is_problem(tokens: list[str]) -> bool:
    return len(tokens) >= _KEPT_TOKENS and (len(facts(tokens)) >= _KEPT_FACTS or len(tokens) >= _LONG)

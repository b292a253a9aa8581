"""A canonical text → the problem without what publishers add to it; used by pool, audit and a user's own problems."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from limo.problems.decisive import Fact, facts, normal
from limo.problems.labels import unlabelled
from limo.problems.listing import unnumbered
from limo.problems.tokens import words, words_all, words_of_all

# What a publisher adds around a problem. Each is cut only where a problem is left. A pattern is slow beside a search
# for the words that every match has, of whatever case.
_FIGURE = (
    r"(?s)\[asy\].*?(?:\[/asy\]|$)|\\begin\{asy\}.*?(?:\\end\{asy\}|$)|//\s*diagram by [^.]*"
    r"|\[img\].*?\[/img\]|!\[[^\]]*\]\([^)]*\)"
)
_FIGURE_WORDS = ["[asy]", "{asy}", "diagram by", "[img]", "!["]
_CONTESTS = ["AMC", "AIME", "AHSME", "AJHSME", "HMMT", "USAMO", "IMO", "CMIMC", "Olympiad", "Invitational"]
_CONTEST = f"(?:{'|'.join(_CONTESTS)})"
_CREDIT = (
    r"(?i)\[i\].*?\[/i\]|\[i\][^\[\]]{0,80}$|\*[A-Z0-9][^*]{5,80}\*$|https?://\S+|\*+(?:proposed|author|source)\b[^*]*\*+"
    r"|(?P<before>^|[.?!$])\s*\((?:proposed|author|source)\b[^()]*\)"
    rf"|[(\[][^()\[\]]{{0,40}}\b{_CONTEST}\b[^()\[\]]{{0,60}}[)\]]|^(?:\d{{4}} )?{_CONTEST}[\w ,#]{{0,40}}[:.]"
    r"|[\[(]\d+ ?(?:points?|marks?|pts)[\])]"
    r"|\(?(?:note:? ?)?(?:the )?(?:figures?|diagrams?|pictures?) (?:is |are )?not (?:drawn )?to scale\.?\)?"
)
_CREDIT_WORDS = ["[i]", "http", "proposed", "author", "source", "to scale", *_CONTESTS]
_CREDIT_WORDS += [word + end for word in ("point", "points", "mark", "marks", "pts") for end in ")]"]
_OPTION = re.compile(r"(?<![A-Za-z0-9])\(?(?P<letter>[A-Z])[).:]")
_OPTIONS = r"(?s)A[).:].*B[).:].*C[).:]"
_OPTION_LENGTH = 400  # characters
_WAY = r"(?:as|in|using|to|with|by|correct|rounded|without|for|into|of)"
_FORM = (
    r"(?is)(?:(?:if )?(?:your|the|its) (?:original |final |exact |required )?answer "
    r"(?:is|can|should|must|will|has|to|in|,)"
    r"|(?:please )?(?:express|give|write|provide|enter|round|state|report|submit|simplify|leave|put|output)"
    r" (?:me )?(?:your|the|all|both|any)? ?(?:final |exact |numerical |numeric )?(?:answers?|results?|solutions?)\b"
    r"|please (?:provide|give|express|write|output|find|calculate|compute|round|enter|answer|return)\b"
    r"|provide (?:the|your|an?) (?:value|sum|answer|integer|number|product|result|smallest|largest|maximum|minimum)\b"
    rf"|(?:which |that )?(?:can|may) be (?:uniquely )?(?:written|expressed|represented|simplified|put) {_WAY}\b"
    r"|(?:rounded?|round it|correct) to (?:the nearest|\w+ decimal|\w+ significant)"
    r"|原始?的?答案|最终答案|答案(?:是|为|用|可以|表示|形式|的形式)|(?:请|把)(?:给出|写出|求出|以|用|将|提供)"
    r"|结果(?:用|保留|写成)).*"
)
_FORM_WORDS = ["answer", "result", "solution", "please", "provide", "can be", "may be", "round", "correct to"]
_FORM_WORDS += ["答案", "请", "把", "结果"]
_BLANK = r"[\s_=]*=(?:[\s.;,:。；，？?_#*{}~—-]|\\(?:uline|cdot|star)|的)*$"  # an end that leaves the answer out
_LOWER = r"(?:^|[^A-Za-z\\])[A-Z]?[a-z]"  # how a word that is no command starts in a text not all in capitals
_CAPITALS = r"\b[A-Z]{2,}\b"
_COMMAND_OR_CAPITALS = re.compile(r"(\\[A-Za-z]+)|[A-Z]+")
_LONGEST = 20_000  # characters; a longer text is no problem of a contest and is only ever compared as a whole
_KEPT_TOKENS, _KEPT_FACTS, _LONG = 6, 2, 20  # what is left of a problem by a cut: so many tokens, and facts or length


class Parts(NamedTuple):
    """Texts taken apart: the problems themselves, the whole texts, the form of the answer (tokens joined by spaces),
    and by place the numbers in the code of figures. Texts that are too long are empty."""

    problems: pl.Series
    wholes: pl.Series
    forms: list[str]
    figures: dict[int, list[str]]


@dataclass(frozen=True)
class Core:
    """A problem without what publishers add to it.

    Attributes:
        tokens: the problem itself: the tokens that carry content (`decisive.normal` of `canonical.words`).
        form: the tokens cut off that say in which form the answer is asked: options, "find m+n".
        figure: the numbers in the code of a figure, ascending.
        whole: the same of the whole text.
    """

    tokens: list[str]
    form: list[str]
    figure: list[str]
    whole: list[str]

    @cached_property
    def facts(self) -> list[Fact]:
        """The tokens of the problem that tell it from others of the same wording, articles among them."""
        return facts(self.tokens)

    @cached_property
    def evidence(self) -> int:
        """How many of the facts are no articles."""
        return sum(not fact.article for fact in self.facts)


def core(canonical_text: str) -> Core:
    """Take a canonical text apart: the problem itself, and the request for a form of its answer.

    Figures in code, credits, contest names and points are dropped. A list of options, and all from the first request
    in the last two thirds such as "the answer is in the form m/n, find m+n", is the form. A cut that would leave no
    problem is not made: "which of these is prime?" is its options. A text of more than 20,000 characters has no
    tokens: its id alone identifies it.
    """
    parts = cut_all(pl.Series([canonical_text], dtype=pl.String))
    tokens, whole = (normal(words(text)) for text in (parts.problems[0], parts.wholes[0]))
    return Core(tokens, parts.forms[0].split(), parts.figures.get(0, []), whole)


def cut_all(canonical_texts: pl.Series) -> Parts:
    """Take many canonical texts apart as `core` does."""
    wholes = canonical_texts.set(canonical_texts.str.len_chars() > _LONGEST, "")
    wholes = unnumbered(_changed(wholes, (~wholes.str.contains(_LOWER)).arg_true(), _unshouted))
    drawn = _with(wholes, _FIGURE_WORDS)
    codes = words_all(wholes.gather(drawn).str.extract_all(_FIGURE).list.join(" "))
    numbers = (
        codes.list.eval(pl.element().filter(pl.element().str.contains(r"^(?:\d|[A-Za-z]$|-$)"))).list.sort().to_list()
    )
    problems = unlabelled(_changed(wholes, drawn, lambda texts: _without(texts, _FIGURE)))
    credited = problems.str.contains_any(_CREDIT_WORDS, ascii_case_insensitive=True) | problems.str.ends_with("*")
    problems = _changed(problems, credited.arg_true(), lambda texts: _without(texts, _CREDIT))
    stated = _changed(problems, problems.str.contains(_OPTIONS).arg_true(), _before_options)
    asked = _changed(stated, _with(stated, _FORM_WORDS), _before_request)
    forms, formed = [""] * len(wholes), (asked != problems).arg_true()
    tails = [problems[place][len(asked[place]) :] for place in formed]
    for place, tail in zip(formed, words_of_all(pl.Series(tails, dtype=pl.String)), strict=True):
        forms[place] = " ".join(tail)
    asked = asked.str.replace(_BLANK, "").str.strip_chars_end(" \t\n-—_")  # a dash before what was cut
    return Parts(asked, wholes, forms, {place: shown for place, shown in zip(drawn, numbers, strict=True) if shown})


def _with(texts: pl.Series, marks: list[str]) -> pl.Series:
    """The places of texts that have one of the words."""
    return texts.str.contains_any(marks, ascii_case_insensitive=True).arg_true()


def _changed(texts: pl.Series, places: pl.Series, rule: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The texts, those at the places as the rule makes them."""
    return texts.clone().scatter(places, rule(texts.gather(places))) if len(places) else texts


def _unshouted(texts: pl.Series) -> pl.Series:
    """Texts without a lower-case word: those of several words in capitals as if typed with none."""
    lowered = pl.Series([_COMMAND_OR_CAPITALS.sub(lambda word: word[1] or word[0].lower(), text) for text in texts])
    return lowered.zip_with(texts.str.count_matches(_CAPITALS) >= _KEPT_TOKENS, texts)


def _without(texts: pl.Series, pattern: str) -> pl.Series:
    shorter = texts.str.replace_all(pattern, "${before} " if "<before>" in pattern else " ")
    return shorter.zip_with(words_all(shorter).list.len() >= _KEPT_TOKENS, texts)


def _before_options(texts: pl.Series) -> pl.Series:
    """Each text up to its list of options A, B, C, ..."""
    heads = [text[: _options(text)] for text in texts]
    return _where_problem(pl.Series(heads, dtype=pl.String), texts)


def _before_request(texts: pl.Series) -> pl.Series:
    """Each text up to its first request for a form of the answer; one in the first third is part of the problem."""
    third = texts.str.len_chars() // 3
    return _where_problem(texts.str.head(third) + texts.str.slice(third).str.replace(_FORM, ""), texts)


def _where_problem(heads: pl.Series, texts: pl.Series) -> pl.Series:
    """Each head that is a problem, and else its text."""
    cut = heads != texts
    lengths = words_all(heads).list.len()
    long = cut & (lengths >= _LONG)
    short = (cut & lengths.is_between(_KEPT_TOKENS, _LONG, closed="left")).arg_true()
    tokens = zip(short, words_of_all(heads.gather(short)), strict=True)
    held = [place for place, words in tokens if len(facts(words)) >= _KEPT_FACTS]
    return heads.zip_with(long.scatter(held, True) if held else long, texts)


def _options(text: str) -> int | None:
    """Where a list of options A, B, C, ... starts."""
    marks = [(match["letter"], match.start()) for match in _OPTION.finditer(text)]
    for (a, first), (b, second), (c, third) in zip(marks, marks[1:], marks[2:], strict=False):
        if a + b + c == "ABC" and max(second - first, third - second) <= _OPTION_LENGTH:
            return first
    return None

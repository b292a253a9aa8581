"""A canonical text → the text without what publishers write before and after a problem; used by core."""

import re

import polars as pl

_REACH = 300  # characters at either end; longer than any label, so that a search never walks the whole text
_FEWEST = 20  # characters of a problem that a label leaves
# How a sentence of a problem starts. What looks like a label may be the problem's own before other words: "147 primes".
_VERBS = (
    "Find Determine Compute Calculate Solve Prove Show Evaluate Simplify Express Factor Write Draw Choose Define Denote"
)
_OTHERS = (
    "Let If Given Suppose Consider Assume What How In For An A The Each There On At Is Are Does"
    " Do Can Which When Where Who It"
    " From By To As Among Every"
)
_STARTS = (
    rf"(?:(?:{'|'.join([*_VERBS.split(), *_OTHERS.split()])})\b|[A-Z][a-z]+ (?:is|has|have|was|and"
    rf"|wants|bought)\b|已知|设|若|求|如图)"
)
_WORDS = (
    "(?i:problem|question|exercise|example|task|zadatak|aufgabe|exercice|problema|ejercicio"
    "|variant|item|challenge|puzzle|prob|exc?|qn?|no|day|level|grade|round|section|chapter"
    "|subject|theme|quiz|задача|пример|例题?|问题|题目)"
)
_ANY_START = rf"(?:[A-Z][a-z]+\b|A |\\[A-Za-z]|{_STARTS})"  # behind a label that ends in a mark of its own
_ID = r"(?:[A-Z]{1,3}(?:-?\d{1,3})?|\d{1,4}[a-z]?)(?:[.\-/] ?[A-Z]?\d{1,6}[a-z]?){0,3}"
_NAME = r"[A-Z\u00c0-\u017f][\w.'’-]*"
_YEAR = r"(?:1[89]|20)\d\d"
_EVENTS = (
    "Olympiad|Cup|Contest|Competition|Tournament|Championship|AMC|AIME|HMMT|IMO|ISL|Putnam|Shortlist|Sprint|Guts|Round"
)
_NEAR = 130  # characters at either end that may name a contest
_HELD_BY = rf"{_YEAR}|{_EVENTS}"  # alone, since Rust finds these words much faster than what may stand around them
_HELD = rf"(?=[^.:?!]{{0,80}}(?:{_YEAR}|{_EVENTS}))"
_HEADING = (  # possessive: words may be read in several ways
    rf"(?>(?:[A-Z\u00c0-\u017f][\w'’-]*|{_YEAR}|\d{{1,3}}(?:st|nd|rd|th)|\\?#? ?\d{{1,3}}[A-Z]?"
    r"|of|the|for|in|and|de)[,;/–—-]? ?)"
)
_PART = rf"(?:{_WORDS}|(?i:day|part|round|grade|p|#))s? ?#?\w{{1,4}}"
_CAPITAL = rf"(?:(?:of|the|for|in|and|de|on)\b|{_NAME}|\\?#? ?\d[\w.-]*|[,:;&/-])"
_PAREN = rf"[(\[](?=[^()\[\]]*[A-Z][A-Za-z]{{2}})(?:{_CAPITAL} ?){{0,8}}\b{_YEAR}\b,?(?: ?{_CAPITAL}){{0,12}} ?[)\]]"
_ORIGIN = rf"[(\[][A-Z][A-Za-z]{{2,}}(?: {_NAME}){{0,4}},? ?(?:\d{{1,4}}[a-z]?|[A-Z]\d{{1,2}})?[)\]]"
_UNDERLINED = r"\\underline ?\{[^{}=+\d\\]{2,60}\}"
_MARKS = r"[(（](?:本小?题)?(?:满分|共)?\d{1,3}分[)）]"
_NOTE = r"(?: ?(?:\*{1,2}|[(\[](?:\d{1,3} ?(?:points?|marks?|pts?)?|[A-Z][a-z]+(?: [A-Za-z]+){0,2})[)\]]))*"
_UNIT = rf"{_WORDS}s?\.? ?(?i:no\.? ?|number )?(?:\\?# ?)?{_ID}"
_CLOSED = rf"(?:[.:)、．]+\s*(?=\S)|,? ?(?={_STARTS}|{_PAREN}))"
_CODE = r"(?:[A-Z]{1,2}-?\d{1,3}(?:[.\-]\d{1,3}){0,2}|[IVX]{1,5}(?=[.)]))"
_LABELS = [
    rf"(?:{_UNIT},? ?){{0,2}}{_UNIT}(?: of \d{{1,3}})?(?: {_WORDS})?{_NOTE}{_CLOSED}",
    rf"\d{{1,3}}[.:)、．] ?(?={_PAREN}|{_ORIGIN}|{_MARKS})",
    r"例题? ?\d{1,3} ?[.:)、．]? ?(?=\S)",
    rf"{_MARKS} ?",
    r"【[^【】]{1,20}】 ?",
    rf"{_PAREN}[.:]? ?",
    rf"{_ORIGIN}[.:]? ?(?={_ANY_START})",
    rf"(?:\d{{1,3}}(?:st|nd|rd|th) )?(?:{_NAME} ){{1,5}}{_YEAR},? ?(?:{_PART},? ?){{1,3}}[.:]? ?(?={_STARTS})",
    rf"{_YEAR} (?:{_NAME} ){{1,6}}(?:{_PART},? ?){{1,3}}[.:]? ?(?={_STARTS})",
    rf"{_HELD}{_HEADING}{{2,14}}+[.:)] ?(?={_ANY_START})",
    rf"\[\d{{1,3}}\] ?(?={_ANY_START})",
    rf"\({_YEAR}\) ?(?={_STARTS})",
    rf"{_CODE}{_NOTE}(?:[.:)] ?(?={_ANY_START})| ?(?={_STARTS}))",
    rf"(?:(?<=#)|(?<=# ))\d{{1,3}}{_NOTE}[.:)]? ?(?=\S)",
    rf"\d{{1,3}}(?:\.\d{{1,3}}){{0,2}}{_NOTE}(?:[.:)、．] ?(?={_ANY_START})| ?(?={_STARTS}))",
    rf"\(?(?:\d{{1,2}}|[a-h]|i{{1,3}}|iv|vi{{0,3}})\) ?(?={_ANY_START})",
    r"[-–—•▪>] ?(?=[A-Z][a-z]+\b)",
    r"\\mathbf ?\{\d{1,3}[.)]?\}[.)]? ?",
    rf"(?i:difficulty|level|rating|grade|points) ?: ?\d{{1,2}}(?:\.\d)?(?:/10)?[.;,]? ?(?={_STARTS})",
    rf"{_UNDERLINED} ?",
]
_LABEL = re.compile(rf"(?:\\?[#*]){{0,6}} ?(?:{'|'.join(_LABELS)})\** ?")
_LABELLED = (
    rf"^(?:[#*(\[\d例问题【>•▪–—-]|\\(?:underline|mathbf|#)|[A-Z]{{1,2}}-?\d|[IVX]{{1,5}}[.)]|[a-hiv]{{1,4}}\)"
    rf"|{_WORDS}s?\.? ?(?i:no\.? ?|number )?(?:\\?# ?)?[A-Z\d]|(?i:difficulty|level|rating|grade|points) ?:"
    rf"|(?:{_NAME} ){{1,5}}{_YEAR})"
)
_SHELF = "(?:difficulty|level|grade|rating|time(?: limit)?|topic|subject|tags?|category|keywords)"
_AFTER = r"(?:(?<=[.?!])|(?<=[.?!] ))"
_TRAILERS = [
    _PAREN,
    r"[(\[]\d{1,3} ?(?:points?|marks?|pts?)[.)\]]+",
    _MARKS,
    r"#{1,6} ?[^#*.?!=\\()]{2,40}",
    r"\*\*[^*=+\\?!.]{2,40}\*\*",
    _UNDERLINED,
    r"(?i:(?:source|author|origin|proposed by|submitted by)s?: ?[^.?!=\\]{2,80}\.?)",
    rf"{_AFTER}(?:\[\d{{1,2}}\]|\(\d{{1,2}}\))",
    rf"{_AFTER}(?:[—~–-] ?)?{_HELD}{_HEADING}{{1,12}}+",
    r"\\(?:blacksquare|square|Box|qed)\b|[□∎■]",
    r"(?i:(?:good luck|thank you|thanks|have fun)\b[^.!?]{0,40}[.!]*)",
    rf"{_AFTER}(?i:{_SHELF}\b ?:? ?[\w ,/-]{{1,40}}\.?)",
    r"\(\d{1,2}(?:st|nd|rd|th)(?:[ -]\d{1,2}th)? grades?\)",
    r"(?i:(?:please )?translate the (?:(?:above|following|given|previous) )?(?:text|problem|question|content)\b).*",
]
_TRAILER = re.compile(rf"(?:\s*(?:{'|'.join(_TRAILERS)}))+[\s.]*$", re.DOTALL)
_TRAILED = (
    rf"(?i){_YEAR}[^()\[\]]{{0,100}}[)\]]\W*$|(?:points?|marks?|pts?|分)\.?[)\]）]\W*$|#[^#()]{{2,40}}$|\*\*\W*$"
    r"|\\underline ?\{[^{}]*\}\W*$|translate the |(?:source|author|origin|by):|[.?!] ?[(\[]\d{1,2}[)\]]\W*$"
    rf"|\\(?:blacksquare|square|Box|qed)\W*$|[□∎■]\W*$|good luck|thank|have fun|grades?\)\W*$"
)
_TRANSLATED = re.compile(_TRAILERS[-1], re.DOTALL)


def unlabelled(texts: pl.Series) -> pl.Series:
    """Texts without numbering, contests, years and authors before the problem, and without grades, points, sources and
    requests for a translation behind it. Nothing goes where no problem would be left.

    Args:
        texts: canonical texts.
    """
    ends = texts.str.tail(_NEAR)
    named = texts.str.head(_NEAR).str.contains(_HELD_BY) | ends.str.contains(rf"{_HELD_BY}|[.?!] ?(?i:{_SHELF})")
    found = (named | texts.str.contains(_LABELLED) | texts.str.tail(_REACH).str.contains(_TRAILED)).arg_true()
    if not len(found):
        return texts
    return texts.clone().scatter(found, pl.Series([_unlabelled(text) for text in texts.gather(found)], dtype=pl.String))


def _unlabelled(text: str) -> str:
    start, stop = 0, len(text)
    while (label := _LABEL.match(text, start, start + _REACH)) and label.end() > start:
        start = label.end()
    if request := _TRANSLATED.search(text, start):
        stop = request.start()
    if trailer := _TRAILER.search(text, max(start, stop - _REACH), stop):
        stop = trailer.start()
    return text[start:stop].strip() if stop - start >= _FEWEST else text

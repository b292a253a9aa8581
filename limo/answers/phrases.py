"""The words before a row of symbols → how plainly they say that it is what the sentence states; used by prose."""

import re
from enum import IntEnum
from typing import NamedTuple

_COPULA = (
    r"\b(?:is|are|was|were|be|been|being|equals?|equaled|equal to|makes?|gives?|yields?|yielding|getting|totals?|"
    r"becomes?|namely|results? in|resulted in|resulting in|giving|leaving|to (?:get|obtain|find that)|"
    r"(?:adds?|sums?|averages?|comes?|amounts?|simplif(?:y|ies)|reduces?|evaluates?|rounds?|works)"
    r"(?: up| down| out)? to)\b|[=:≈→⇒]|\\(?:approx|Rightarrow|to)"
)
_MODIFIER = (
    r"\b(?:exactly|only|just|about|approximately|roughly|around|thus|therefore|hence|indeed|then|also|simply|always|"
    r"now|actually|precisely|altogether|either|equal to|equivalent to|congruent to|given by|at (?:least|most)|in total|"
    r"up to|(?:obtained|achieved) as|(?:found|calculated|determined) to be|an? (?:grand )?(?:total|maximum|minimum|"
    r"profit|loss|sum|remainder|difference|value|score|distance|length) of|the (?:number|value|expression|fraction|"
    r"integer|point|pair|interval|set|tuple|formula|equation|function|line|polynomial|ratio)|the|an?|all)\b|[\"'“]"
)
_PREPOSITION = (
    r"of|in|at|on|for|by|with|from|to|per|than|after|before|within|between|over|under|through|until|into|during|across|"
    r"among|comparing|every|each|modulo|mod|and|or|plus|minus|times|that|where|when|if|as|since|because|while|without|"
    r"including|against|compared|divided|multiplied|other|these|those|first|last|next|previous|another|whose|satisfying|"
    r"given|which|number|such"
)
_LABEL = (
    r"length|size|days?|step|grade|case|option|route|page|room|problem|question|figure|chapter|year|base|degree|order|"
    r"radius|sides?|age|level|part|phase|row|column|week|month|round|type|stage|player|term|index|position|numbers?|"
    r"integers?|digits?|exponent|power|values?|variables?|set|range|interval|form|equation|expression|ratio|team|group|line"
)
_QUANTITY = re.compile(
    r"\b(?:total|maximum|minimum|sum|average|profit|remainder|value|amount|answer|result|cost|price|ratio|probability|"
    r"area)(?: [a-z]+)? of\s*$",
    re.IGNORECASE,
)
_DIRECT = re.compile(rf"(?:{_COPULA})\s*(?:(?:{_MODIFIER})\s*)*$", re.IGNORECASE)
_MINOR = re.compile(
    rf"(?:^|[\s(])(?:(?:{_PREPOSITION})\s+(?:(?:{_MODIFIER})\s*)*(?:(?:{_LABEL})\s+)?|#\s?)$", re.IGNORECASE
)
_PURPOSE = re.compile(
    r"(?P<modal>\b(?:needs?|needed|have|has|had|able|going|wants?|wanted|used|manage[sd]?|ought|is|are|was|were|got|order|"
    r"found|out|said|known|calculated|determined|shown|happens?|seems?|left|expect(?:s|ed)|enough|required)\s+)?"
    r"\bto\s+(?!(?:about|approximately|exactly|only|just|roughly|around|the|an?|all|at|get|obtain|find)\b)[a-z]{2,}\s+"
    rf"(?:(?:{_MODIFIER})\s*)*$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?:less|greater|more|fewer|larger|smaller)\s+than(?:\s+or\s+equal(?:\s+to)?)?\s*$", re.IGNORECASE
)
_RELATIVE = re.compile(r"\b(?:that|which|to)\s+(?:would\s+|will\s+)?make\s+$", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?:^|[,;]\s*|\b(?:so|therefore|thus|hence|then|but|finally)\s+|\b(?:the|exactly|only|about|all|there)\s+)$",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:for|when|where|if|at|with|given|satisf(?:y|ies|ying)|such that|assuming|from|since|because|let|suppose)\s+"
    r"(?:(?:[\ue000\ue001]+|[a-z]\w*\s?=\s?[^\s,]+)\s*\band\s+)*$",
    re.IGNORECASE,
)
ASIDE = re.compile(
    r",?\s\(?\b(?:because|since|when|where|if|after|before|while|whenever|unless|although|given that|assuming|provided|"
    r"such that|for which|to ensure|in order to|compared to|excluding|including|and (?:it|this) (?:is|occurs|holds)|"
    r"achieved|attained|occurring|which|who|whose|as (?:it|this|the|we|they|he|she|there)|with equality|"
    r"for (?:all|any|every|each))\b",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"\s*(?:(?:so|thus|therefore|hence|then),?\s+)?(?:if|when|since|because|as|for|after|before|given|at|with|in|while|"
    r"once|from|among|out of|assuming|let|using|to)\b(?:[^,]|,(?=\d))*,(?!\d)",
    re.IGNORECASE,
)
RESULT = re.compile(
    r"(?:\b|(?=,))(?:so|therefore|thus|hence|then|meaning|"
    r"which (?:means|gives|makes|equals|leaves|totals|results? in|yields)|resulting in|"
    r"leaving|"
    r"making|giving|which rounds(?: up| down)? to|"
    r"for a (?:combined )?total(?: [a-z]+)? of|(?<![\d\ue000\ue001]), and|, and(?=\s+[A-Za-z]{2})|"
    r"it (?:equals|is)|we (?:get|have|obtain|find))\b",
    re.IGNORECASE,
)
_ON = r",?\s+(?:(?:only|and|but)\s+){0,2}(?:(?:it|this)\s+is\s+)?"
_IF = r"when(?:ever)?|where|if|unless|provided|as long as"
_CONDITIONED = re.compile(
    rf"(?:{_COPULA})\s*(?:(?:{_MODIFIER})\s*){{0,4}}(?P<said>[^\s,]{{1,40}}){_ON}"
    rf"(?:{_IF}|for|given|assuming|with|at|achieved|attained|reached|occurring)\b",
    re.IGNORECASE,
)
_WORDED = re.compile(  # a term in words: the product of all sides, (n choose 2)
    rf"(?:{_COPULA})\s*(?P<said>(?:the|an?)\s[a-z]+\sof(?:\s(?!(?:{_IF}|is|are|was|were|equals?|only|and|but)\b)[a-z]+){{1,9}}"
    rf"|\([^()]{{1,40}}\bchoose\b[^()]{{1,40}}\)){_ON}(?:{_IF})\b",
    re.IGNORECASE,
)
_THEREFORE = re.compile(r"\b(?:so|therefore|thus|hence|then)\b", re.IGNORECASE)
EXCEPTION = re.compile(r"\b(?:unless|except(?:ing)?|with the exception)\b", re.IGNORECASE)
DENIED = re.compile(r"\b(?:not|cannot|no|never)\b|n't\b", re.IGNORECASE)
RESUMED = re.compile(r",\s*(?:is|are|was|were|gives?|equals?|has|have|yields?|leaves?|makes?)\b", re.IGNORECASE)
REASON = re.compile(r"\W*(?:because|since|as)\b", re.IGNORECASE)
VERBLESS = re.compile(r"given|assuming|for (?:all|any|every|each)|including|excluding|compared", re.IGNORECASE)
VERB = re.compile(r"\b(?:is|are|was|were)\b", re.IGNORECASE)
WHICH = re.compile(r"\W*(?:which|whose)", re.IGNORECASE)
COUNTED = re.compile(
    r"\s*(?:[a-z]+ ){0,3}?(?:values?|solutions?|numbers?|integers?|pairs?|roots?|choices|possibilities|ways|triples|"
    r"points|divisors|factors|primes|cases)\b",
    re.IGNORECASE,
)
CLAIMED = re.compile(r"\s+(?:is|are)\s+(?:the|our)\b", re.IGNORECASE)
EXAMPLE = re.compile(r"(?:[.!?:]\s|\n)\s*for (?:example|instance)\b", re.IGNORECASE)
IS_ANSWER = re.compile(r"\s+(?:is|as)\s+(?:the|our|my)\s+(?:final\s+|correct\s+|required\s+)?answer\b", re.IGNORECASE)
BETWEEN = re.compile(r"\s*(?:,|;|,?\s*\b(?:and|or)\b)\s*", re.IGNORECASE)
FINAL = re.compile(r"\s*(?:[A-Za-z]+\s*){0,3}(?:[,.;)]|$)")
LAST = re.compile(r"\s*(?:[A-Za-z]+\s*){0,2}[.,;)]?\s*")
_NO_RESULT = r"(?!(?s:.*)\b(?:so|thus|therefore|hence)\b)"
PASSED = re.compile(
    r"\s*(?:(?:and|but)\s+)?(?:\(|note\b|notice\b|remark\b|recall\b|alternatively\b|by the way\b|challenge\b|"
    r"you can (?:check|verify)|"
    r"we (?:can |may |could )?(?:check|verify|confirm)|to (?:check|verify|confirm)|check\b|verif|"
    rf"there (?:is|are) no other\b{_NO_RESULT}|(?:these|those|this|that) (?:is|are) (?:all|the only)\b{_NO_RESULT}|"
    r"(?:this|the) (?:expression|formula|result|number|equation) (?:represents|counts|accounts|describes|holds|shows|"
    rf"agrees|matches)\b{_NO_RESULT}|"
    rf"(?:these|both|all) (?:values|solutions|pairs|numbers) (?:satisfy|work)\b{_NO_RESULT}|"
    r"(?:this|that|which) is (?:the|our) (?:[a-z]+ ){0,2}?(?:expression|formula|form|factori[sz]ation|answer|result|"
    r"solution|value|number)(?=\s+(?:for|of|in|as|to|when|that)\b)|"
    r"(?:(?:the|this) )?equality (?:holds|occurs)\b(?!(?s:.*)\b(?:so|thus|therefore|hence|which|or|giv(?:es|ing))\b)|"
    r"this (?:minimum|maximum|bound)(?: value)? (?:is (?:achieved|attained|reached)|occurs)\b)",
    re.IGNORECASE,
)
NUMERAL = re.compile(
    r"\b(?:zero|one(?! of)|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ]"
    r"(?:one|two|three|four|five|six|seven|eight|nine))?|half)\b",
    re.IGNORECASE,
)


class Condition(NamedTuple):
    """What a sentence says before a condition ("…is abc, when …"), the place behind it, whether it is in words."""

    said: str
    place: int
    worded: bool


class Level(IntEnum):
    """How plainly a sentence says that a row of symbols is what it states.

    NAMED: a name, no value. BESIDE: behind a preposition ("in 7 days"). MENTIONED: the subject ("21 students chose").
    ACTED: behind a verb ("he saves $5"). EQUATED: behind "is", "equals" or an equals sign.
    """

    NAMED = 0
    BESIDE = 1
    MENTIONED = 2
    ACTED = 3
    EQUATED = 4


def level(before: str, named: bool) -> Level:
    """What the words before a row of symbols make of it; `named` says that variables stand in it."""
    purpose = _PURPOSE.search(before)
    if _BOUND.search(before) or (purpose and not purpose["modal"]):
        return Level.BESIDE
    if _RELATIVE.search(before):
        return Level.BESIDE
    if direct(before):
        return Level.EQUATED
    if not named and _QUANTITY.search(before):
        return Level.ACTED
    if _MINOR.search(before) or before.rstrip()[-1:] in {*"+*/×·("}:
        return Level.BESIDE
    return Level.MENTIONED if named or _SUBJECT.search(before) else Level.ACTED


def direct(before: str) -> bool:
    """Whether words end in "is", "equals" and the like, modifiers aside."""
    return _DIRECT.search(before) is not None


def condition(held: str, plain: str, piece: tuple[int, int]) -> Condition | None:
    """What stands before a condition that lasts to the end of a sentence; None where there is no such condition."""
    leading = LEADING.match(held, *piece)
    start = leading.end() if leading else piece[0]
    worded = _WORDED.search(held, start, piece[1])
    found = worded or _CONDITIONED.search(held, start, piece[1])
    if found is None or any(again.search(held, found.end(), piece[1]) for again in (RESUMED, _THEREFORE)):
        return None
    start, end = found.span("said")
    return Condition(plain[start:end].strip("$"), end, worded is not None)

"""The last sentence of a text → whether it affirms or denies what the question asks; used by extract."""

import re

_TAIL = 1_500  # characters at the end of a text in which its last sentence is sought
_ANSWERED = re.compile(
    r"\W*(?:(?:so|thus|therefore|hence|finally|in conclusion|in summary|overall)\W+)?"
    r"(?:the (?:final )?answer(?: to [^.:]{1,120}?)? is\W+)?(?P<word>yes|no)(?=\s*(?:[,.:;!*\"')}]|$))",
    re.IGNORECASE,
)
_AT_END = re.compile(r"\banswer\b.{0,400}\bis\W+(?P<word>yes|no)\W*$", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])[\"')*]*\s+(?=\S)|\n+")
_DENIED = re.compile(r"\b(?:not|cannot|no|never|none|impossible)\b|n't\b", re.IGNORECASE)
# Where these stand, and the question lacks them, a sentence doubts, restricts or argues.
_DOUBTED = frozenset(
    "may might could would should likely unlikely seem seems appear appears suggest suggests suggesting probably "
    "perhaps whether unless only however although though but assume assuming assumption if unclear unknown "
    "necessarily always sometimes either or neither nor without fails false wrong true incorrect necessary "
    "certain some every all other trivial obvious simple straightforward".split()
)
_REASON = re.compile(
    r",?\s\b(?:because|since|due to|as (?:it|they|the|this|we|there)|which|given that|for example|so that|thus|hence|"
    r"therefore|regardless|by (?:the|[a-z]+ing|contradiction))\b.*|;.*",
    re.IGNORECASE | re.DOTALL,
)
_LEADING = re.compile(
    r"\s*(?:(?:so|thus|therefore|hence|finally|in conclusion|in summary|then|overall),?\s+)?"
    r"(?:(?:if|for|since|when|given|because|as|from|by|based)\b.*?(?:,\s+then\s|,\s+(?=[a-z\\$(]*\s?[a-z]+\s)))?"
    r"(?:the answer is that\s+)?",
    re.IGNORECASE | re.DOTALL,
)
_ASKED = re.compile(
    r"(?:^|,\s*|[.:]\s+|\bthen\s+)(?:is|are|was|can|could|does|do|has|have|will|must)\b(?P<clause>[^?]{0,1000})\?",
    re.IGNORECASE,
)
_TASK = re.compile(r"\b(?:find|determine|solve|what are|which)\b(?P<clause>.*)", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"(?<![\\^_])[a-z]{3,}(?:'t)?", re.IGNORECASE)
_IDLE = frozenset(
    "the and that are was were has have had does did can cannot not for with there therefore thus hence this "
    "these those such any its they them their then than from also indeed exist exists both given following value "
    "values number numbers expression equation equal equals result results resulting been being never none "
    "impossible possible perfect two one into when where each same more between solutions solution text cdot frac "
    "ldots dots times left right".split()
)
_STEM = 5  # letters by which forms of one word are known
_HELD = 0.6  # share of the asked clause's words that a sentence about it repeats


def affirmed(text: str, question: str) -> bool | None:
    """Whether the last sentence says yes (True) or no (False) to a question; None where it is not plain.

    It says so by the word, or by repeating the question's clause with no negation or one. A word that the question
    lacks, a doubt or a second negation leaves it open, since "less" denies "greater" and "composite" denies "prime".
    To "find all …" only a denial says something: that there are none.
    """
    sentences = [one for one in _SENTENCE.split(text[-_TAIL:].strip()) if re.search(r"\w", one)]
    if not sentences:
        return None
    last = sentences[-1].strip()
    if said := _AT_END.search(text[-_TAIL:]):
        return said["word"].lower() == "yes"
    if said := _ANSWERED.match(last):
        opposite = _DENIED.search(_main(last[said.end() :])) is not None
        return said["word"].lower() == "yes" if not opposite or said["word"].lower() == "no" else None
    asked = _ASKED.search(question) or _TASK.search(question)
    if asked is None or _DENIED.search(asked["clause"]):
        return None
    main = _main(last)
    denials = len(_DENIED.findall(main))
    if denials > 1 or not _repeats(main, asked["clause"], question):
        return None
    return denials == 0


def _main(sentence: str) -> str:
    """The clause that states something, without a condition before it and a reason behind it."""
    leading = _LEADING.match(sentence)
    return _REASON.sub("", sentence[leading.end() if leading else 0 :])


def _repeats(main: str, clause: str, question: str) -> bool:
    """Whether a clause says what the question's clause does, and nothing that the question lacks."""
    known = _stems(question)
    said, wanted = _stems(main), _stems(clause) - _DOUBTED
    doubts = {word.lower() for word in _WORD.findall(main)} | ({"or"} & {*main.lower().split()})
    if doubts & _DOUBTED - {word.lower() for word in _WORD.findall(question)} or not said <= known:
        return False
    if not wanted or len(said & wanted) < _HELD * len(wanted):
        return False
    signs, whole = _signs(clause), _spelled(main)
    return all(sign in _spelled(question) for sign in _signs(main)) and (not signs or signs[-1] in whole)


def _stems(text: str) -> set[str]:
    return {word.lower()[:_STEM] for word in _WORD.findall(text) if word.lower() not in _IDLE}


def _signs(text: str) -> list[str]:
    """What is no word of a text: its numbers, letters and formulas."""
    words = (_spelled(word).strip(".,:;?!()") for word in text.split())
    return [word for word in words if re.search(r"[\d=<>^*/+]", word)]


def _spelled(text: str) -> str:
    return re.sub(r"\\(?:cdot|times)|[\s\\${}*]", "", text)

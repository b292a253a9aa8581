"""The text of a chain → its steps, and of a text its terms and numbers; used by measures."""

import re
import unicodedata
from typing import NamedTuple

_LETTERS = r"[^\W\d_]"
# What a term of four letters may not be: words of any argument, which tie no step to another.
STOP = frozenset(
    "able about above after again against also although always among another answer around because been before being "
    "below between both case cannot clearly consider could does doing done down during each either else even every "
    "final finally find first following follows from further give given gives going have hence here however into "
    "itself just know known last later least less like likewise made make makes many more most much must need needs "
    "never next note nothing obtain once only other otherwise over perhaps problem same second shall should show shows "
    "simply since some step steps still such sure take takes than that their them then there therefore these they "
    "third this those though through thus together under until upon using value very want wants well were what when "
    "where whether which while will with within without would your".split()
)
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
_COMMAND = re.compile(rf"\\(?!(?:{'|'.join(_GREEK.split())})(?![A-Za-z]))[A-Za-z]+\*?")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[A-Za-z]+\*?\}")
_ARTICLE = r"\b(?:[Aa] [a-z]{2,}|I\b)"  # not the side a, or the point A or I
_GROUPED = re.compile(r"(?<=\d)(?:,|\{,\}|\\,|\\!)(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_RUN = re.compile(rf"{_LETTERS}+")
_ASCII_RUNS = [chr(code).lower() if chr(code).isalpha() else " " for code in range(128)]  # by which text is translated
_ALONE = {  # letters that a word may be, where they are none
    letter: re.compile(rf"(?<!{_LETTERS})(?!{_ARTICLE})[{letter}{letter.upper()}](?!{_LETTERS})") for letter in "ai"
}
# Number and letter of a list, "Step 3:" and "Case 2." at the beginning of a line.
_MARKER = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+)?(?:[-*•+][ \t]+)?(?:\*\*|__)?"
    r"(?:(?:step|case|part)[ \t]+\d{1,3}[.:)]?|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)](?=[ \t]|$|\*\*))?"
    r"(?:\*\*(?=[ \t:]))?[ \t]*",
    re.IGNORECASE,
)
_DISPLAY = re.compile(r"\\\[|\\begin\{(?!document)|\\\]|\\end\{|\$\$")
_ITEM = re.compile(r"[a-z][.)]\s")
_SAID = re.compile(r"\w")
_HEADING = re.compile(
    r"#{1,6}[ \t]|(?:\*\*|__)[^*_]+(?:\*\*|__)[:.]?$|(?:step|case|part)[ \t]+\d{1,3}[.:)]?$", re.IGNORECASE
)
_WORD = re.compile(rf"(?<![\\\w]){_LETTERS}{{2,}}")
_POINTS = re.compile(r"[A-Z]{2,4}")
_LONGEST = 40  # digits of a number that counts
_TEXT = re.compile(r"\\(?:text|mathrm|textbf|operatorname|mbox)\s*\{[^{}]*\}")
_NAMES = frozenset("sin cos tan cot sec csc log ln exp gcd lcm max min mod sqrt lim pi".split())
SPELLED = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"half": "2", "third": "3", "quarter": "4", "hundred": "100"}


class Content(NamedTuple):
    """What a step speaks of: its terms, and its numbers in the order of the text, each as often as it is written."""

    terms: set[str]
    numbers: tuple[str, ...]


def steps(text: str) -> list[str]:
    """The steps of a chain, each with its lines, in order.

    A line is a step, but joins the step before it where it is a formula alone, goes on in lower case, lies in a
    displayed formula, or follows a colon, a comma or a heading.
    """
    joined: list[list[str]] = []
    displayed = False
    for line in map(str.strip, text.splitlines()):
        if not line:
            displayed = False
            continue
        if not _SAID.search(line):
            displayed = _displayed(line, displayed)
            if joined:
                joined[-1].append(line)
            continue
        if joined and (displayed or _open(joined[-1]) or _continues(line)):
            joined[-1].append(line)
        else:
            joined.append([line])
        displayed = _displayed(line, displayed)
    return ["\n".join(lines) for lines in joined]


def unmarked(text: str) -> str:
    """A text without the numbers and signs of lists at the beginning of its lines."""
    return "\n".join([_MARKER.sub("", line, count=1) for line in text.split("\n")])


def content(step: str) -> Content:
    """Terms and numbers of a step or a question.

    Terms are lower-cased words of four letters and more outside a list of common ones, single letters, and numbers;
    LaTeX's commands are none, but Greek letters are.
    """
    if not step.isascii():
        step = unicodedata.normalize("NFKC", step)  # x₁ and x², full-width letters
    if "," in step or "\\!" in step:
        step = _GROUPED.sub("", step)
    if "\\" in step:
        step = _COMMAND.sub(" ", _ENVIRONMENT.sub(" ", step) if "{" in step else step)
    step = unmarked(step)
    numbers = tuple([numeral(number) for number in _NUMBER.findall(step) if len(number) <= _LONGEST])
    terms = _words(step).difference(STOP)
    terms.update(numbers)
    return Content(terms, numbers)


def _words(text: str) -> set[str]:
    """Lower-cased runs of four letters and more, and single letters."""
    if text.isascii():
        words = {run for run in set(text.translate(_ASCII_RUNS).split()) if len(run) not in {2, 3}}
    else:
        words = {run.lower() for run in set(_RUN.findall(text)) if len(run) not in {2, 3}}
    for letter, alone in _ALONE.items():
        if letter in words and not alone.search(text):
            words.remove(letter)
    return words


def numeral(number: str) -> str:
    """A decimal numeral in the spelling in which equal ones are equal: 07 and 7.0 are 7."""
    if number[0] != "0" and "." not in number:
        return number
    whole, _, places = number.partition(".")
    places = places.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' * bool(places)}{places}"


def spelled_numbers(question: str) -> set[str]:
    """Numbers that a question spells as words, one to twelve and a few more."""
    return {SPELLED[word] for word in re.findall(r"[a-z]+", question.lower()) if word in SPELLED}


def _displayed(line: str, inside: bool) -> bool:
    """Whether the line after this one still lies in a displayed formula."""
    if "\\" not in line and "$$" not in line:
        return inside
    for mark in _DISPLAY.finditer(line):
        inside = not inside if mark[0] == "$$" else mark[0] in {"\\[", "\\begin{"}
    return inside


def _open(lines: list[str]) -> bool:
    """Whether a step asks for what follows it."""
    last = lines[-1].rstrip("*_ $")
    return last.endswith((":", ",", "，", "：")) or (len(lines) == 1 and bool(_HEADING.match(lines[0])))


def _continues(line: str) -> bool:
    if line[0].islower() and not _ITEM.match(line):
        return True
    bare = unmarked(line)
    if "\\" in bare:
        bare = _TEXT.sub(" ", _ENVIRONMENT.sub(" ", bare))
    words = (match[0] for match in _WORD.finditer(bare))
    return all(word.lower() in _NAMES or _POINTS.fullmatch(word) for word in words)

"""Text with LaTeX → escaped HTML with MathML; used by report."""

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

MAX_FORMULA = 2_000  # characters; longer ones stay as they are written
# \[..\], $$..$$, \(..\), $..$ and a \boxed{..} that stands outside of them, as answers do. As in Pandoc a single $
# touches its formula and no digit follows the closing one, so that prices stay prices.
FORMULA = re.compile(
    r"\\\[(?P<a>.+?)\\\]|\$\$(?P<b>[^$]+)\$\$|\\\((?P<c>.+?)\\\)|(?<![\\$])\$(?=\S)(?P<d>[^$\n]+?)(?<=\S)\$(?!\d)"
    r"|(?P<e>\\boxed\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\})",
    re.DOTALL,
)
TAGS = re.compile(
    r"math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|munderover|mtable|mtr|mtd|"
    r"mpadded|mphantom|menclose|mstyle"
)
ATTRIBUTES = re.compile(
    r"xmlns|display|stretchy|fence|form|separator|accent|accentunder|movablelimits|largeop|symmetric|lspace|rspace|"
    r"width|height|depth|linethickness|mathvariant|displaystyle|scriptlevel|columnalign|columnspacing|rowspacing|"
    r"columnlines|rowlines|notation|minsize|maxsize"
)
# Elements that browsers refuse with another number of children: the converter makes them of `\frac{1}`.
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
COMMAND = re.compile(r"\\[A-Za-z]")


def with_formulas(text: str) -> Markup:
    """Escaped HTML of a text: its formulas as MathML where they can be read, else their source as code."""
    parts, end = [], 0
    for match in FORMULA.finditer(text):
        parts += [escape(text[end : match.start()]), _shown(match)]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _shown(match: re.Match[str]) -> Markup:
    latex = next(group for group in match.groups() if group is not None)
    tree = _tree(latex, display="block" if match["a"] or match["b"] else "inline")
    if tree is None:
        return Markup("<code>{}</code>").format(match[0])
    return Markup(tostring(tree, encoding="unicode"))  # noqa: S704 - serialised, so its text is escaped


def _tree(latex: str, display: str) -> Element | None:
    if len(latex) > MAX_FORMULA:
        return None
    try:
        tree = convert_to_element(latex, display=display)
    except Exception:  # noqa: BLE001 - the converter raises errors of many kinds on LaTeX it cannot read
        return None
    for node in tree.iter():
        # The converter writes signs as character references, which serialising would escape a second time.
        node.text = html.unescape(node.text) if node.text else node.text
        if not _sound(node):
            return None
    return tree


def _sound(node: Element) -> bool:
    """Whether an element may be on the page: no link, style or class from a data set, and nothing half understood."""
    if not TAGS.fullmatch(node.tag) or not all(map(ATTRIBUTES.fullmatch, node.attrib)):
        return False
    if len(node) != CHILDREN.get(node.tag, len(node)):
        return False
    return not COMMAND.match(node.text or "") or node.tag == "mtext"

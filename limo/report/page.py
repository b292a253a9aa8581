import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, tostring

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

SAMPLES = 3  # highest-ranked examples shown in full
MAX_FORMULA = 2_000  # characters; longer ones stay as they are written
# \[..\], $$..$$, \(..\) and $..$; as in Pandoc a single $ touches its formula and no digit follows the closing one.
FORMULA = re.compile(
    r"\\\[(?P<a>.+?)\\\]|\$\$(?P<b>[^$]+)\$\$|\\\((?P<c>.+?)\\\)|(?<![\\$])\$(?=\S)(?P<d>[^$\n]+?)(?<=\S)\$(?!\d)",
    re.DOTALL,
)
TAGS = re.compile(
    r"math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|munderover|mtable|mtr|mtd|"
    r"mpadded|mphantom|menclose|mstyle"
)
ATTRIBUTES = re.compile(
    r"xmlns|display|stretchy|fence|form|separator|accent|accentunder|movablelimits|largeop|symmetric|lspace|rspace|"
    r"width|height|depth|linethickness|mathvariant|displaystyle|scriptlevel|columnalign|columnspacing|rowspacing|"
    r"columnlines|rowlines|notation|minsize|maxsize|mathcolor"
)


def templates() -> Environment:
    """The templates of this package; what they are given is escaped, and a name they lack is an error."""
    environment = Environment(
        loader=PackageLoader("limo.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["formulas"] = with_formulas
    return environment


def with_formulas(text: str) -> Markup:
    """Escaped HTML of a text, its LaTeX formulas as MathML where they can be read, else as they are written."""
    parts, end = [], 0
    for match in FORMULA.finditer(text):
        parts += [escape(text[end : match.start()]), _mathml(match)]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def render(
    *,
    release: Mapping[str, str],
    metrics: Mapping[str, Any],
    funnel: Sequence[Mapping[str, Any]],
    evaluation: Sequence[Mapping[str, Any]],
    figures: Mapping[str, str],
    dataset: pl.DataFrame,
) -> str:
    """The report as one HTML page that needs no other file and runs no script.

    Args:
        release: `name` and `version`.
        metrics: `quality` and `training` figures.
        funnel, evaluation: the rows of these plots.
        figures: SVG text by name: funnel, pass_rates, scores, tiers, loss, evaluation.
        dataset: DATASET rows; the highest-ranked are shown as samples.
    """
    samples = dataset.sort("rank", "id").head(SAMPLES).rows(named=True)
    drawings = {name: Markup(svg) for name, svg in figures.items()}  # noqa: S704 - drawn by limo.report.figures
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            release=release,
            metrics=metrics,
            funnel=funnel,
            evaluation=evaluation,
            figures=drawings,
            samples=samples,
            rows=dataset.height,
        )
    )


def _mathml(match: re.Match[str]) -> Markup:
    latex = next(group for group in match.groups() if group is not None)
    if len(latex) > MAX_FORMULA:
        return escape(match[0])
    try:
        tree = convert_to_element(latex, display="block" if match["a"] or match["b"] else "inline")
    except Exception:  # noqa: BLE001 - the converter raises errors of many kinds on LaTeX it cannot read
        return escape(match[0])
    # The converter passes links, styles and classes through: text from a data set must not bring any to the page.
    for node in tree.iter():
        if not TAGS.fullmatch(node.tag) or not all(map(ATTRIBUTES.fullmatch, node.attrib)):
            return escape(match[0])
    return Markup(tostring(_unescaped(tree), encoding="unicode"))  # noqa: S704 - serialised, so its text is escaped


def _unescaped(tree: Element) -> Element:
    # The converter writes signs as character references, which serialising would escape a second time.
    for node in tree.iter():
        node.text = html.unescape(node.text) if node.text else node.text
    return tree

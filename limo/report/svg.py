"""A chart → SVG, wide for a page or narrow for a telephone; used by report."""

import re
import xml.etree.ElementTree as ET
from math import ceil
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from limo.report.charts import CHARTS, INK, LINE, WIDTH

SIZE = 12  # of text, in pixels
NARROW = 300  # pixels of a narrow drawing with its labels
LEAST = 100  # pixels that long labels leave to what is plotted


def wide(name: str, rows: pl.DataFrame) -> str:
    """The figure of this name as SVG, for a page or to stand alone."""
    return _drawn(name, CHARTS[name](rows, WIDTH), legend={}, axis={})


def narrow(name: str, rows: pl.DataFrame) -> str:
    """The figure as SVG of `NARROW` pixels, text of the same size, panels below each other.

    How much room the labels take is known once it is drawn; so it is drawn, measured, and drawn again in what is left.
    """
    legend, axis = {"columns": 2, "labelLimit": NARROW // 2 - 40}, {"labelLimit": NARROW // 3}
    labels = _width(_drawn(name, CHARTS[name](rows, NARROW), legend, axis)) - NARROW
    return _drawn(f"{name}-narrow", CHARTS[name](rows, max(LEAST, NARROW - labels)), legend, axis)


def _width(svg: str) -> int:
    return ceil(float(ET.fromstring(svg).attrib["width"]))  # noqa: S314 - drawn here


def _drawn(name: str, chart: alt.TopLevelMixin, legend: dict[str, Any], axis: dict[str, Any]) -> str:
    """A chart as SVG text: no network, no background, and ids that depend on the figure alone."""
    styled = chart.configure(
        background="transparent",
        font="Liberation Sans, Arial, sans-serif",
        axis=alt.AxisConfig(
            labelColor=INK,
            labelFontSize=SIZE,
            titleColor=INK,
            titleFontSize=SIZE,
            titleFontWeight="normal",
            titlePadding=8,
            gridColor=LINE,
            domainColor=LINE,
            ticks=False,
            labelPadding=6,
            **axis,
        ),
        axisY=alt.AxisConfig(domain=False),
        axisBand=alt.AxisConfig(grid=False),
        legend=alt.LegendConfig(
            labelColor=INK,
            labelFontSize=SIZE,
            titleColor=INK,
            titleFontSize=SIZE,
            titleFontWeight="normal",
            orient="top",
            **legend,
        ),
        header=alt.HeaderConfig(labelColor=INK, labelFontSize=SIZE, titleColor=INK, labelAnchor="start"),
        title=alt.TitleConfig(color=INK, fontSize=SIZE, fontWeight="normal", anchor="start"),
        line=alt.LineConfig(strokeWidth=2),
        text=alt.MarkConfig(fontSize=SIZE),
        view=alt.ViewConfig(stroke=None),
    )
    svg = vl_convert.vegalite_to_svg(styled.to_dict())
    # Vega numbers clip paths across all figures of a process; two figures of one page must not share an id either.
    numbers: dict[str, str] = {}
    for identifier in re.findall(r'id="([^"]+)"', svg):
        numbers.setdefault(identifier, f"{name}-{len(numbers) + 1}")
    return re.sub(r'(id="|url\(#|href="#)([^")]+)', lambda match: match[1] + numbers.get(match[2], match[2]), svg)

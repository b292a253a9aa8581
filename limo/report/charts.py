"""The data of a plot → an SVG drawing of it; used by report."""

import json
import re
from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from limo.graph.schemas import BARS

# Mid tones that read on a light and on a dark page, for a figure that stands alone.
ACCENT, GREY, LINE, INK = "#2b8a8f", "#98a2ad", "#b9c0c8", "#5b6471"
SERIES = [ACCENT, "#c4811f", "#8062b8", "#b8506a", "#5f8f3e", "#3f7fc0", "#8c7a4b", "#6b7684"]
# On the page each of them becomes the theme's property of that name (page.css).
THEME = {
    **{color: f"--series-{place}" for place, color in enumerate(SERIES, start=1)},
    ACCENT: "--accent",
    GREY: "--rest",
    LINE: "--line",
    INK: "--soft",
}
TINTS = [1, 0.72, 0.48, 0.28]  # opacities of what is stacked, from the axis on
OUTCOMES = alt.Scale(domain=["kept", "rejected"], range=[ACCENT, GREY])
WIDTH = 600
SIZE = 12  # of text, in pixels
ROUND = 2  # of the corners of bars, in pixels


def funnel(rows: pl.DataFrame) -> str:
    """SVG of rows in and kept per stage, from columns stage, outcome and rows; the axis is symmetric-logarithmic."""
    stages = rows["stage"].unique(maintain_order=True).to_list()
    kept = {
        stage: rows.filter((pl.col("stage") == stage) & (pl.col("outcome") == "kept"))["rows"].sum() for stage in stages
    }
    entered = {stage: rows.filter(pl.col("stage") == stage)["rows"].sum() for stage in stages}
    bars = [
        {"stage": stage, "rows": count, "outcome": outcome, "label": f"{kept[stage]:,} of {entered[stage]:,}"}
        for stage in stages
        for outcome, count in (("rejected", entered[stage]), ("kept", kept[stage]))
    ]
    base = alt.Chart(alt.Data(values=bars)).encode(
        y=alt.Y("stage:N", sort=stages, title=None),
        x=alt.X("rows:Q", stack=None, scale=alt.Scale(type="symlog"), title="rows", axis=alt.Axis(tickCount=6)),
    )
    drawn = base.mark_bar(cornerRadiusEnd=ROUND).encode(color=alt.Color("outcome:N", scale=OUTCOMES, title=None))
    text = base.transform_filter("datum.outcome == 'rejected'").mark_text(align="left", dx=4, color=INK)
    return render("funnel", alt.layer(drawn, text.encode(text="label:N")).properties(width=WIDTH, height=alt.Step(22)))


def pass_rates(rows: pl.DataFrame) -> str:
    """SVG of problems by number of correct draws, from columns stage, correct, outcome and problems."""
    stages = rows["stage"].unique(maintain_order=True).to_list()
    chart = (
        alt.Chart(alt.Data(values=rows.to_dicts()))
        .mark_bar(cornerRadiusEnd=ROUND)
        .encode(
            x=alt.X("correct:O", title="correct draws", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("problems:Q", title="problems"),
            color=alt.Color("outcome:N", scale=OUTCOMES, title=None),
        )
        .properties(width=WIDTH // 2 - 30, height=200)
        .facet(column=alt.Column("stage:N", sort=stages, title=None), spacing=40)
        .resolve_scale(x="independent", y="independent")
    )
    return render("pass_rates", chart)


def scores(rows: pl.DataFrame) -> str:
    """SVG of usable chains by score and teacher, from columns teacher, low and chains."""
    bars = rows.with_columns(high=pl.col("low") + 1 / BARS).to_dicts()
    chart = (
        alt.Chart(alt.Data(values=bars))
        .mark_bar()
        .encode(
            x=alt.X("low:Q", bin="binned", title="score", scale=alt.Scale(domain=[0, 1])),
            x2="high:Q",
            y=alt.Y("chains:Q", stack="zero", title="chains"),
            color=alt.Color("teacher:N", scale=_series(rows["teacher"].unique().sort().to_list()), title="teacher"),
        )
    )
    return render("scores", chart.properties(width=WIDTH, height=220))


def component_rows(quality: Mapping[str, Any], weights: Mapping[str, float]) -> pl.DataFrame:
    """What each trait adds to the mean score of every level and dataset: columns group, trait and points."""
    rows = [
        (name, trait, traits[trait] * weight if weight > 0 else -weight * (1 - traits[trait]))
        for group in ("levels", "datasets")
        for name, traits in quality[group].items()
        if group == "levels" or name not in quality["levels"]
        for trait, weight in weights.items()
    ]
    return pl.DataFrame(rows, schema={"group": pl.String, "trait": pl.String, "points": pl.Float64}, orient="row")


def components(rows: pl.DataFrame) -> str:
    """SVG of what each trait adds to the mean score, from columns group, trait and points."""
    groups, traits = (rows[name].unique(maintain_order=True).to_list() for name in ("group", "trait"))
    chart = (
        alt.Chart(alt.Data(values=rows.to_dicts()))
        .transform_calculate(place=f"indexof({json.dumps(traits)}, datum.trait)")
        .mark_bar(color=ACCENT)
        .encode(
            y=alt.Y("group:N", sort=groups, title=None),
            x=alt.X("points:Q", title="mean score", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(grid=False)),
            opacity=alt.Opacity(
                "trait:N", sort=traits, scale=alt.Scale(type="ordinal", domain=traits, range=TINTS), title=None
            ),
            order=alt.Order("place:Q"),
        )
    )
    return render("components", chart.properties(width=WIDTH, height=alt.Step(24)))


def tiers(rows: pl.DataFrame) -> str:
    """SVG of mean score and, where a model was trained on it, mean pass@1 by quality level."""
    values = rows.with_columns(name=pl.format("L{}", pl.col("level"))).to_dicts()
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("name:N", title="quality level", axis=alt.Axis(labelAngle=0))
    )
    trained = rows["pass_at_1"].is_not_null().any()
    size = {"width": WIDTH // 2 - 20 if trained else WIDTH, "height": 200}
    score = base.mark_line(point={"color": ACCENT}, color=ACCENT).encode(y=alt.Y("score:Q", title="mean score"))
    panels = [score.properties(**size)]
    if trained:
        known = base.transform_filter("isValid(datum.pass_at_1)")
        point = known.mark_line(point={"color": SERIES[1]}, color=SERIES[1]).encode(
            y=alt.Y("pass_at_1:Q", title="mean pass@1")
        )
        bar = known.mark_rule(color=SERIES[1], strokeWidth=2, opacity=1).encode(y="low:Q", y2="high:Q")
        panels.append(alt.layer(point, bar).properties(**size))
    return render("tiers", alt.hconcat(*panels))


def loss(rows: pl.DataFrame) -> str:
    """SVG of training loss by step, from columns variant, step and loss."""
    titles = {"step": "optimiser step", "loss": "mean loss per response token"}
    return render("loss", _curves(rows, titles).mark_line().properties(width=WIDTH, height=220))


def validation(rows: pl.DataFrame) -> str:
    """SVG of the loss on held-out examples after each epoch, from columns variant, epoch and loss."""
    titles = {"epoch": "epoch", "loss": "held-out loss"}
    return render("validation", _curves(rows, titles).mark_line(point=True).properties(width=WIDTH, height=160))


def _curves(rows: pl.DataFrame, titles: Mapping[str, str]) -> alt.Chart:
    """One curve per variant; `titles` are those of the column of whole numbers along x and of the one along y."""
    (x, x_title), (y, y_title) = titles.items()
    return alt.Chart(alt.Data(values=rows.to_dicts())).encode(
        x=alt.X(f"{x}:Q", title=x_title, axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y(f"{y}:Q", title=y_title, scale=alt.Scale(zero=False)),
        color=alt.Color("variant:N", scale=_series(rows["variant"].unique().sort().to_list()), title="variant"),
    )


def evaluation(rows: pl.DataFrame) -> str:
    """SVG of pass@1 with its 95 % interval per benchmark and candidate."""
    candidates = rows["candidate"].unique(maintain_order=True).to_list()
    base = alt.Chart(alt.Data(values=rows.to_dicts())).encode(
        y=alt.Y("candidate:N", sort=candidates, title=None),
        color=alt.Color("candidate:N", sort=candidates, scale=_series(candidates), legend=None),
    )
    interval = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="pass@1"), x2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1).encode(x="pass_at_1:Q")
    layered = alt.layer(interval, point).properties(width=WIDTH - 60, height=alt.Step(20))
    order = rows["benchmark"].unique(maintain_order=True).to_list()
    row = alt.Row(
        "benchmark:N", sort=order, title=None, header=alt.Header(labelAngle=0, labelAlign="left", labelAnchor="middle")
    )
    return render("evaluation", layered.facet(row=row))


def comparisons(rows: pl.DataFrame) -> str:
    """SVG of differences of pass@1 with their 95 % intervals per benchmark and pair of candidates."""
    pairs = rows["pair"].unique(maintain_order=True).to_list()
    data = alt.Data(values=rows.to_dicts())
    base = alt.Chart(data).encode(y=alt.Y("pair:N", sort=pairs, title=None))
    title = "difference of pass@1"
    interval = base.mark_rule(strokeWidth=2, color=ACCENT).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1, color=ACCENT).encode(x="difference:Q")
    none = alt.Chart(data).mark_rule(color=INK, strokeDash=[3, 3]).encode(x=alt.datum(0))
    layered = alt.layer(none, interval, point).properties(width=WIDTH - 150, height=alt.Step(20))
    order = rows["benchmark"].unique(maintain_order=True).to_list()
    row = alt.Row(
        "benchmark:N", sort=order, title=None, header=alt.Header(labelAngle=0, labelAlign="left", labelAnchor="middle")
    )
    return render("comparisons", layered.facet(row=row))


def render(name: str, chart: alt.TopLevelMixin) -> str:
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


def _series(names: list[str]) -> alt.Scale:
    return alt.Scale(domain=names, range=[SERIES[place % len(SERIES)] for place in range(len(names))])

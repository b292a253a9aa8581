"""The data of a plot → a chart of it, of a width; used by report."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import polars as pl

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
WIDTH = 600  # in pixels, of what is plotted; in less, panels stand below each other
FEW = 10  # steps or epochs that have a tick each
ROUND = 2  # of the corners of bars, in pixels


def funnel(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of rows in and kept per stage, from columns stage, outcome and rows; the axis is symmetric-logarithmic."""
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
    return alt.layer(drawn, text.encode(text="label:N")).properties(width=width, height=alt.Step(22))


def pass_rates(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of problems by number of correct draws, from columns stage, correct, outcome and problems."""
    beside = width >= WIDTH
    stages = rows["stage"].unique(maintain_order=True).to_list()
    panels = alt.Column("stage:N", sort=stages, title=None) if beside else _panels("stage", stages, width)
    return (
        alt.Chart(alt.Data(values=rows.to_dicts()))
        .mark_bar(cornerRadiusEnd=ROUND)
        .encode(
            x=alt.X("correct:O", title="correct draws", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("problems:Q", title="problems"),
            color=alt.Color("outcome:N", scale=OUTCOMES, title=None),
        )
        .properties(width=width // 2 - 30 if beside else width, height=200 if beside else 120)
        .facet(**{"column": panels} if beside else {"row": panels}, spacing=40 if beside else 20)
        .resolve_scale(x="independent", y="independent")
    )


def scores(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of usable chains by score and teacher, from columns teacher, low and chains."""
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
    return chart.properties(width=width, height=220)


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


def components(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of what each trait adds to the mean score, from columns group, trait and points."""
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
    return chart.properties(width=width, height=alt.Step(24))


def tiers(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of mean score and, where a model was trained on it, mean pass@1 by quality level."""
    values = rows.with_columns(name=pl.format("L{}", pl.col("level"))).to_dicts()
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("name:N", title="quality level", axis=alt.Axis(labelAngle=0))
    )
    trained = rows["pass_at_1"].is_not_null().any()
    beside = width >= WIDTH
    size = {"width": width // 2 - 20 if trained and beside else width, "height": 200}
    score = base.mark_line(point={"color": ACCENT}, color=ACCENT).encode(y=alt.Y("score:Q", title="mean score"))
    panels = [score.properties(**size)]
    if trained:
        known = base.transform_filter("isValid(datum.pass_at_1)")
        point = known.mark_line(point={"color": SERIES[1]}, color=SERIES[1]).encode(
            y=alt.Y("pass_at_1:Q", title="mean pass@1")
        )
        bar = known.mark_rule(color=SERIES[1], strokeWidth=2, opacity=1).encode(y="low:Q", y2="high:Q")
        panels.append(alt.layer(point, bar).properties(**size))
    return alt.hconcat(*panels) if beside else alt.vconcat(*panels)


def loss(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of training loss by step, from columns variant, step and loss."""
    titles = {"step": "optimiser step", "loss": "mean loss per response token"}
    return _curves(rows, titles).mark_line().properties(width=width, height=220)


def validation(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of the loss on held-out examples after each epoch, from columns variant, epoch and loss."""
    titles = {"epoch": "epoch", "loss": "held-out loss"}
    return _curves(rows, titles).mark_line(point=True).properties(width=width, height=160)


def _curves(rows: pl.DataFrame, titles: Mapping[str, str]) -> alt.Chart:
    """One curve per variant; `titles` are those of the column of whole numbers along x and of the one along y."""
    (x, x_title), (y, y_title) = titles.items()
    # Left to itself, Vega puts a tick between two neighbours and calls it by one of them.
    ticks = rows[x].unique().sort().to_list()
    axis = alt.Axis(values=ticks, format="d") if len(ticks) <= FEW else alt.Axis(tickMinStep=1, format="d")
    return alt.Chart(alt.Data(values=rows.to_dicts())).encode(
        x=alt.X(f"{x}:Q", title=x_title, axis=axis),
        y=alt.Y(f"{y}:Q", title=y_title, scale=alt.Scale(zero=False)),
        color=alt.Color("variant:N", scale=_series(rows["variant"].unique().sort().to_list()), title="variant"),
    )


def evaluation(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of pass@1 with its 95 % interval per benchmark and candidate."""
    candidates = rows["candidate"].unique(maintain_order=True).to_list()
    base = alt.Chart(alt.Data(values=rows.to_dicts())).encode(
        y=alt.Y("candidate:N", sort=candidates, title=None),
        color=alt.Color("candidate:N", sort=candidates, scale=_series(candidates), legend=None),
    )
    interval = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="pass@1"), x2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1).encode(x="pass_at_1:Q")
    layered = alt.layer(interval, point).properties(width=width - 60 if width >= WIDTH else width, height=alt.Step(20))
    order = rows["benchmark"].unique(maintain_order=True).to_list()
    return layered.facet(row=_panels("benchmark", order, width))


def comparisons(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart of differences of pass@1 with their 95 % intervals per benchmark and pair of candidates."""
    pairs = rows["pair"].unique(maintain_order=True).to_list()
    data = alt.Data(values=rows.to_dicts())
    base = alt.Chart(data).encode(y=alt.Y("pair:N", sort=pairs, title=None))
    title = "difference of pass@1"
    interval = base.mark_rule(strokeWidth=2, color=ACCENT).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    point = base.mark_point(filled=True, size=60, opacity=1, color=ACCENT).encode(x="difference:Q")
    none = alt.Chart(data).mark_rule(color=INK, strokeDash=[3, 3]).encode(x=alt.datum(0))
    layered = alt.layer(none, interval, point).properties(
        width=width - 150 if width >= WIDTH else width, height=alt.Step(20)
    )
    order = rows["benchmark"].unique(maintain_order=True).to_list()
    return layered.facet(row=_panels("benchmark", order, width))


def _panels(column: str, order: list[str], width: int) -> alt.Row:
    """A panel for each value of a column, named beside it, or above it where there is little room."""
    beside = alt.Header(labelAngle=0, labelAlign="left", labelAnchor="middle")
    above = alt.Header(labelAngle=0, labelOrient="top", labelAnchor="start", labelPadding=4)
    return alt.Row(f"{column}:N", sort=order, title=None, header=beside if width >= WIDTH else above)


def _series(names: list[str]) -> alt.Scale:
    return alt.Scale(domain=names, range=[SERIES[place % len(SERIES)] for place in range(len(names))])


# Every chart by the name of its figure.
CHARTS: dict[str, Callable[[pl.DataFrame, int], alt.TopLevelMixin]] = {
    "funnel": funnel,
    "pass_rates": pass_rates,
    "scores": scores,
    "components": components,
    "tiers": tiers,
    "loss": loss,
    "validation": validation,
    "evaluation": evaluation,
    "comparisons": comparisons,
}

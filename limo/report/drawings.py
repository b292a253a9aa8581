"""An SVG drawing → a figure of the page with a name, in the colours of the theme; used by report."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

import polars as pl
from markupsafe import Markup

from limo.report.charts import THEME

SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)


def inline(svg: str, label: str) -> Markup:
    """A figure as part of the page: one image with a name, in colours of the page's theme.

    Without a script inside and with one name for the whole, a screen reader says what the figure shows instead of
    reading out every mark.
    """
    root = ET.fromstring(svg)  # noqa: S314 - drawn by limo.report.charts
    for node in root.iter():
        for key in [key for key in node.attrib if key == "role" or key.startswith("aria-")]:
            del node.attrib[key]
        for key in ("fill", "stroke"):
            if node.get(key, "") in THEME:
                node.set(key, f"var({THEME[node.attrib[key]]})")
    root.set("role", "img")
    root.set("aria-label", label)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - serialised, so its text is escaped


def labels(plots: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """What each figure shows, in words and with its main numbers, by the name of the figure."""
    return {
        "funnel": "Bars of rows kept per step: " + "; ".join(_funnel(plots["funnel"])),
        "pass_rates": "Bars of problems by correct draws: " + "; ".join(_pass_rates(plots["pass_rates"])),
        "scores": "Histogram of chain scores by teacher: " + "; ".join(_scores(plots["scores"])),
        "components": "Stacked bars of what each trait adds to the mean score, per quality level",
        "tiers": "Lines by quality level: " + "; ".join(_tiers(plots["tiers"])),
        "loss": "Lines of training loss by step: " + "; ".join(_loss(plots["loss"])),
        "validation": "Lines of held-out loss by epoch: " + "; ".join(_loss(plots["validation"])),
        "evaluation": "Points of pass@1 with intervals: " + "; ".join(_evaluation(plots["evaluation"])),
        "comparisons": "Points of differences with intervals: " + "; ".join(_comparisons(plots["comparisons"])),
    }


def _funnel(rows: pl.DataFrame) -> list[str]:
    steps = []
    for (stage,), part in rows.group_by("stage", maintain_order=True):
        kept = part.filter(pl.col("outcome") == "kept")["rows"].sum()
        steps.append(f"{stage} {kept:,} of {part['rows'].sum():,}")
    return steps


def _pass_rates(rows: pl.DataFrame) -> list[str]:
    return [f"{row['stage']} {row['correct']} correct, {row['problems']:,} {row['outcome']}" for row in rows.to_dicts()]


def _scores(rows: pl.DataFrame) -> list[str]:
    totals = rows.group_by("teacher").agg(pl.col("chains").sum()).sort("teacher")
    return [f"{teacher} {chains:,} chains" for teacher, chains in totals.iter_rows()]


def _tiers(rows: pl.DataFrame) -> list[str]:
    levels = []
    for row in rows.to_dicts():
        trained = "" if row["pass_at_1"] is None else f", pass@1 {100 * row['pass_at_1']:.1f} %"
        levels.append(f"L{row['level']} score {row['score']:.3f}{trained}")
    return levels


def _loss(rows: pl.DataFrame) -> list[str]:
    ends = rows.group_by("variant", maintain_order=True).agg(
        pl.col("loss").first().alias("first"), pl.col("loss").last().alias("last")
    )
    return [f"{variant} from {first:.3f} to {last:.3f}" for variant, first, last in ends.iter_rows()]


def _evaluation(rows: pl.DataFrame) -> list[str]:
    return [
        f"{row['candidate']} on {row['benchmark']} {100 * row['pass_at_1']:.1f} %, "
        f"{100 * row['low']:.1f} to {100 * row['high']:.1f}"
        for row in rows.to_dicts()
    ]


def _comparisons(rows: pl.DataFrame) -> list[str]:
    return [
        f"{row['pair']} on {row['benchmark']} {100 * row['difference']:+.1f} points, "
        f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
        for row in rows.to_dicts()
    ]

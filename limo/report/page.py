"""Figures and values → the one offline page; used by report."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from limo.base.templates import environment
from limo.report.formulas import with_formulas


def templates() -> Environment:
    """The templates of this package (`limo.base.templates.environment`) with the filters that write figures."""
    made = environment("limo.report")
    made.filters.update(formulas=with_formulas, percent=_percent, score=_score, count=_count, small=_small)
    made.filters.update(points=_points, p_value=_p_value, numbered=_numbered, shade=_shade)
    return made


def render(figures: Mapping[str, Markup], narrow: Mapping[str, Markup], **values: Any) -> str:
    """The report as one HTML page that needs no other file and asks for none.

    Its policy forbids every request, and every style and script but the page's own two, which it names by their hash.

    Args:
        figures, narrow: drawings by name, and those that a narrow screen shows in their place: funnel, pass_rates,
            scores, components, tiers, loss, validation, evaluation, comparisons.
        values: what page.html.j2 names beside them, which escapes it all; a name that is missing is an error.
    """
    style, script = (_own(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        templates()
        .get_template("page.html.j2")
        .render(figures=figures, narrow=narrow, style=style, script=script, policy=Markup(policy), **values)  # noqa: S704 - ours
    )


@cache
def _own(name: str) -> Markup:
    return Markup("\n" + resources.files("limo.report").joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - ours


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _small(value: float) -> str:
    """Hours and money: two digits after the point, or two that count where there would be none."""
    return f"{value:,.2f}" if value == 0 or value >= 0.1 else f"{value:.2g}"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _numbered(head: str) -> str:
    """The head of a column of numbers, as the macro `table` wants it."""
    return f"#{head}"


def _shade(correct: int, draws: int) -> int:
    """0 for none, 4 for all, and 1 to 3 between."""
    return 0 if correct == 0 else 4 if correct == draws else 1 + 3 * correct // draws

import re
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.report import figures
from limo.report.page import with_formulas

MATH = "{http://www.w3.org/1998/Math/MathML}"


def formulas(html):
    """The formulas of a fragment, parsed; the fragment itself must be well-formed."""
    return list(ElementTree.fromstring(f"<div>{html}</div>").iter(f"{MATH}math"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [(r"\[x\]", ["block"]), ("$$x$$", ["block"]), (r"\(x\) and $y_1$", ["inline", "inline"])],
)
def test_every_kind_of_formula_becomes_mathml(text, shown):
    assert [formula.get("display") for formula in formulas(with_formulas(text))] == shown


def test_a_formula_reads_as_written():
    (formula,) = formulas(with_formulas(r"so $\frac{1}{2} < 3$."))
    assert "".join(formula.itertext()) == "12<3"
    assert formula.find(f".//{MATH}mfrac") is not None


@pytest.mark.parametrize("text", ["it costs $5 and $6", r"\$x\$", "$ x $", "no formula", r"$\frac{$", "$$", "$" * 7])
def test_what_is_no_readable_formula_stays_as_written(text):
    html = with_formulas(text)
    assert formulas(html) == []
    assert html == text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        r"$\text{<script>alert(1)</script>}$",
        r"$\text{&lt;script&gt;}$",
        r"$\text{&#60;img onerror=x&#62;}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(x)}{x}$",
        r"$\class{a}{x}$",
        r"\[<b>x</b>\]",
    ],
)
def test_text_from_a_data_set_brings_no_markup(text):
    html = with_formulas(text)
    assert {tag.lower() for tag in re.findall(r"<([a-zA-Z]+)", html)} <= {"math", "mrow", "mi", "mo", "mn", "mtext"}
    assert not re.search(r"<[^>]+(?:href|style|class|on\w+)\s*=", html)
    formulas(html)


@given(st.text(alphabet="$\\()[]{}<>&\"'ab1^_ \nfrctex", max_size=40))
def test_any_text_gives_well_formed_html(text):
    formulas(with_formulas(text))


LOSS = pl.DataFrame(
    {"variant": ["limo", "limo"], "step": [1, 2], "epoch": [1, 1], "loss": [2.0, 1.0], "lr": [0.1, 0.0]}
)


def test_a_figure_does_not_depend_on_the_figures_before_it():
    first = figures.loss(LOSS)
    figures.loss(LOSS.with_columns(loss=pl.col("loss") * 2))
    assert figures.loss(LOSS) == first


def test_names_from_data_are_escaped_in_figures():
    svg = figures.loss(LOSS.with_columns(variant=pl.lit("<script>alert(1)</script>")))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_references_of_a_figure_point_to_its_own_ids():
    svg = figures.loss(LOSS)
    identifiers = set(re.findall(r'\bid="([^"]+)"', svg))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= identifiers
    assert all(identifier.startswith("loss-") for identifier in identifiers)


def test_the_tier_figure_shows_models_only_where_one_was_trained():
    rows = pl.DataFrame(
        {
            "level": [1, 2],
            "score": [0.2, 0.4],
            "tokens": [10.0, 20.0],
            "candidate": [None, "L2"],
            "pass_at_1": [None, 0.5],
            "low": [None, 0.4],
            "high": [None, 0.6],
        }
    )
    assert "mean pass@1" in figures.tiers(rows)
    untrained = rows.with_columns(pl.lit(None, pl.Float64).alias("pass_at_1"))
    assert "mean pass@1" not in figures.tiers(untrained)


def test_the_funnel_figure_says_how_many_rows_stayed():
    rows = pl.DataFrame({"stage": ["pool", "pool"], "outcome": ["kept", "duplicate"], "rows": [1200, 34]})
    assert "1,200 of 1,234" in figures.funnel(rows)

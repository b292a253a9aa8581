import re
from importlib import resources
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.graph.schemas import PLOTS
from limo.report import charts, costs, drawings, page, svg
from limo.report.build import models
from limo.report.formulas import with_formulas
from tests.chains import world

MATH = "{http://www.w3.org/1998/Math/MathML}"


def formulas(html):
    """The formulas of a fragment, parsed; the fragment itself must be well-formed."""
    return list(ElementTree.fromstring(f"<div>{html}</div>").iter(f"{MATH}math"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\[x\]", ["block"]),
        ("$$x$$", ["block"]),
        (r"\(x\) and $y_1$", ["inline", "inline"]),
        (r"so \boxed{\frac{1}{\sqrt{2}}}.", ["inline"]),
        (r"$\boxed{2}$", ["inline"]),
    ],
)
def test_every_kind_of_formula_becomes_mathml(text, shown):
    assert [formula.get("display") for formula in formulas(with_formulas(text))] == shown


def test_a_formula_reads_as_written():
    (formula,) = formulas(with_formulas(r"so $\frac{1}{2} < 3$."))
    assert "".join(formula.itertext()) == "12<3"
    assert formula.find(f".//{MATH}mfrac") is not None


@pytest.mark.parametrize("text", ["it costs $5 and $6", r"\$x\$", "$ x $", "no formula", "$$", "$" * 7, r"\boxed{"])
def test_what_is_no_formula_stays_as_written(text):
    assert with_formulas(text) == text


@pytest.mark.parametrize(
    "text",
    [r"$\frac{$", r"\(\unknown{x}\)", r"$\frac{1}$", r"\[\href{javascript:alert(1)}{x}\]", "$" + "x+" * 1500 + "x$"],
)
def test_a_formula_that_cannot_be_read_is_shown_as_code(text):
    (code,) = ElementTree.fromstring(f"<div>{with_formulas(text)}</div>")
    assert (code.tag, code.text) == ("code", text)


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
    assert {tag.lower() for tag in re.findall(r"<([a-zA-Z]+)", html)} <= {
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "code",
    }
    assert not re.search(r"<[^>]+(?:href|style|class|on\w+)\s*=", html)
    formulas(html)


@given(st.text(alphabet="$\\()[]{}<>&\"'ab1^_ \nfrctex", max_size=40))
def test_any_text_gives_well_formed_html(text):
    formulas(with_formulas(text))


LOSS = pl.DataFrame(
    {"variant": ["limo", "limo"], "step": [1, 2], "epoch": [1, 1], "loss": [2.0, 1.0], "lr": [0.1, 0.0]}
)


def test_a_figure_does_not_depend_on_the_figures_before_it():
    first = svg.wide("loss", LOSS)
    svg.wide("loss", LOSS.with_columns(loss=pl.col("loss") * 2))
    assert svg.wide("loss", LOSS) == first


def test_names_from_data_are_escaped_in_figures():
    drawing = svg.wide("loss", LOSS.with_columns(variant=pl.lit("<script>alert(1)</script>")))
    assert "<script" not in drawing
    assert "&lt;script&gt;" in drawing


def test_references_of_a_figure_point_to_its_own_ids():
    wide, narrow = svg.wide("loss", LOSS), svg.narrow("loss", LOSS)
    for drawing, name in ((wide, "loss-"), (narrow, "loss-narrow-")):
        identifiers = set(re.findall(r'\bid="([^"]+)"', drawing))
        assert set(re.findall(r"url\(#([^)]+)\)", drawing)) <= identifiers
        assert all(identifier.startswith(name) for identifier in identifiers)
    assert not set(re.findall(r'\bid="[^"]+"', wide)) & set(re.findall(r'\bid="[^"]+"', narrow))


@pytest.mark.parametrize("letters", [4, 30])
def test_a_narrow_figure_is_as_wide_as_a_telephone_whatever_its_names(letters):
    names = [f"{letter * letters}" for letter in "abc"]
    pairs = pl.DataFrame({"pair": names, "benchmark": names, "difference": 0.1, "low": -0.1, "high": 0.3})
    shown = pl.DataFrame({"candidate": names, "benchmark": names, "pass_at_1": 0.1, "low": 0.0, "high": 0.3})
    drawn = pl.DataFrame({"stage": names, "correct": [0, 1, 2], "outcome": "kept", "problems": [1, 2, 3]})
    funnel = pl.DataFrame({"stage": names, "outcome": "kept", "rows": [9, 99, 99_999]})
    for name, rows in {"comparisons": pairs, "evaluation": shown, "pass_rates": drawn, "funnel": funnel}.items():
        assert float(ElementTree.fromstring(svg.narrow(name, rows)).attrib["width"]) <= 1.1 * svg.NARROW, name


def test_neighbouring_epochs_have_one_tick_each():
    drawing = svg.wide("validation", LOSS.select("variant", "loss", epoch=pl.col("step")))
    assert re.findall(r">(\d+)</text>", drawing) == ["1", "2"]


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
    assert "mean pass@1" in svg.wide("tiers", rows)
    untrained = rows.with_columns(pl.lit(None, pl.Float64).alias("pass_at_1"))
    assert "mean pass@1" not in svg.wide("tiers", untrained)


def test_the_funnel_figure_says_how_many_rows_stayed():
    rows = pl.DataFrame({"stage": ["pool", "pool"], "outcome": ["kept", "duplicate"], "rows": [1200, 34]})
    assert "1,200 of 1,234" in svg.wide("funnel", rows)


def test_a_figure_on_the_page_has_a_name_and_the_colours_of_the_theme():
    root = ElementTree.fromstring(drawings.inline(svg.wide("loss", LOSS), 'from <2> to "1"'))
    assert (root.get("role"), root.get("aria-label")) == ("img", 'from <2> to "1"')
    used = {node.get(key) for node in root.iter() for key in ("fill", "stroke")} - {None, "none"}
    assert {"var(--accent)", "var(--soft)"} <= used
    assert not used & set(charts.THEME)
    assert not any(key.startswith("aria-") for node in root.iter() if node is not root for key in node.attrib)


def test_every_colour_of_the_figures_is_in_the_style():
    style = resources.files("limo.report").joinpath("page.css").read_text(encoding="utf-8")
    assert [name for name in charts.THEME.values() if f"{name}: light-dark(" not in style] == []


def test_the_labels_say_the_numbers_of_the_figures():
    empty = {name: pl.DataFrame(schema=schema) for name, schema in PLOTS.items()}
    funnel = pl.DataFrame({"stage": ["pool", "pool"], "outcome": ["kept", "duplicate"], "rows": [1200, 34]})
    label = drawings.labels({**empty, "loss": LOSS, "funnel": funnel})
    assert "pool 1,200 of 1,234" in label["funnel"]
    assert "limo from 2.000 to 1.000" in label["loss"]


def test_the_components_of_a_score_sum_to_it():
    traits = {"length": 0.5, "verify": 1.0, "explore": 0.0, "connect": 0.25}
    weights = {"length": 0.3, "verify": 0.2, "explore": 0.25, "connect": 0.25}
    rows = charts.component_rows({"levels": {"L1": traits}, "datasets": {"L1": traits, "limo": traits}}, weights)
    assert rows["group"].unique(maintain_order=True).to_list() == ["L1", "limo"]
    assert rows.filter(pl.col("group") == "limo")["points"].sum() == pytest.approx(0.15 + 0.2 + 0.0625)


def test_costs_count_what_was_drawn_and_price_it():
    prices = {"kind": "devices", "tokens_per_second": 10.0, "devices": 2, "price_per_hour": 3.0}
    p = world.loaded(plan={**world.PARAMS["plan"], "engines": {"cpu": prices}})
    funnel = {name: {"in": 4, "kept": 3} for name in ("pool", "screen", "rate", "select")}
    drawn = {"screen": [[1, 1], [2, 1], [4, 2]], "rate tiny": [[2, 1], [4, 3]]}
    tokens = {"screen": 11, "answer base": 7}
    evidence = {"drawn": drawn, "selected": [["easy", 3]], "tokens": tokens, "benchmarks": {"sums": 3}}
    spent = {row.name: row for row in costs.spent(p, funnel, evidence)}
    assert list(spent) == ["screen", "rate tiny", "collect tutor", "answer base", "answer limo", "answer best", "all"]
    assert (spent["screen"].draws, spent["screen"].saved, spent["screen"].tokens) == (11, 16 - 11, 11)
    assert (spent["rate tiny"].draws, spent["rate tiny"].tokens) == (14, None)
    assert (spent["collect tutor"].draws, spent["answer base"].draws) == (3 * 4, 3 * 2)
    # 11 draws of 10 tokens at 10 a second are 11 seconds of two devices, 3 an hour each.
    assert spent["screen"].device_hours == pytest.approx(22 / 3600)
    assert spent["screen"].money == pytest.approx(66 / 3600)
    assert spent["all"].draws == sum(row.draws for name, row in spent.items() if name != "all")


def test_draws_under_way_when_a_verdict_falls_are_not_called_spared():
    rate = world.PARAMS["rate"]
    p = world.loaded(rate={**rate, "raters": {"tiny": {**rate["raters"]["tiny"], "lookahead": 2}}})
    funnel = {name: {"in": 2, "kept": 1} for name in ("pool", "screen", "rate", "select")}
    drawn = {"screen": [[4, 2]], "rate tiny": [[2, 1], [4, 1]]}
    spent = costs.spent(p, funnel, {"drawn": drawn, "selected": [], "tokens": {}, "benchmarks": {"sums": 1}})[1]
    assert (spent.draws, spent.saved) == (6, 8 - 7)


def test_models_name_their_origin_and_every_stage_that_uses_them():
    (model,) = models(world.loaded())
    assert (model["name"], model["origin"], model["licence"]) == ("tiny", "tiny", "Apache-2.0")
    assert model["uses"] == ["screen", "rate tiny", "collect tutor", "train limo", "train L5"]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0.00"), (0.0094, "0.0094"), (12.345, "12.35"), (1234.5, "1,234.50")]
)
def test_small_numbers_keep_digits_that_count(value, shown):
    template = page.templates().from_string("{{ value|small }}")
    assert template.render(value=value) == shown

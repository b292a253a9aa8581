import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from limo.base import tables
from limo.graph import schemas
from stages import check, dataset, gather, measure, metrics, report, score, tiers
from tests.chains.world import PARAMS
from tests.report import world


def run(stage, *arguments):
    result = CliRunner().invoke(stage.main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def counts(stage):
    return json.loads(Path(f".limo/timings/{stage}.json").read_text(encoding="utf-8"))


def run_all():
    world.build()
    run(gather)
    for stage in (check, measure):
        run(stage, "0")
    for stage in (score, tiers):
        run(stage)
    for name in PARAMS["datasets"]:
        run(dataset, name)
    world.train_and_answer()
    for stage in (metrics, report):
        run(stage)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folder after all stages ran once in it."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_all()
    return folder


@pytest.fixture
def here(project, monkeypatch):
    monkeypatch.chdir(project)
    return project


def outs(folder):
    files = [f for part in ("data", "metrics") for f in (folder / part).rglob("*") if f.is_file()]
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


def test_gather_counts_every_solution_and_attempt(here):
    found = counts("gather")
    # Eight problems with eight solutions each, one of them a repeat; two identical correct attempts and a wrong one.
    assert (found["in"], found["solutions"], found["attempts"]) == (8 * 8 + 3, 8 * 7, 1)
    assert (found["not correct"], found["identical"]) == (1, 8 + 1)


def test_check_judges_each_distinct_chain_of_the_named_teachers_once(here):
    checked = tables.read("data/checked/0.parquet", schemas.CHECKED)
    assert set(checked["teacher"]) == {"solutions", "tiny", "tutor"}
    found = counts("check_0")
    assert found["in"] == 56 + 1 + 4
    assert found["identical"] == 1
    assert checked.height + found["identical"] == found["in"]
    # Each problem's wrong solution, the tutor's wrong chain, and the tutor's chain that stops before its answer.
    assert dict(checked["verdict"].value_counts().iter_rows()) == {"correct": 50, "wrong": 9, "truncated": 1}
    copied = checked.filter(pl.col("chain") == world.solutions(3)[0][1], pl.col("id") == "p03")
    assert copied["teacher"].to_list() == ["solutions"]


def test_score_and_tiers_keep_every_chain(here):
    checked = tables.read("data/checked/0.parquet", schemas.CHECKED)
    scored = tables.read("data/scored.parquet", schemas.SCORED)
    tiered = tables.read("data/tiers.parquet", schemas.TIERS)
    assert scored.height == tiered.height == checked.height
    assert tiered.filter(pl.col("score").is_null() != (pl.col("verdict") != "correct")).is_empty()
    rejected = tables.reasons(tiered)
    assert tables.kept(tiered).height + sum(rejected.values()) == tiered.height
    assert rejected == {"overlength": 1, "truncated": 1, "wrong answer": 9}
    assert tiered["best"].sum() == 5


def test_datasets_hold_what_their_rules_say(here):
    found = {name: tables.read(spec["path"], schemas.DATASET) for name, spec in PARAMS["datasets"].items()}
    sizes = {"limo": 3, "L1": 2, "L5": 2, "random": 3, "validation": 1}
    assert {name: table.height for name, table in found.items()} == sizes
    assert found["L1"]["id"].to_list() == found["L5"]["id"].to_list()
    assert (found["L5"]["score"] > found["L1"]["score"]).all()
    for name, table in found.items():
        entered = counts(f"dataset_{name}")
        assert entered["kept"] + entered["rejected"] == entered["in"]
        assert table.height == entered["kept"]


def test_the_funnel_adds_up_and_ignores_what_params_no_longer_names(here):
    funnel = world.metrics("funnel")
    steps = [*funnel["acquire"].values(), *(funnel[name] for name in ("pool", "screen", "rate", "select", "tiers"))]
    assert all(step["in"] == step["kept"] + sum(step["rejected"].values()) for step in steps)
    assert funnel["acquire"]["easy"] == {"in": 6, "kept": 5, "rejected": {"no answer": 1}}
    assert funnel["pool"] == {"in": 11, "kept": 8, "rejected": {"duplicate": 1, "no answer": 2}}
    assert funnel["rate"] == {"in": 7, "kept": 5, "rejected": {"too easy": 1, "too hard": 1}}
    assert funnel["chains"]["tutor"] == {"in": 3, "correct": 1, "wrong": 1, "truncated": 1}
    assert funnel["datasets"] == {"L1": 2, "L5": 2, "limo": 3, "random": 3, "validation": 1}
    assert set(world.metrics("training")) == {"limo", "L5"}
    assert set(world.metrics("evaluation")) == {"base", "limo", "best"}


def test_metrics_hold_the_figures_of_the_run(here):
    training = world.metrics("training")["limo"]
    assert (training["first_loss"], training["final_loss"], training["steps"]) == (2.5, 1.75, 4)
    best = world.metrics("evaluation")["best"]
    assert best["sums"]["pass_at_1"] == 0.5
    gains = [(row["candidate"], row["benchmark"], row["difference"]) for row in world.metrics("comparisons")]
    assert ("best", "mean", pytest.approx(1 / 3, abs=1e-6)) in gains
    assert world.metrics("scores")["difference"]["trained"]["best"]["base"] == pytest.approx(1 / 3, abs=1e-6)
    quality = world.metrics("quality")
    assert quality["levels"]["L5"]["score"] > quality["levels"]["L1"]["score"]
    assert quality["teachers"]["solutions"]["q25"] < quality["teachers"]["solutions"]["q75"]


def test_every_metric_is_a_figure_or_a_nest_of_figures(here):
    def leaves(value):
        return [leaf for inner in value.values() for leaf in leaves(inner)] if isinstance(value, dict) else [value]

    for name in ("funnel", "quality", "training", "scores"):
        assert all(isinstance(leaf, int | float) for leaf in leaves(world.metrics(name)))


def test_the_page_says_how_to_read_the_answers_that_it_does_not_show(here):
    page = Path("data/report/index.html").read_text(encoding="utf-8")
    assert all(f"<code>limo explain {name}:ID --candidate NAME</code>" in page for name in ("sums", "products"))


def test_the_tier_curve_joins_levels_with_the_models_trained_on_them(here):
    curve = pl.read_csv("metrics/plots/tiers.csv")
    assert curve["level"].to_list() == [1, 2, 3, 4, 5]
    assert curve["score"].is_sorted()
    assert curve["candidate"].to_list() == [None] * 4 + ["best"]
    assert curve["pass_at_1"].to_list() == [None] * 4 + [0.5]


def test_pass_rates_show_every_rated_problem(here):
    rates = pl.read_csv("metrics/plots/pass_rates.csv")
    assert rates.filter(pl.col("stage") == "rate").rows() == [
        ("rate", 0, "rejected", 1),
        ("rate", 2, "kept", 5),
        ("rate", 4, "rejected", 1),
    ]


def test_the_page_needs_no_other_file(here):
    page = Path("data/report/index.html").read_text(encoding="utf-8")
    names = sorted(svg.stem for svg in Path("data/report").glob("*.svg"))
    assert names == [
        *("comparisons", "components", "evaluation", "funnel", "loss", "pass_rates", "scores", "tiers", "validation")
    ]
    assert page.count("<svg ") == 2 * len(names)
    assert not re.search(r"<link|<img|@import|src=|javascript:|\son\w+=|\sstyle=", page)
    assert set(re.findall(r"https?://[^\"'\s<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/1998/Math/MathML",
    }
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    best = tables.read("data/limo.parquet", schemas.DATASET).sort("rank").row(0, named=True)
    assert best["question"] in page
    assert f"problem <code>{best['id']}</code>" in page
    assert "LIMO test 1.2.3" in page


def test_the_policy_names_the_only_style_and_the_only_script(here):
    page = Path("data/report/index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_holds_the_figures_of_the_run(here):
    page = Path("data/report/index.html").read_text(encoding="utf-8")
    cells = re.sub(r"</t[dh]>", "|", page)
    rows = [re.sub(r"<[^>]+>", "", row) for row in re.findall(r"<tr.*?</tr>", cells)]
    assert "decontamination|9|100.0|75.0|0|1|" in rows
    assert "reworded: 1 &lt; 2?" in page
    assert "random|0|–|–|–|–|–|" in rows
    drawn = tables.read("data/rated.parquet", schemas.RATED)["rate_drawn"].sum()
    tokens = tables.read("data/rate_attempts/tiny.parquet", schemas.ATTEMPT)["tokens"].sum()
    assert any(row.startswith(f"rate tiny|cpu|7|{drawn}|0|{tokens}|") for row in rows)
    released = tables.read("data/limo.parquet", schemas.DATASET).filter(source="easy").height
    assert f"easy|rev1|MIT|4|1|{released}|" in rows
    digest = hashlib.sha256(Path("data/limo.parquet").read_bytes()).hexdigest()
    assert f"data/limo.parquet|{Path('data/limo.parquet').stat().st_size:,}|{digest}|" in rows


def test_another_process_with_one_thread_and_other_hashes_writes_the_same_bytes(project, tmp_path):
    setting = {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "3", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", "from tests.stages.test_report import run_all; run_all()"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **setting}, check=True, capture_output=True)
    first, second = outs(project), outs(tmp_path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []

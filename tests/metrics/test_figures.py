import polars as pl
import pytest
from pydantic import TypeAdapter

from limo import params
from limo.graph.schemas import PLOTS, RATED, SCREENED, TIERS
from limo.metrics import figures, plots
from tests.chains.world import chain, problem, table

MARKS = {"selected": True, "best": False, "rank": None, "level": None, "truncated": False, "rejected": None}


def tiers(*rows):
    return table([{**MARKS, **row} for row in rows], TIERS)


@pytest.mark.parametrize(("score", "low"), [(0.0, 0.0), (0.15, 0.15), (0.149999999, 0.1), (0.7, 0.7), (1.0, 0.95)])
def test_a_score_falls_into_the_bar_that_holds_it(score, low):
    found = plots.score_histogram(tiers(chain("p01", "a", score=score)))
    assert found.rows() == [("solutions", low, 1)]


def test_the_histogram_holds_every_usable_chain_once():
    rows = [chain("p01", f"c{n}", score=n / 7, teacher="ab"[n % 2]) for n in range(8)]
    unusable = {**chain("p01", "bad", score=None), "rejected": "wrong answer"}
    found = plots.score_histogram(tiers(*rows, unusable))
    assert found.group_by("teacher").agg(pl.col("chains").sum()).sort("teacher").rows() == [("a", 4), ("b", 4)]
    assert found.schema == PLOTS["scores"]


def test_pass_rates_count_every_problem_by_stage_and_outcome():
    screened = table([problem(n, screen_correct=n % 2) for n in range(4)], SCREENED)
    rated = table([problem(1, rate_correct=4, rejected="too easy: 4 of 4"), problem(2), problem(3)], RATED)
    found = plots.pass_rates(screened, rated)
    assert found.rows() == [
        ("screen", 0, "kept", 2),
        ("screen", 1, "kept", 2),
        ("rate", 2, "kept", 2),
        ("rate", 4, "rejected", 1),
    ]
    assert found.schema == PLOTS["pass_rates"]


def test_quality_of_a_teacher_counts_usable_chains_only():
    rows = [chain("p01", f"c{n}", score=n / 4, tokens=10 * n) for n in range(5)]
    unusable = {**chain("p01", "long", score=0.9, tokens=999), "rejected": "overlength: 999 tokens > 100"}
    found = figures.quality(tiers(*rows, unusable), {}, ["flow"])["teachers"]["solutions"]
    assert (found["chains"], found["score"], found["tokens"], found["flow"]) == (5, 0.5, 20, 0.5)
    assert (found["q25"], found["q50"], found["q75"]) == (0.25, 0.5, 0.75)


def test_training_shows_the_whole_curve():
    counts = {"tokens": 5, "trained_tokens": 3, "filler_tokens": 1}
    steps = [
        {"step": n, "epoch": 1, "loss": 3.0 - n, "lr": 0.1, "grad_norm": n / 2, **counts, "validation_loss": held_out}
        for n, held_out in ((1, None), (2, 1.5))
    ]
    totals = {"validation_examples": 4, "best_epoch": 1, "exported_epoch": 1}
    totals |= {"examples": 2, "over_length": 3, "truncated_answers": 1, "tokens": 9, "trained_tokens": 5}
    record = {**totals, "trained_share": 0.5, "padding_share": 0.1, "steps": steps}
    assert figures.training({"limo": record})["limo"] == {
        "first_loss": 2.0,
        "final_loss": 1.0,
        "highest_grad_norm": 1.0,
        "steps": 2,
        "validation_loss": 1.5,
        **totals,
        "trained_share": 0.5,
        "padding_share": 0.1,
    }
    assert plots.loss_rows({"limo": record}).rows() == [
        ("limo", 1, 1, 2.0, 0.1, 0.5, 5, 3, 1),
        ("limo", 2, 1, 1.0, 0.1, 1.0, 5, 3, 1),
    ]
    assert plots.validation_rows({"limo": record}).rows() == [("limo", 1, 1.5)]


def test_the_tier_curve_finds_a_level_by_the_data_its_model_was_trained_on():
    level = {"rule": "level", "sources": None, "rows": 9}
    datasets = {
        "low": {**level, "path": "data/low.parquet", "level": 1},
        "high": {**level, "path": "data/high.parquet", "level": 5},
    }
    specs = TypeAdapter(dict[str, params.Dataset]).validate_python(datasets)
    variants = {"v": params.Variant(data="data/high.parquet", model="m", validation="data/apart.parquet", train={})}
    quality = {"levels": {"L1": {"score": 0.2, "tokens": 10.0}, "L5": {"score": 0.8, "tokens": 50.0}}}
    mean = {"mean": {"pass_at_1": 0.5, "low": 0.4, "high": 0.6}}
    found = plots.tier_curve(quality, {"mine": mean}, specs, variants, {"mine": "models/v", "base": "models/base/v"})
    assert found.rows() == [(1, 0.2, 10.0, None, None, None, None), (5, 0.8, 50.0, "mine", 0.5, 0.4, 0.6)]


def test_rounding_reaches_every_float_and_leaves_counts():
    assert figures.rounded({"a": {"b": 1 / 3}, "c": 7}) == {"a": {"b": 0.333333}, "c": 7}

import polars as pl
import pytest

from limo import params
from limo.graph.schemas import ANSWER
from limo.metrics import evaluation
from limo.metrics.comparisons import compare
from limo.metrics.statistics import t_quantile, wilson
from tests.asked import sampled
from tests.chains.world import attempt, table

EXAMS = sampled(sums=2, products=2)
CLUSTERS = pl.DataFrame(
    [(name, f"{letter}{n}", f"{letter}{n}") for name, letter in (("sums", "p"), ("products", "q")) for n in range(2)],
    schema=["benchmark", "source_id", "cluster"],
    orient="row",
)


def evaluate(tables, exams=EXAMS, clusters=CLUSTERS):
    return evaluation.evaluate(evaluation.by_problem(tables, exams, clusters))


def answers(right, **changes):
    """Two samples for two problems of each benchmark; `right` lists the verdicts of sums in order."""
    sums = [
        attempt(f"p{n // 2}", n % 2, "4" if good else "5", "correct" if good else "wrong", tokens=10)
        for n, good in enumerate(right)
    ]
    products = [attempt(f"q{n // 2}", n % 2, "6", "wrong", benchmark="products", tokens=20) for n in range(4)]
    sums[0] |= changes
    return table([*products, *sums], ANSWER)


def test_figures_of_a_small_evaluation():
    cut = {"verdict": "truncated", "extracted": None, "stop": "length"}
    found = evaluate({"base": answers([False, True, True, True], **cut)})["base"]
    sums = found["sums"]
    assert (sums["problems"], sums["samples"]) == (2, 4)
    assert sums["pass_at_1"] == 0.75
    assert sums["pass_at_k"] == 1
    assert sums["majority"] is None  # of two samples
    assert (sums["answered"], sums["unfinished"], sums["undecided"], sums["tokens"]) == (0.75, 0.25, 0, 10)
    # Rates 0.5 and 1: SE² = 1/16, p(1-p)/SE² = 3 effective samples.
    assert (sums["low"], sums["high"]) == pytest.approx(wilson(0.75, 3, t_quantile(1)))
    assert found["products"]["pass_at_1"] == 0
    assert found["mean"]["pass_at_1"] == 0.375
    assert found["mean"]["answered"] == 0.875
    assert found["mean"]["low"] < 0.375 < found["mean"]["high"]


def test_problems_of_one_cluster_count_as_one():
    alike = CLUSTERS.with_columns(cluster=pl.lit("stem"))
    found = evaluate({"base": answers([True, True, False, False])}, clusters=alike)["base"]["sums"]
    assert (found["low"], found["high"]) == (0, 1)


def test_the_mean_has_no_pass_at_k_of_different_k():
    rows = answers([True, False, False, False])
    mixed = rows.filter((pl.col("benchmark") == "sums") | (pl.col("sample") == 0))
    found = evaluate({"base": mixed}, sampled(sums=2, products=1))["base"]
    assert (found["sums"]["pass_at_k"], found["products"]["pass_at_k"]) == (0.5, 0)
    assert found["mean"]["pass_at_k"] is None
    assert evaluate({"base": rows})["base"]["mean"]["pass_at_k"] == 0.25


def test_spellings_of_the_right_answer_vote_together():
    rows = [
        attempt("p0", n, text, verdict)
        for n, (text, verdict) in enumerate(
            [("1/2", "correct"), ("0.5", "correct"), ("3", "wrong"), ("3", "wrong"), ("50%", "correct")]
        )
    ]
    found = evaluate({"base": table([{**row, "benchmark": "sums"} for row in rows], ANSWER)}, sampled(sums=5))
    assert found["base"]["sums"]["majority"] == 1


def test_spellings_of_a_wrong_answer_vote_together_too():
    said = [("4", "correct"), ("4", "correct"), ("1/2", "wrong"), ("0.5", "wrong"), (r"\frac{1}{2}", "wrong")]
    rows = [attempt("p0", n, text, verdict) for n, (text, verdict) in enumerate(said)]
    assert evaluate({"base": table(rows, ANSWER)}, sampled(sums=5))["base"]["sums"]["majority"] == 0
    assert evaluate({"base": table(rows[:4], ANSWER)}, sampled(sums=4))["base"]["sums"]["majority"] == 0.5


def test_row_order_does_not_matter():
    rows = answers([True, False, False, False])
    assert evaluate({"base": rows}) == evaluate({"base": rows.reverse()})


def test_problems_that_share_an_id_stay_two_problems():
    rows = answers([True, True, False, False]).with_columns(id=pl.lit("same"))
    assert evaluate({"base": rows})["base"]["sums"]["problems"] == 2


def test_a_missing_benchmark_is_named():
    with pytest.raises(
        ValueError,
        match=r"limo\.parquet has answers to products under sampled, not to .*sums under .*dvc repro answer@limo",
    ):
        evaluate({"limo": answers([True] * 4).filter(pl.col("benchmark") == "products")})


def test_a_missing_sample_is_named():
    rows = answers([True] * 4)
    part = rows.filter((pl.col("source_id") != "p1") | (pl.col("sample") == 0))
    with pytest.raises(ValueError, match="1 samples of sums:p1, not 2"):
        evaluate({"limo": part})


def test_the_scores_are_the_means_and_their_differences_alone():
    evaluated = evaluate({"limo": answers([True] * 4), "base": answers([False] * 4)})
    rows = [
        {"family": "trained", "candidate": "limo", "other": "base", "benchmark": name, "difference": gain}
        for name, gain in (("products", 0.0), ("sums", 1.0), ("mean", 0.5))
    ]
    assert evaluation.scores(evaluated, rows) == {
        "pass_at_1": {"mean": {"base": 0, "limo": 0.5}},
        "difference": {"trained": {"limo": {"base": 0.5}}},
    }


def test_a_benchmark_cannot_take_the_name_of_the_mean():
    with pytest.raises(ValueError, match="no benchmark can be named 'mean'"):
        evaluate({}, {"mean": 2})


def two_protocols(first, other):
    """Exams of sums under two protocols, and one candidate's answers: `first` of two draws right, `other` of four."""
    rule = sampled(sums=2)["sums"].protocol
    many = rule.model_copy(update={"draws": 4})
    exams = {"sums": params.Exam("sums", "few", rule), "sums/many": params.Exam("sums", "many", many)}
    rows = [
        attempt(f"p{n}", k, "4", "correct" if k < right else "wrong", benchmark="sums", protocol=name)
        for name, draws, right in (("few", 2, first), ("many", 4, other))
        for n in range(2)
        for k in range(draws)
    ]
    return exams, table(rows, ANSWER)


def test_every_protocol_of_a_benchmark_has_its_figures_and_the_first_counts_in_the_mean():
    exams, rows = two_protocols(1, 3)
    found = evaluate({"base": rows}, exams)["base"]
    assert [(name, figures["pass_at_1"]) for name, figures in found.items()] == [
        ("sums", 0.5),
        ("sums/many", 0.75),
        ("mean", 0.5),
    ]
    assert found["sums/many"]["samples"] == 8


def test_differences_are_tested_under_every_protocol_and_averaged_under_the_first():
    exams, better = two_protocols(2, 3)
    tables = {"base": two_protocols(1, 3)[1], "limo": better}
    compared = compare(evaluation.by_problem(tables, exams, CLUSTERS), {"f": {"limo": ["base"]}})
    found = {row["benchmark"]: row["difference"] for row in compared}
    assert found == {"sums": 0.5, "sums/many": 0.0, "mean": 0.5}


def test_answers_under_other_protocols_than_those_asked_for_are_refused():
    exams, rows = two_protocols(1, 3)
    with pytest.raises(ValueError, match="answers to sums under few, sums under many, not to sums under few: run"):
        evaluate({"base": rows}, {"sums": exams["sums"]})

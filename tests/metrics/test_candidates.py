import polars as pl
import pytest

from limo import params
from limo.graph.schemas import ANSWER, BENCHMARK, POOL_REJECTED
from limo.metrics import candidates
from limo.metrics.contamination import contamination, known_before
from limo.metrics.suspects import suspicion
from limo.metrics.votes import by_value
from tests.asked import asked, sampled
from tests.chains.world import PARAMS, attempt, problem, table

LETTERS = {"r": "correct", "w": "wrong", "u": "undecided", "t": "truncated"}


def exam(*names, **changes):
    return table([asked("sums", name, f"What is {name}?", "4", **changes) for name in names], BENCHMARK)


def answered(**draws):
    """ANSWER rows of problems by source id, a letter of `LETTERS` for each draw."""
    rows = [
        attempt(name, sample, "4" if letter == "r" else "5", LETTERS[letter], tokens=10 * (sample + 1))
        for name, letters in draws.items()
        for sample, letter in enumerate(letters)
    ]
    return table(rows, ANSWER)


def of(answers, benchmarks, pass_at=(1,)):
    return candidates.figures(answers, benchmarks, sampled(sums=1), pass_at)["sums"]


def test_pass_and_all_of_k_are_the_shares_of_draws_without_replacement():
    found = of(answered(a="rrww", b="rrrr"), exam("a", "b"), (1, 2, 8))
    assert found["pass_at"] == {"1": 0.75, "2": pytest.approx((1 - 1 / 6 + 1) / 2), "8": None}
    assert found["all_at"] == {"1": 0.75, "2": pytest.approx((1 / 6 + 1) / 2), "8": None}


def test_runs_are_the_draws_of_one_number_over_all_problems():
    runs = of(answered(a="rw", b="rw", c="rr"), exam("a", "b", "c"))["runs"]
    assert (runs["runs"], runs["least"], runs["greatest"]) == (2, pytest.approx(1 / 3), 1.0)
    assert runs["spread"] == pytest.approx(2 / 3 / 2**0.5)
    assert of(answered(a="r"), exam("a"))["runs"]["spread"] is None


def test_bounds_take_undecided_answers_as_wrong_and_as_right():
    bounds = of(answered(a="ru", b="wt"), exam("a", "b"))["bounds"]
    assert (bounds["undecided_wrong"]["pass_at_1"], bounds["undecided_right"]["pass_at_1"]) == (0.25, 0.5)
    assert bounds["undecided_right"]["low"] < 0.5 < bounds["undecided_right"]["high"]


def test_problems_of_one_cluster_widen_the_interval():
    draws = {name: "rr" if name in "abc" else "ww" for name in "abcdef"}
    alone = of(answered(**draws), exam(*draws))["bounds"]["undecided_wrong"]
    rows = [asked("sums", name, f"What is {name}?", "4", cluster="a" if name in "abc" else "d") for name in draws]
    together = of(answered(**draws), table(rows, BENCHMARK))["bounds"]["undecided_wrong"]
    assert together["high"] - together["low"] > alone["high"] - alone["low"]


def test_tokens_are_told_apart_by_right_and_other_answers():
    tokens = of(answered(a="rrwr", b="wwww"), exam("a", "b"))["tokens"]
    assert (tokens["right"]["answers"], tokens["right"]["q50"]) == (3, 20)
    assert (tokens["other"]["answers"], tokens["other"]["q50"]) == (5, 30)
    assert of(answered(a="rr"), exam("a"))["tokens"]["other"] is None


def test_budgets_are_the_shares_of_draws_that_were_right_by_then():
    cuts = pl.Series(
        [[{"tokens": 5, "verdict": verdict}] for verdict in ("correct", "truncated")], dtype=ANSWER["cuts"]
    )
    assert of(answered(a="rr").with_columns(cuts=cuts), exam("a"))["budgets"] == {"5": 0.5}


def test_scores_are_given_by_every_label_that_a_problem_has():
    rows = [
        asked("sums", "a", "What?", "4", domain="algebra", level=2),
        asked("sums", "b", "Why?", "4", domain="geometry", level=10),
        asked("sums", "c", "How?", "4", domain="algebra"),
    ]
    groups = of(answered(a="rr", b="ww", c="rw"), table(rows, BENCHMARK))["groups"]
    assert {label: group["pass_at_1"] for label, group in groups["domain"].items()} == {"algebra": 0.75, "geometry": 0}
    assert {label: group["problems"] for label, group in groups["level"].items()} == {"2": 1, "10": 1, "None": 1}
    assert "source" not in groups


def test_a_rotated_problem_counts_where_every_rotation_is_right():
    exams = exam("a", "a~1", "b", "b~1", order="AB")
    assert of(answered(**{"a": "rr", "a~1": "rr", "b": "rr", "b~1": "rw"}), exams)["circular"] == 0.5
    assert of(answered(a="rr"), exam("a"))["circular"] is None


@pytest.mark.parametrize(
    ("text", "gold", "where"),
    [
        (r"First \boxed{4}, no: \boxed{5}.", "4", "box"),
        (r"It is \boxed{\frac{8}{2}} or \boxed{5}", "4", "box"),
        ("So it is 4, I think, or 5", "4", "end"),
        ("So it is 4.", "4", "end"),
        ("So it is 14 or 4.5 or -4 or 41", "4", None),
        ("It is 4. " + "But let us see again. " * 20, "4", None),
        (r"It is \boxed{5}", "4", None),
    ],
)
def test_an_answer_that_states_the_reference_and_is_not_correct_is_suspicious(text, gold, where):
    assert suspicion({"text": text, "verdict": "wrong"}, gold) == where
    assert suspicion({"text": text, "verdict": "correct"}, gold) is None


def test_suspects_are_counted_and_the_first_are_named():
    rows = [attempt("a", 0, r"\boxed{4} or \boxed{5}", "wrong"), attempt("a", 1, "5", "wrong")]
    assert of(table(rows, ANSWER), exam("a"))["suspects"] == {"answers": 1, "first": {"a/0": "box"}}


def test_spellings_of_one_value_share_their_vote():
    keys = by_value(["0.5", "2", r"\frac{1}{2}", None, "3"], ["wrong", "correct", "wrong", "truncated", "wrong"])
    assert keys[0] == keys[2]
    assert len({keys[0], keys[1], keys[4]}) == 3
    assert keys[3] is None


def test_contamination_counts_refused_rows_by_benchmark_and_rule():
    rows = [
        problem(1, rejected="contaminated: exact", match="sums:a"),
        problem(2, rejected="contaminated: reworded", match="sums:a"),
        problem(3, rejected="contaminated: exact", match="products:b"),
        problem(4, rejected="duplicate: exact", match="easy:s1"),
    ]
    specs = params.Params.model_validate(PARAMS).benchmarks
    found = contamination(table(rows, POOL_REJECTED), exam("a", "b"), specs)
    assert found["sums"] == {"rows": 2, "met": 1, "refused": {"exact": 1, "reworded": 1}, "published": None}
    assert found["products"]["met"] == 1


@pytest.mark.parametrize(("published", "before"), [("2024-01-31", True), ("2024-09-19", False), (None, None)])
def test_a_benchmark_is_known_before_a_model_that_was_released_later(published, before):
    benchmarks = {name: {**spec, "published": published} for name, spec in PARAMS["benchmarks"].items()}
    evaluate = {**PARAMS["evaluate"], "released": {"tiny": "2024-09-19"}}
    p = params.Params.model_validate({**PARAMS, "benchmarks": benchmarks, "evaluate": evaluate})
    assert {known_before(name, "sums", p) for name in p.candidates} == {before}

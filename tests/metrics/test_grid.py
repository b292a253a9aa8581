import polars as pl

from limo.graph.schemas import ANSWER, BENCHMARK
from limo.metrics import evaluation, grid
from tests.asked import sampled
from tests.chains.world import attempt, table


def answers(*right):
    """Two samples for every problem of sums, of which `right` are correct."""
    return table(
        [
            attempt(f"p{at}", sample, str(sample), "correct" if sample < count else "wrong", benchmark="sums")
            | {"text": "x" * 2_000 + f"end of p{at}"}
            for at, count in enumerate(right)
            for sample in range(2)
        ],
        ANSWER,
    )


def rows(*right_of_each):
    names = ("base", "limo")
    tables = {name: answers(*right) for name, right in zip(names, right_of_each, strict=True)}
    problems = [
        {"benchmark": "sums", "source_id": f"p{at}", "question": f"Question {at}", "answer": str(at)}
        for at in range(len(right_of_each[0]))
    ]
    benchmarks = pl.DataFrame([{**dict.fromkeys(BENCHMARK), **problem} for problem in problems], schema=BENCHMARK)
    clusters = benchmarks.select("benchmark", "source_id", cluster="source_id")
    return grid.grid(evaluation.by_problem(tables, sampled(sums=2), clusters), benchmarks)


def test_every_problem_has_the_correct_draws_of_every_candidate():
    (found,) = rows((0, 1, 2), (2, 2, 2))
    assert (found["benchmark"], found["candidates"], found["draws"]) == ("sums", ["base", "limo"], 2)
    assert found["problems"] == [["p0", 0, 2], ["p1", 1, 2], ["p2", 2, 2]]


def test_the_problems_that_are_opened_tell_candidates_apart_the_most():
    (found,) = rows((2, 1, 0, 2, 1, 0), (2, 2, 2, 2, 2, 2))
    assert [problem["source_id"] for problem in found["opened"]] == ["p1", "p2", "p4", "p5"]
    base = found["opened"][0]["candidates"][0]
    assert base["draws"] == [["correct", "0"], ["wrong", "1"]]
    assert (base["text"][-9:], len(base["text"]), base["more"]) == ("end of p1", grid.SHOWN, 1009)


def test_without_candidates_there_is_no_grid():
    assert grid.grid({}, pl.DataFrame(schema=BENCHMARK)) == []

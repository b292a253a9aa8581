import json

import pytest
from click.testing import CliRunner

from limo.cli import main
from limo.graph import outs, schemas
from tests.asked import asked
from tests.chains.world import PARAMS, attempt, table, write_params

JUDGE = {"model": "tiny", "engine": "cpu", "max_tokens": 6, "share": 1.0, "benchmarks": ["sums"]}
RULE = PARAMS["evaluate"]["protocols"]["sampled"]


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """Two of three candidates have answered sums, under two protocols, and a judge was asked."""
    monkeypatch.chdir(tmp_path)
    protocols = {"sampled": RULE, "once": {**RULE, "draws": 1}}
    evaluate = {
        **PARAMS["evaluate"],
        "protocols": protocols,
        "benchmarks": {"sums": [*protocols], "products": ["once"]},
    }
    write_params(evaluate=evaluate, judges={"tiny": JUDGE})
    outs.write(outs.BENCHMARKS, table([asked("sums", "p1", "What is 2 + 2?", "4")], schemas.BENCHMARK))
    for name, verdicts in {"base": ["wrong", "undecided"], "limo": ["correct", "correct"]}.items():
        rows = [attempt("p1", n, f"{name} says {n}", verdict) for n, verdict in enumerate(verdicts)]
        rows.append(attempt("p1", 0, f"{name} once", "truncated", protocol="once"))
        outs.write(outs.answers(name), table(rows, schemas.ANSWER))
    said = dict.fromkeys(schemas.JUDGED, "x") | {"candidate": "base", "benchmark": "sums", "protocol": "sampled"}
    said |= {"source_id": "p1", "sample": 1, "shared": False, "judgement": "correct"}
    outs.write(outs.judged("tiny"), table([said], schemas.JUDGED))


def run(*options):
    result = CliRunner().invoke(main, ["explain", *options])
    return result.exit_code, result.output


def test_a_problem_of_a_benchmark_has_a_line_of_verdicts_for_each_candidate():
    code, output = run("sums:p1")
    assert code == 0, output
    assert "What is 2 + 2?" in output
    lines = [line.split() for line in output.splitlines()]
    assert ["base", "0", "wu"] in lines
    assert ["limo", "2", "cc"] in lines
    assert "data/answers/best.parquet is not built: run dvc repro answer@best" in output


def test_a_candidate_shows_every_draw_with_its_rule_and_the_judges_word():
    told = json.loads(run("sums:p1", "--candidate", "base", "--json")[1])
    (answered,) = told["candidates"]
    assert [(draw["verdict"], draw["rule"], draw["judge"]) for draw in answered["draws"]] == [
        ("wrong", "integer", None),
        ("undecided", "integer", "correct"),
    ]
    output = run("sums:p1", "--candidate", "base")[1]
    assert "base says 0" in output
    assert "limo says" not in output


def test_another_protocol_of_a_benchmark_is_named_behind_a_slash():
    told = json.loads(run("sums/once:p1", "--json")[1])
    assert (told["protocol"], [len(each["draws"]) for each in told["candidates"]]) == ("once", [1, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("sums:p9",), "sums has no problem with source_id p9"),
        (("sums:p1", "--candidate", "nobody"), "there is no candidate nobody: params.yaml has base, limo, best"),
        (("abcdef", "--candidate", "base"), "--candidate goes with a problem of a benchmark"),
    ],
)
def test_what_is_not_there_is_named(options, message):
    code, output = run(*options)
    assert code == 2
    assert message in output

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from limo.cli import main

RULE = {"draws": 2, "temperature": 0.6, "top_p": 1.0, "max_tokens": 64, "system": None}
PARAMS = {
    "candidates": {"base": "models/base/tiny", "limo": "models/limo"},
    "engines": {"cpu": {"kind": "transformers", "dtype": "float32"}},
    "prompt": {"system": "Reason."},
    "answers": {"extraction": "flexible"},
    "evaluate": {
        "engine": "cpu",
        "protocols": {"sampled": RULE, "many": {**RULE, "draws": 4}},
        "benchmarks": {"sums": ["sampled"], "stories": ["sampled"]},
    },
}


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments], check=True, capture_output=True)


def dvc(*arguments):
    subprocess.run(["dvc", *arguments], check=True, capture_output=True)


def measure(right, params=PARAMS, question="What?", problems=6):
    """Write params.yaml, the benchmarks, and answers of both candidates; `right` of two draws by candidate."""
    Path("data/answers").mkdir(parents=True, exist_ok=True)
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    keys = [(name, f"p{n}") for name in ("stories", "sums") for n in range(problems)]
    rows = [{"benchmark": name, "source_id": key, "question": question, "answer": "1"} for name, key in keys]
    pl.DataFrame(rows).write_parquet("data/benchmarks.parquet")
    for candidate, correct in right.items():
        evaluate = params["evaluate"]
        answers = [
            {**row, "protocol": name, "sample": n, "verdict": "correct" if n < correct else "wrong"}
            for row in rows
            for name in evaluate["benchmarks"][row["benchmark"]]
            for n in range(evaluate["protocols"][name]["draws"])
        ]
        pl.DataFrame(answers).write_parquet(f"data/answers/{candidate}.parquet")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A DVC project whose branch `other` has a better limo, and `changed` another question, limit and problem."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        git("init", "-b", "main")
        dvc("init")
        measure({"base": 0, "limo": 1})
        track("first")
        git("checkout", "-b", "other")
        measure({"base": 0, "limo": 2})
        track("better")
        git("checkout", "-b", "changed")
        longer = {"sampled": {**RULE, "max_tokens": 128}}
        evaluate = {**PARAMS["evaluate"], "protocols": longer}
        measure({"base": 0, "limo": 2}, {**PARAMS, "evaluate": evaluate}, problems=7)
        track("another protocol")
        git("checkout", "-b", "earlier", "main")
        unnamed({"base": 0, "limo": 1})
        track("before protocols had names")
        git("checkout", "-b", "several")
        evaluate = {**PARAMS["evaluate"], "benchmarks": {"sums": ["sampled", "many"], "stories": ["sampled"]}}
        measure({"base": 0, "limo": 2}, {**PARAMS, "evaluate": evaluate})
        track("two protocols")
        git("checkout", "main")
        dvc("checkout")
    return folder


def unnamed(right):
    """What an earlier release left: one protocol for each benchmark, without a name, and one limit for all."""
    rule = {name: RULE[name] for name in ("draws", "temperature", "top_p")}
    measure(right)
    evaluate = {"engine": "cpu", "max_tokens": 64, "protocols": dict.fromkeys(("sums", "stories"), rule)}
    Path("params.yaml").write_text(yaml.safe_dump({**PARAMS, "evaluate": evaluate}), encoding="utf-8")
    for candidate in right:
        path = f"data/answers/{candidate}.parquet"
        pl.read_parquet(path).drop("protocol").write_parquet(path)


def track(message):
    dvc("add", "data/benchmarks.parquet", "data/answers")
    git("add", ".")
    git("commit", "-m", message)


@pytest.fixture
def run(repository, monkeypatch):
    monkeypatch.chdir(repository)

    def invoke(*arguments):
        result = CliRunner().invoke(main, ["compare", *arguments])
        return result.exit_code, result.output

    return invoke


def test_candidates_of_two_branches_are_paired_by_problem(run):
    code, output = run("other:limo", "main:limo", "--json")
    assert code == 0, output
    stories, sums, mean = json.loads(output)["rows"]
    assert (stories["benchmark"], sums["benchmark"], mean["benchmark"]) == ("stories", "sums", "mean")
    assert (sums["difference"], sums["wins"], sums["ties"], sums["problems"]) == (0.5, 6, 0, 6)
    assert sums["p"] == 2 / 2**6
    assert mean["p"] == 2 / 2**12


def test_swapping_the_two_flips_the_sign_exactly(run):
    there, back = (json.loads(run(*pair, "--json")[1])["rows"] for pair in (("other:limo", "main:base"),) * 2)
    back = json.loads(run("main:base", "other:limo", "--json")[1])["rows"]
    for one, other in zip(there, back, strict=True):
        assert (one["difference"], one["low"], one["high"]) == (-other["difference"], -other["high"], -other["low"])
        assert (one["p"], one["wins"]) == (other["p"], other["losses"])


def test_the_table_shows_points_and_p_values(run):
    code, output = run("other:limo", "workspace:limo")
    assert code == 0, output
    assert "pass@1 of other:limo less that of workspace:limo" in output
    assert "+50.0" in output
    assert "measured differently" not in output


def test_two_that_were_not_measured_alike_are_refused_with_every_difference(run):
    code, output = run("changed:limo", "main:limo")
    assert code == 2
    for line in ("max_tokens of the protocol of sums: 128 against 64", "sums: only in changed:limo: 1 problems (p6)"):
        assert line in output


def test_two_that_were_not_measured_alike_are_compared_if_told(run):
    code, output = run("changed:limo", "main:limo", "--despite-differences", "--json")
    assert code == 0, output
    found = json.loads(output)
    assert [row["problems"] for row in found["rows"]] == [6, 6, 12]
    assert len(found["differences"]) == 4


def test_a_revision_before_protocols_had_names_is_compared_by_what_they_were(run):
    code, output = run("other:limo", "earlier:limo", "--json")
    assert code == 0, output
    assert json.loads(output)["rows"][1]["difference"] == 0.5


def test_candidates_are_compared_under_each_protocol_and_on_average_under_the_first(run):
    code, output = run("several:limo", "several:base", "--json")
    assert code == 0, output
    found = {row["benchmark"]: row["difference"] for row in json.loads(output)["rows"]}
    assert found == {"stories": 1.0, "sums": 1.0, "sums/many": 0.5, "mean": 1.0}


@pytest.mark.parametrize(
    ("references", "message"),
    [
        (("limo", "main:limo"), "'limo' is not REVISION:CANDIDATE"),
        (("main:nobody", "main:limo"), "main has no candidate 'nobody', only ['base', 'limo']"),
        (("nowhere:limo", "main:limo"), "unknown Git revision 'nowhere'"),
    ],
)
def test_what_is_not_there_is_named(run, references, message):
    code, output = run(*references)
    assert code == 2
    assert message in output


def test_a_clone_without_the_tables_and_with_no_bucket_says_what_to_do(repository, tmp_path, monkeypatch):
    git("clone", "-q", str(repository), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    dvc("remote", "add", "--default", "store", "s3://<your-bucket>/limo")
    git("commit", "-qam", "a remote whose bucket nobody has named")
    result = CliRunner().invoke(main, ["compare", "HEAD:limo", "HEAD:base"])
    assert result.exit_code == 2
    assert "the cache here has no data/answers/limo.parquet of HEAD, and the remote does not give it" in result.output
    assert "(docs/remote.md)" in result.output

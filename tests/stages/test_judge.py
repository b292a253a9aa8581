import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from limo import params
from limo.graph import outs
from limo.models.load import fingerprint
from limo.own import judge
from limo.store.request import Completion
from limo.store.store import open_store
from stages import judge as stage
from tests import tiny_model
from tests.asked import asked
from tests.chains.world import PARAMS, attempt, table, write_params

VERDICTS = {"a": ("undecided", "wrong"), "b": ("correct", "undecided")}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    return tmp_path


def build(share, benchmarks=("sums",)):
    spec = {"model": "tiny", "engine": "roomy", "max_tokens": 6, "share": share, "benchmarks": list(benchmarks)}
    roomy = {**PARAMS["engines"]["cpu"], "max_length": 4096}
    candidates = {"base": "models/base/tiny"}
    evaluate = {**PARAMS["evaluate"], "comparisons": {}}
    engines = {**PARAMS["engines"], "roomy": roomy}
    write_params(judges={"strict": spec}, engines=engines, candidates=candidates, evaluate=evaluate)
    tiny_model.save(Path("models/base/tiny"))
    exams = [asked(name, key, f"What is {key}?", "the roof") for name in ("sums", "products") for key in VERDICTS]
    outs.write(outs.BENCHMARKS, table(exams, outs.BENCHMARKS.schema))
    rows = [
        attempt(key, sample, f"tile {key}{sample}", verdict, benchmark=name)
        for name in ("sums", "products")
        for key, verdicts in VERDICTS.items()
        for sample, verdict in enumerate(verdicts)
    ]
    outs.write(outs.answers("base"), table(rows, outs.answers("base").schema))


def run():
    CliRunner().invoke(stage.main, ["strict"], catch_exceptions=False)
    judged = outs.read(outs.judged("strict"))
    return judged, json.loads(Path("metrics/judges/strict.json").read_text(encoding="utf-8"))


def script(monkeypatch, text):
    """Make every answer of the judge this text: an engine that says nothing else."""

    class Scripted:
        def submit(self, requests):
            self.waiting = [key for key, _ in requests]

        def finished(self):
            done, self.waiting = [(key, Completion(text, 3, "eos")) for key in self.waiting], []
            return done

        def close(self):
            pass

    monkeypatch.setattr(judge, "open_engine", lambda *_: Scripted())


def test_only_undecided_answers_of_named_benchmarks_take_the_judges_word(project, monkeypatch):
    build(share=0.0)
    script(monkeypatch, "Both are tiles.\nVerdict: CORRECT")
    judged, figures = run()
    assert judged.select("benchmark", "source_id", "sample", "rules", "judgement").rows() == [
        ("sums", "a", 0, "undecided", "correct"),
        ("sums", "b", 1, "undecided", "correct"),
    ]
    scores = figures["candidates"]["base"]
    assert set(scores) == {"sums"}
    assert (scores["sums"]["rules"]["pass_at_1"], scores["sums"]["judged"]["pass_at_1"]) == (0.25, 0.75)
    assert figures["agreement"]["answers"] == 0


def test_a_share_of_all_answers_tells_how_far_the_judge_agrees(project, monkeypatch):
    build(share=1.0, benchmarks=("sums", "products"))
    script(monkeypatch, "Verdict: INCORRECT")
    judged, figures = run()
    assert judged.height == 8
    assert judged["shared"].all()
    assert figures["agreement"]["answers"] == 4
    assert figures["agreement"]["false_rejects"]["share"] == 1
    assert figures["agreement"]["false_accepts"]["share"] == 0
    assert figures["candidates"]["base"]["sums"]["judged"] == figures["candidates"]["base"]["sums"]["rules"]


def test_the_share_is_chosen_by_a_hash_and_grows_without_changing_its_members(project, monkeypatch):
    script(monkeypatch, "Verdict: CORRECT")
    chosen = []
    for share in (0.3, 0.8):
        build(share, benchmarks=("sums", "products"))
        judged, _ = run()
        chosen.append(set(judged.filter("shared").select("benchmark", "source_id", "sample").rows()))
    assert chosen[0] < chosen[1]


def test_a_real_model_judges_and_is_not_asked_twice(project, monkeypatch):
    build(share=0.0)
    judged, figures = run()
    assert judged["judgement"].to_list() == ["unparsed", "unparsed"]  # six tokens of random weights
    assert judged["fingerprint"].unique().to_list() == [fingerprint("models/base/tiny")]
    assert figures["candidates"]["base"]["sums"]["settled"] == 0
    with open_store(fingerprint("models/base/tiny")) as store:
        assert set(store.get(judged["key"].to_list())) == set(judged["key"])
    monkeypatch.setattr(judge, "open_engine", lambda *_: pytest.fail("an engine was opened"))
    assert run()[0].equals(judged)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"model": "huge"}, r"judges\.strict\.model = 'huge'"),
        ({"engine": "warp"}, r"judges\.strict\.engine = 'warp'"),
        ({"benchmarks": ["tales"]}, r"judges\.strict\.benchmarks = 'tales'"),
        ({"benchmarks": ["sums", "sums"]}, "judges have sums in common"),
    ],
)
def test_a_judge_of_unknown_names_is_refused(changes, fault):
    spec = {"model": "tiny", "engine": "cpu", "max_tokens": 6, "share": 0.1, "benchmarks": ["sums"], **changes}
    with pytest.raises(ValueError, match=fault):
        params.Params.model_validate({**PARAMS, "judges": {"strict": spec}})

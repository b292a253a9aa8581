"""The scripts fetch, screen, rate, select, collect and answer in a row, with a tiny model of random weights."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from limo import params
from limo.base import tables
from limo.graph import outs, places
from limo.models import load
from stages import answer, collect, decide, fetch, rate, screen, select
from tests import tiny_model
from tests.chains.world import DRAWS, PARAMS, problem, table, write_params

SAMPLED = {**PARAMS["evaluate"]["protocols"]["sampled"], "max_tokens": 4}
PROTOCOLS = {"sampled": SAMPLED, "hot": {**SAMPLED, "temperature": 1.5}, "more": {**SAMPLED, "draws": 3}}
EXAMS = {"sums": ["sampled", "hot", "more"], "products": ["sampled"]}
SHORT = {"sampling": {"temperature": 1.0, "top_p": 1.0, "max_tokens": 4}, "system": "So."}
EVERY = {**DRAWS, **SHORT, "draws": 2, "min_correct": 0, "max_correct": 0}


def run(stage, *arguments):
    CliRunner().invoke(stage.main, list(arguments), catch_exceptions=False)


@pytest.fixture(scope="module")
def p(tmp_path_factory):
    """The params of a project in which the stages ran once, in its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("project"))
        write_params(
            screen=EVERY,
            rate={"rule": "only", "raters": {"tiny": EVERY}},
            teachers={"tutor": {**PARAMS["teachers"]["tutor"], **SHORT, "draws": 2}},
            prompt={"system": "So."},
            evaluate={**PARAMS["evaluate"], "protocols": PROTOCOLS, "benchmarks": EXAMS},
        )
        tiny_model.save(Path("tiny"))
        outs.write(outs.POOL, table([problem(number) for number in (3, 1, 2)], outs.POOL.schema))
        exams = [{**problem(number), "benchmark": name} for name in ("sums", "products") for number in (9, 8)]
        outs.write(outs.BENCHMARKS, table(exams, outs.BENCHMARKS.schema))
        run(fetch, "tiny")
        screen.main()
        run(rate, "tiny")
        run(decide)
        run(select)
        run(collect, "tutor")
        run(answer, "base")
        yield params.load()


def test_fetch_leaves_a_model_with_its_origin(p):
    folder = places.base_model("tiny").path
    assert json.loads(Path(folder, load.POINTER).read_text(encoding="utf-8"))["kind"] == "folder"
    assert load.resolve(folder) == {"pretrained_model_name_or_path": folder}


@pytest.mark.parametrize(
    ("before", "attempts", "after"),
    [
        (outs.POOL, outs.SCREEN_ATTEMPTS, outs.SCREENED),
        (outs.SCREENED, outs.rate_attempts("tiny"), outs.RATED),
    ],
)
def test_a_filter_asks_of_every_problem_and_decides_on_it(p, before, attempts, after):
    asked, decided = outs.read(before), outs.read(after)
    assert decided["id"].to_list() == asked["id"].to_list()
    assert dict(outs.read(attempts).group_by("id").len().iter_rows()) == dict.fromkeys(asked["id"], EVERY["draws"])


def test_select_answers_for_every_question_that_rate_kept(p):
    assert outs.read(outs.QUESTIONS)["id"].to_list() == tables.kept(outs.read(outs.RATED))["id"].to_list()
    assert json.loads(Path(places.DIVERSITY.path).read_text(encoding="utf-8"))["chosen"]["questions"] == 3


def test_a_teacher_writes_chains_for_every_question(p):
    chains = outs.read(outs.taught("tutor", 0))
    assert set(chains["id"]) == set(tables.kept(outs.read(outs.QUESTIONS))["id"])
    assert chains["teacher"].unique().to_list() == ["tutor"]


def test_a_candidate_answers_every_problem_of_every_benchmark(p):
    answered = outs.read(outs.answers("base"))
    expected = [
        (name, protocol, row, sample)
        for name, row, _ in _exams()
        for protocol in EXAMS[name]
        for sample in range(PROTOCOLS[protocol]["draws"])
    ]
    assert answered.select("benchmark", "protocol", "source_id", "sample").rows() == sorted(expected)


def test_protocols_that_ask_alike_share_their_first_draws_and_others_draw_their_own(p):
    said = ("source_id", "sample", "seed", "key", "text", "verdict")
    answered = outs.read(outs.answers("base")).filter(benchmark="sums")
    sampled, hot, more = (answered.filter(protocol=name).select(said) for name in EXAMS["sums"])
    assert more.filter(pl.col("sample") < 2).equals(sampled)
    assert hot["seed"].equals(sampled["seed"])
    assert not set(hot["key"]) & set(more["key"])


def _exams():
    return outs.read(outs.BENCHMARKS).select("benchmark", "source_id", "id").rows()


def test_every_table_is_sorted_by_its_key_which_no_two_rows_share(p):
    made = [out for out in outs.every(p) if isinstance(out, outs.Table) and Path(out.path).exists()]
    assert len(made) == 8 + 2  # eight that stages wrote, two that they read
    for out in made:
        keys = pl.read_parquet(out.path).select(out.key).rows()
        assert keys == sorted(set(keys)), out.path

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from limo import params
from limo.chains import gather as chains
from limo.explain import destination, flow
from limo.graph import outs, schemas
from stages import check, dataset, gather, measure, question_set, round_dataset, score, tiers
from tests.chains.world import PARAMS, attempt, table, write_params
from tests.report import world

TUTOR = PARAMS["teachers"]["tutor"]
CHANGES = {
    "rounds": [0, 1],
    "question_sets": {"simple": {"levels": [1, 2], "sources": ["easy", "hard"], "rows": 4}},
    "teachers": {"tutor": TUTOR, "sd": {**TUTOR, "path": "models/sd", "round": 1}},
    "round_datasets": {
        "seeds": {
            "round": 0,
            "dataset": {"path": "data/rounds/seeds.parquet", "rule": "top", "sources": None, "rows": 3},
        },
        "apart": {
            "round": 0,
            "dataset": {"path": "data/rounds/apart.parquet", "rule": "held_out", "sources": None, "rows": 1},
        },
    },
    "datasets": {
        **PARAMS["datasets"],
        "simple": {
            "path": "data/ablations/simple.parquet",
            "rule": "set",
            "sources": None,
            "questions": "simple",
            "rows": 9,
        },
    },
    "variants": {
        **PARAMS["variants"],
        "sd": {
            **PARAMS["variants"]["limo"],
            "data": "data/rounds/seeds.parquet",
            "validation": "data/rounds/apart.parquet",
        },
    },
    "plan": {**PARAMS["plan"], "teachers": dict.fromkeys(("tutor", "sd"), PARAMS["plan"]["teachers"]["tutor"])},
}
LONG = "We check 3 + 0 = 3. Perhaps it is another, so we verify it: 3 - 0 = 3. Therefore it is \\boxed{3}."


def run(stage, *arguments):
    result = CliRunner().invoke(stage.main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def first_round():
    """Round 0 up to the datasets that are made of it alone."""
    run(gather)
    run(question_set, "simple")
    for stage in (check, measure):
        run(stage, "0")
    for name in CHANGES["round_datasets"]:
        run(round_dataset, name)


def second_round():
    """What the model that round 0 trained would have written, and all that follows."""
    drawn = [attempt("p03", 0, LONG, model="sd"), attempt("p03", 1, world.solutions(3)[0][1], model="sd")]
    outs.write(outs.taught("sd", 1), chains.from_samples(table(drawn, schemas.ATTEMPT), "sd", 1))
    for stage in (check, measure):
        run(stage, "1")
    for stage in (score, tiers):
        run(stage)
    for name in CHANGES["datasets"]:
        run(dataset, name)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        world.build()
        write_params(**CHANGES)
        first_round()
        before = {path: path.read_bytes() for path in Path("data").rglob("*.parquet")}
        second_round()
        yield before


def test_the_second_round_changes_nothing_of_the_first(project):
    assert {Path("data/checked/0.parquet"), Path("data/rounds/seeds.parquet")} <= project.keys()
    assert all(path.read_bytes() == content for path, content in project.items())


@pytest.mark.usefixtures("project")
def test_a_dataset_of_a_round_knows_the_chains_of_that_round_alone():
    seeds, apart = (outs.read(out) for out in list(outs.datasets(params.load()).values())[:2])
    assert seeds.height == 3
    assert set(seeds["round"]) == {0}
    assert sorted(seeds["rank"]) == [1, 2, 3]
    assert not set(seeds["id"]) & set(apart["id"])
    first = outs.read(outs.checked(0)).select("chain_id")
    assert seeds.join(first, on="chain_id", how="anti").is_empty()


@pytest.mark.usefixtures("project")
def test_all_rounds_are_scored_together_and_a_text_of_both_is_of_the_first():
    assert outs.read(outs.checked(1)).height == 2
    scored = outs.read(outs.SCORED)
    assert scored.height == outs.read(outs.checked(0)).height + 1
    assert scored.filter(round=1).select("teacher", "origin", "chain").rows() == [("sd", "sample:0", LONG)]
    shared = chains.chain_id("p03", world.solutions(3)[0][1])
    assert scored.filter(chain_id=shared).select("teacher", "round").rows() == [("solutions", 0)]


@pytest.mark.usefixtures("project")
def test_explain_and_funnel_know_the_rounds():
    p = params.load()
    story = destination.of_problem("p03", p, Path())
    assert {(chain["teacher"], chain["round"]) for chain in story["chains"]} >= {("solutions", 0), ("sd", 1)}
    (shared,) = [chain for chain in story["chains"] if "sd sample:1" in chain["also"]]
    assert shared["round"] == 0
    used = {row["name"]: row for row in destination.uses("p08", destination.of_problem("p08", p, Path()), p, Path())}
    assert used["seeds"]["reason"] == "its rule took no chain of round 0"
    steps = flow.funnel(p, Path())
    assert steps["check"]["rejected"]["identical"] == steps["check"]["in"] - outs.read(outs.SCORED).height
    assert steps["stale"] == []


@pytest.mark.usefixtures("project")
def test_a_set_has_problems_that_were_not_selected_and_a_dataset_of_it_their_best_chains():
    asked = outs.read(outs.question_set("simple"))
    assert asked.height == 4
    assert set(asked["level"]) <= {1, 2}
    told = json.loads(Path(".limo/timings/question_set_simple.json").read_text(encoding="utf-8"))
    assert (told["in"], told["drawn"], told["asked for"]) == (8, 4, 4)
    built = outs.read(outs.datasets(params.load())["simple"])
    assert set(built["id"]) <= set(asked["id"])
    usable = outs.read(outs.TIERS).filter(pl.col("rejected").is_null(), pl.col("id").is_in(asked["id"].to_list()))
    assert dict(built.select("id", "score").iter_rows()) == dict(
        usable.group_by("id").agg(pl.col("score").max()).iter_rows()
    )

import json
from pathlib import Path

import polars as pl
import pytest

from limo.base import tables
from limo.graph import schemas
from tests.system import student, workspace
from tests.system.workspace import Workspace


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    student.train(folder)
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory, model) -> Workspace:
    """A clone in which the whole graph ran once, committed."""
    made = workspace.make(tmp_path_factory.mktemp("done") / "clone", model)
    made.run("dvc", "repro")
    made.commit("The whole graph")
    return made


def _read(made: Workspace, path: str, schema: pl.Schema) -> pl.DataFrame:
    return tables.read(made.folder / path, schema)


def test_a_second_run_has_nothing_to_do(done):
    printed = done.run("dvc", "repro")
    assert "Data and pipelines are up to date" in printed
    assert "Running stage" not in printed
    assert done.run("git", "status", "--porcelain") == ""


def test_every_row_is_kept_or_rejected_with_a_reason(done):
    sources = pl.concat(
        _read(done, f"data/sources/{name}.parquet", schemas.SOURCE) for name in ("sums", "copies", "leaks")
    )
    pool = _read(done, "data/pool.parquet", schemas.POOL)
    refused = _read(done, "data/pool_rejected.parquet", schemas.POOL_REJECTED)
    assert pool.height + refused.height == sources.height
    assert {"duplicate", "contaminated"} <= tables.reasons(refused).keys()

    entering = pool
    for name, schema in (("screened", schemas.SCREENED), ("rated", schemas.RATED), ("questions", schemas.QUESTIONS)):
        decided = _read(done, f"data/{name}.parquet", schema)
        assert sorted(decided["id"]) == sorted(entering["id"]), name
        kept, reasons = tables.kept(decided), tables.reasons(decided)
        assert kept.height + sum(reasons.values()) == decided.height
        assert kept.height > 0, f"{name} keeps nothing"
        assert reasons, f"{name} rejects nothing"
        entering = kept
    assert tables.reasons(_read(done, "data/rated.parquet", schemas.RATED)).keys() == {"too easy", "too hard"}

    scored = _read(done, "data/scored.parquet", schemas.SCORED)
    tiers = _read(done, "data/tiers.parquet", schemas.TIERS)
    assert tables.kept(tiers).height + sum(tables.reasons(tiers).values()) == scored.height
    assert tables.reasons(tiers)["wrong answer"] > 0


def test_the_datasets_differ_in_quality_on_the_same_questions(done):
    levels = [_read(done, f"data/tiers/L{level}.parquet", schemas.DATASET) for level in range(1, 6)]
    assert all(level.height > 0 for level in levels)
    assert len({tuple(sorted(level["id"])) for level in levels}) == 1
    means = [level["score"].mean() for level in levels]
    assert means == sorted(means)
    assert means[0] < means[-1]
    limo = _read(done, "data/limo.parquet", schemas.DATASET)
    random = _read(done, "data/ablations/random.parquet", schemas.DATASET)
    assert limo.height == random.height > 0
    assert set(limo["chain_id"]) != set(random["chain_id"])
    # No question of a benchmark is in a dataset.
    guarded = set(_read(done, "data/benchmarks.parquet", schemas.BENCHMARK)["id"])
    assert not guarded & {*limo["id"], *random["id"]}


def test_training_changes_the_model_and_every_candidate_is_measured(done):
    lock = done.lock()["stages"]
    weights = {name: lock[name]["outs"][0]["md5"] for name in ("fetch@tiny", "train@limo", "train@random")}
    assert len(set(weights.values())) == 3
    for file in ("funnel", "quality", "training", "evaluation"):
        assert json.loads((done.folder / f"metrics/{file}.json").read_text(encoding="utf-8"))
    evaluation = json.loads((done.folder / "metrics/evaluation.json").read_text(encoding="utf-8"))
    assert {"base", "limo", "random"} <= evaluation.keys()
    for candidate in ("base", "limo", "random"):
        answers = _read(done, f"data/answers/{candidate}.parquet", schemas.ANSWER)
        assert answers.group_by("benchmark").len().sort("benchmark").rows() == [("stories", 12), ("sums", 20)]
    page = (done.folder / "data/report/index.html").read_text(encoding="utf-8")
    assert "limo-tiny" in page


@pytest.mark.slow
def test_a_run_that_is_killed_twice_ends_in_the_same_bytes_and_draws_nothing_twice(done, model, tmp_path):
    # A fresh clone: no cache, no run cache, an empty store.
    other = workspace.make(tmp_path / "clone", model)
    screened = done.counts("screen")["drawn"]
    other.kill_when(lambda: sum(other.answers().values()) > screened + 40, "dvc", "repro", "decide")
    at_kill = sum(other.answers().values())
    assert not (other.folder / "data/rated.parquet").exists()
    other.run("dvc", "repro", "decide")
    # The store keeps one answer per key: a second draw of any would make the sum larger.
    assert at_kill + other.counts("rate_tiny")["drawn"] == sum(other.answers().values())

    other.kill_when(lambda: any(other.folder.glob(".limo/checkpoints/**/latest")), "dvc", "repro", "train@limo")
    assert not (other.folder / "models/limo").exists()
    other.run("dvc", "repro")
    assert other.counts("train_limo")["resumed_at"] > 0
    assert other.lock() == done.lock()


@pytest.mark.slow
def test_a_wider_band_draws_only_what_it_needs(done, tmp_path):
    before = done.answers()
    old = _read(done, "data/rate_attempts/tiny.parquet", schemas.ATTEMPT)
    done.run(
        "dvc", "exp", "run", "--temp", "--name", "wider", "--set-param", "rate.raters.tiny.max_correct=4", "decide"
    )
    out = tmp_path / "attempts.parquet"
    done.run("dvc", "get", "--rev", "wider", ".", "data/rate_attempts/tiny.parquet", "--out", str(out))
    new = tables.read(out, schemas.ATTEMPT)
    added = new.join(old, on="key", how="anti")
    assert added.height > 0
    # Only problems that the narrow band had stopped as too easy go on.
    rated = _read(done, "data/rated.parquet", schemas.RATED)
    easy = rated.filter(pl.col("rejected").str.starts_with("too easy"))
    assert set(added["id"]) <= set(easy["id"])
    drawn = sum(done.answers().values()) - sum(before.values())
    # A draw that the lookahead had made already costs nothing; it may make one more per problem again.
    assert drawn <= added.height + added["id"].n_unique()
    assert done.answers().keys() == before.keys()


@pytest.mark.slow
def test_another_recipe_draws_nothing(done):
    before = done.answers()
    changes = ["--set-param", "score.recipe=v1"]
    printed = done.run("dvc", "exp", "run", "--temp", "--name", "weights", *changes, "tiers")
    assert done.answers() == before
    for stage in ("screen", "rate@tiny", "collect@tiny", "check"):
        assert f"Running stage '{stage}'" not in printed
    assert "Running stage 'score'" in printed

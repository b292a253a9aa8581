import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests import tiny_model
from tests.system import product, s3, workspace
from tests.system.test_ablations import PAGE, RECIPES, work_off
from tests.system.workspace import Workspace
from tests.test_readme import COMPARED, branches, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # on a machine with other work
SIZES = {"size-1": 2, "size-2": 4}
NAMES = [*SIZES, "short", "frequencies", "other_base"]


@pytest.fixture(scope="module")
def explored(whole, tmp_path_factory) -> Workspace:
    """A clone of the tiny world that has run the recipes of docs/ablations.md, up to the metrics."""
    made = workspace.copied(whole, tmp_path_factory.mktemp("explored") / "clone")
    other = tiny_model.save(made.folder / ".limo/other")
    for name in ("size", "short", "frequencies", "other_base"):
        made.run(*[word.replace("4,8,12", "2,4").replace("FOLDER", str(other)) for word in RECIPES[name]], "metrics")
    work_off(made)
    assert set(made.run("dvc", "exp", "list", "--name-only").split()) == set(NAMES)
    assert made.run("git", "status", "--porcelain") == ""
    return made


def commit(made: Workspace, name: str) -> str:
    """The commit of an experiment."""
    refs = made.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").splitlines()
    return next(line.split()[0] for line in refs if line.endswith(f"/{name}"))


def outs(made: Workspace, name: str) -> dict[str, str]:
    """The hash of every out in the DVC cache, as dvc.lock has it on `main` or in an experiment."""
    revision = name if name == "main" else commit(made, name)
    lock = yaml.safe_load(made.run("git", "show", f"{revision}:dvc.lock"))
    found = {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}
    return {path: md5 for path, md5 in found.items() if not path.startswith("metrics/")}


def metrics(made: Workspace, name: str, file: str) -> dict:
    revision = name if name == "main" else commit(made, name)
    return json.loads(made.run("git", "show", f"{revision}:metrics/{file}.json"))


def table(made: Workspace, name: str, path: str, folder: Path) -> pl.DataFrame:
    """A table of an experiment, as `dvc get` hands it out."""
    copy = folder / f"{name}.parquet"
    made.run("dvc", "get", "--rev", name, ".", path, "--out", str(copy))
    return pl.read_parquet(copy)


def compared(made: Workspace, *revisions: str) -> list[list[str]]:
    """The cells of `dvc metrics diff`, the head first; it takes the files in any order."""
    head, *rows = (line.split() for line in made.run("dvc", "metrics", "diff", *revisions).splitlines())
    return [head, *sorted(rows)]


def changed(made: Workspace, name: str) -> set[str]:
    before = outs(made, "main")
    return {path for path, md5 in outs(made, name).items() if md5 != before.get(path)}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_a_size_gives_a_dataset_of_it_and_a_model_trained_on_that(explored, tmp_path, name, size):
    best = table(explored, "main", "data/limo.parquet", tmp_path)
    chosen = table(explored, name, "data/limo.parquet", tmp_path)
    assert chosen.equals(best.filter(pl.col("rank") <= size))
    assert chosen.height == size
    assert metrics(explored, name, "funnel")["datasets"]["limo"] == size
    assert metrics(explored, name, "training")["limo"]["examples"] == size
    assert {"models/limo", "data/answers/limo.parquet"} <= changed(explored, name)
    assert not {"data/tiers.parquet", "models/base/tiny", "data/answers/base.parquet"} & changed(explored, name)


@pytest.mark.parametrize("name", ["short", "frequencies"])
def test_score_weights_change_scores_and_ask_nothing_before_them(explored, tmp_path, name):
    keys = ["id", "chain_id"]
    old = table(explored, "main", "data/scored.parquet", tmp_path).sort(keys)
    new = table(explored, name, "data/scored.parquet", tmp_path).sort(keys)
    assert new.select(keys).equals(old.select(keys))
    assert not new["score"].equals(old["score"])
    first = {"data/scored.parquet", "data/tiers.parquet", "data/limo.parquet"}
    assert first <= changed(explored, name)
    earlier = {path for path in outs(explored, "main") if path.startswith(("data/rate", "data/screen", "data/chains"))}
    assert len(earlier) > 4
    assert not earlier & changed(explored, name)


def test_another_base_model_is_trained_on_the_same_data_and_measured_as_the_base(explored, tmp_path):
    made = outs(explored, "other_base")
    assert {"models/base/other", "models/limo", "models/random"} <= changed(explored, "other_base")
    datasets = {path for path in made if path.startswith(("data/tiers/", "data/ablations/", "data/limo"))}
    assert len(datasets) > 5
    assert not datasets & changed(explored, "other_base")
    asked = {name: table(explored, name, "data/answers/base.parquet", tmp_path) for name in ("main", "other_base")}
    assert not set(asked["main"]["fingerprint"]) & set(asked["other_base"]["fingerprint"])
    assert metrics(explored, "other_base", "evaluation").keys() == metrics(explored, "main", "evaluation").keys()


@pytest.fixture
def server(tmp_path) -> Iterator[s3.Server]:
    started = s3.serve(tmp_path / "buckets")
    started.bucket("store")
    yield started
    started.kill()


def pointed(made: Workspace, server: s3.Server) -> Workspace:
    """The same clone, told where its remote is."""
    made.run("dvc", "remote", "modify", "--local", "store", "url", "s3://store/tiny")
    return replace(made, env=made.env | product.keys(server))


def test_an_experiment_goes_to_another_clone_with_its_data_and_becomes_a_branch(explored, server, tmp_path):
    made = pointed(workspace.copied(explored, tmp_path / "clone"), server)
    made.run("git", "init", "--quiet", "--bare", str(tmp_path / "hub.git"))
    made.run("git", "remote", "add", "origin", str(tmp_path / "hub.git"))
    made.run("git", "push", "--quiet", "origin", "main")
    made.run("dvc", "exp", "push", "origin", "size-1")
    stored = s3.objects(server.folder / "store")
    assert {md5.removesuffix(".dir") for md5 in outs(made, "size-1").values()} <= stored.keys()
    assert outs(made, "short")["data/scored.parquet"] not in stored

    made.run("git", "clone", "--quiet", "--branch", "main", str(tmp_path / "hub.git"), str(tmp_path / "other"))
    other = pointed(replace(made, folder=tmp_path / "other"), server)
    assert other.run("dvc", "exp", "list", "origin", "--name-only").split() == ["size-1"]
    other.run("dvc", "exp", "pull", "origin", "size-1")
    server.kill()  # all is here
    other.run("dvc", "exp", "branch", "size-1", "two")
    other.run("git", "switch", "--quiet", "two")
    other.run("dvc", "checkout")
    assert pl.read_parquet(other.folder / "data/limo.parquet").height == SIZES["size-1"]
    assert (other.folder / "models/limo/config.json").is_file()
    assert compared(other, "main", "two")[1:] == compared(made, "main", "size-1")[1:]


def test_gc_keeps_of_experiments_what_it_is_told_to_and_the_rest_can_be_made_again(explored, tmp_path):
    made = workspace.copied(explored, tmp_path / "clone")
    made.run("dvc", "exp", "branch", "size-1", "two")
    made.run("dvc", "exp", "remove", "size-1")
    figures = compared(made, "main", "short")
    made.run("dvc", "gc", "--workspace", "--all-experiments", "--force")
    kept = table(made, "short", "data/scored.parquet", tmp_path)
    assert made.attempt("dvc", "get", "--rev", "two", ".", "data/limo.parquet").returncode != 0

    made.run("dvc", "gc", "--workspace", "--force")
    assert made.attempt("dvc", "get", "--rev", "short", ".", "data/scored.parquet").returncode != 0
    # Figures and parameters are in git, answers in the store, and the workspace has all it had.
    assert compared(made, "main", "short") == figures
    assert "up to date" in made.run("dvc", "status")
    before = made.answers()
    made.attempt("dvc", "exp", "apply", "short")  # complains of what is gone, and applies the rest
    made.run("dvc", "repro", "metrics")
    assert made.answers() == before
    assert pl.read_parquet(made.folder / "data/scored.parquet").equals(kept)
    assert compared(made, "main")[1:] == figures[1:]


def test_the_comparison_of_two_bands_is_that_of_branches_which_have_run(whole, tmp_path):
    made = workspace.copied(whole, tmp_path / "clone")
    lines = PAGE.split("\n## Two bands compared\n")[1].split("```sh\n")[1].split("```")[0].splitlines()
    assert lines.pop() == "python -m tests.test_readme"
    for line in lines:
        made.run("bash", "-ec", line.replace("smollm2", "tiny").replace("max_correct=2", "max_correct=1"))
    printed = [made.attempt("bash", "-ec", command).stdout for command, _ in COMPARED]
    assert "rate.raters.tiny.max_correct  2       1" in printed[0]
    assert "rate.kept" in printed[1]

    # The committed files of the default's branches are compared in such a repository.
    texts = [made.attempt("git", "show", f"{branch}:params.yaml").stdout for branch in ("main", "narrow")]
    folders = [made.folder / "metrics", made.folder / "docs/ablations/narrow"]
    main, narrow = zip(texts, folders, strict=True)
    (tmp_path / "rebuilt").mkdir()
    rebuilt = branches(tmp_path / "rebuilt", main=main, narrow=narrow)
    assert [run(rebuilt, command) for command, _ in COMPARED] == printed

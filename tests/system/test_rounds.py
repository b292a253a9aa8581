import pytest
import yaml

from limo.base import tables
from limo.graph import schemas
from tests.system import student, workspace
from tests.system.workspace import ROOT, Workspace

ROUNDS = yaml.safe_load((ROOT / "profiles/tiny_rounds.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def first_round(tmp_path_factory) -> Workspace:
    """A clone in which round 0 ran, up to what a model of round 1 is trained on."""
    model = tmp_path_factory.mktemp("student")
    student.train(model)
    made = workspace.make(tmp_path_factory.mktemp("rounds") / "clone", model, ROUNDS)
    made.run("dvc", "repro", "round_dataset")
    return made


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_second_round_that_is_killed_in_training_and_in_writing_ends_in_the_same_bytes(first_round, tmp_path):
    killed = workspace.copied(first_round, tmp_path / "killed")
    whole = workspace.copied(first_round, tmp_path / "whole")
    whole.run("dvc", "repro")

    killed.kill_when(lambda: any(killed.folder.glob(".limo/checkpoints/sd-*/latest")), "dvc", "repro", "train@sd")
    assert not (killed.folder / "models/sd").exists()
    killed.run("dvc", "repro", "train@sd")
    assert killed.counts("train_sd")["resumed_at"] > 0

    others = sum(killed.answers().values())
    killed.kill_when(lambda: sum(killed.answers().values()) > others, "dvc", "repro", "collect@sd")
    assert "collect@sd" not in killed.lock()["stages"]
    answered = sum(killed.answers().values())
    killed.run("dvc", "repro", "collect@sd")
    assert answered + killed.counts("collect_sd")["drawn"] == sum(killed.answers().values())
    killed.run("dvc", "repro")
    assert killed.lock() == whole.lock()

    assert "Data and pipelines are up to date" in whole.run("dvc", "repro")
    scored = tables.read(whole.folder / "data/scored.parquet", schemas.SCORED)
    assert {"tiny", "easy", "sd"} <= set(scored["teacher"])
    assert set(scored.filter(teacher="sd")["round"]) == {1}
    assert scored.filter(teacher="sd").height > 0
    assert tables.read(whole.folder / "data/ablations/easy.parquet", schemas.DATASET).height > 0

import json
import sys
from pathlib import Path

import pytest

from tests.system import student, workspace


@pytest.mark.slow
def test_the_tiny_graph_is_proved_from_its_data_and_from_its_attempts(tmp_path):
    student.train(tmp_path / "student")
    made = workspace.make(tmp_path / "clone", tmp_path / "student")
    made.run("dvc", "repro")
    made.commit("The whole graph")
    outs = {out["path"]: name for name, stage in made.lock()["stages"].items() for out in stage["outs"]}

    data = _proof(made, tmp_path / "data.json", "--data")
    assert data["holds"]
    assert {out["stage"].partition("@")[0] for out in data["outs"]} == {"acquire", "benchmarks", "pool", "audit"}
    assert data["hardware"] == []

    replayed = _proof(made, tmp_path / "replay.json", "--replay")
    assert replayed["holds"]
    states = {out["path"]: out["state"] for out in replayed["outs"]}
    models = {"fetch", "screen", "rate", "collect", "train", "answer"}
    assert states == {out: "taken" if stage.partition("@")[0] in models else "identical" for out, stage in outs.items()}
    # Made a minute ago on this machine: what training and sampling recorded is what they would record now.
    measured = {"data/screen_attempts.parquet", "data/rate_attempts/tiny.parquet"} | {
        out for out in outs if out.startswith(("data/answers/", "data/training/"))
    }
    assert {path for unit in replayed["hardware"] for path in unit["outs"]} == measured
    assert all(unit["recorded"] == unit["present"] for unit in replayed["hardware"])


def _proof(made: workspace.Workspace, file: Path, *arguments: str) -> dict:
    made.run(sys.executable, "-m", "limo.cli", "verify", "--json", str(file), *arguments)
    return json.loads(file.read_text(encoding="utf-8"))

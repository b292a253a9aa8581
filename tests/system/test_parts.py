import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from limo.base import tables
from limo.graph import schemas
from tests.system import student, workspace
from tests.system.workspace import ROOT

TINY = yaml.safe_load((ROOT / "profiles/tiny.yaml").read_text(encoding="utf-8"))


def left_out(profile: str) -> dict[str, object]:
    """The sections that a profile leaves empty, as it writes them."""
    values = yaml.safe_load((ROOT / f"profiles/{profile}.yaml").read_text(encoding="utf-8"))
    few = {"evaluate", "screen", "score", "pool"}
    return {
        key: value
        for key, value in values.items()
        if not value or (key in few and len(value) <= 2) or (key == "rate" and not value["raters"])
    }


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    student.train(folder)
    return folder


def test_without_training_and_evaluation_the_graph_runs_and_says_so(tmp_path, model):
    changes = left_out("curation")
    assert {"train", "variants", "candidates", "evaluate", "prompt", "plan"} <= changes.keys()
    changes["datasets"] = {name: TINY["datasets"][name] for name in ("limo", "validation")}
    made = workspace.make(tmp_path / "clone", model, changes)
    made.run("dvc", "repro")
    assert "Data and pipelines are up to date" in made.run("dvc", "repro")
    assert tables.read(made.folder / "data/limo.parquet", schemas.DATASET).height > 0
    for name in ("training", "evaluation"):
        assert json.loads((made.folder / f"metrics/{name}.json").read_text(encoding="utf-8")) == {}
    page = (made.folder / "data/report/index.html").read_text(encoding="utf-8")
    assert "Nothing was trained" in page
    assert "Nothing was measured" in page
    assert "Nothing is reckoned" in page
    manifest = json.loads((made.folder / "data/release/manifest.json").read_text(encoding="utf-8"))
    assert manifest["datasets"].keys() == {"limo", "validation"}
    assert manifest["models"] == {}
    refused = made.attempt("python", "-m", "limo.cli", "plan")
    assert refused.returncode != 0
    assert "section plan of params.yaml is empty" in refused.stderr


def test_without_curation_a_model_is_trained_on_own_data_and_measured(tmp_path, model):
    changes = left_out("training")
    assert {"sources", "teachers", "pool", "select", "tiers", "datasets", "release"} <= changes.keys()
    data, held_out = "data/raw/mine.jsonl", "data/raw/held_out.parquet"
    changes |= {
        "variants": {"mine": {"data": data, "model": "tiny", "validation": held_out, "train": {}}},
        "train": TINY["train"],
    }
    made = workspace.make(tmp_path / "clone", model, changes)
    (made.folder / "data/raw").mkdir(parents=True)
    lessons = [{"question": f"What is {n} + 1?", "solution": f"It is \\boxed{{{n + 1}}}."} for n in range(8)]
    (made.folder / data).write_text("".join(json.dumps(row) + "\n" for row in lessons[:6]), encoding="utf-8")
    pl.DataFrame(lessons[6:]).write_parquet(made.folder / held_out)
    made.run("dvc", "repro", "train")
    record = json.loads((made.folder / "data/training/mine.json").read_text(encoding="utf-8"))
    assert record["examples"] == 6
    assert record["validation_examples"] == 2
    assert (made.folder / "models/mine/model.safetensors").exists()

    measured = {key: {**TINY[key]} for key in ("engines", "benchmarks", "answers", "generation", "evaluate")}
    measured["evaluate"] |= {"comparisons": {}}
    changes |= measured | {"pool": {"max_characters": 400}, "candidates": {"mine": "models/mine"}}
    (made.folder / "params.yaml").write_text(yaml.safe_dump(TINY | changes, sort_keys=False), encoding="utf-8")
    assert "Stage 'train@mine' didn't change" in made.run("dvc", "repro", "answer")
    assert tables.read(made.folder / "data/answers/mine.parquet", schemas.ANSWER).height == 2 * (10 + 6)

    pl.DataFrame(lessons[5:]).write_parquet(made.folder / held_out)
    assert "questions of data/raw/held_out.parquet are trained" in made.attempt("dvc", "repro", "train").stderr

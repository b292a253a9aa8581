import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from safetensors.numpy import save_file
from transformers import AutoModelForCausalLM

from limo.release import checksums
from tests import tiny_model


def test_hashes_are_those_of_dvc(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = Path("models/a")
    (model / "deep").mkdir(parents=True)
    # DVC sorts paths as text, where "deep.txt" comes before "deep/x"; the parts of paths sort the other way.
    for name in ("deep.txt", "deep/x", "config.json"):
        (model / name).write_text(name, encoding="utf-8")
    dvc = Path(sys.executable).with_name("dvc")
    places = {f"DVC_{kind}_DIR": str(tmp_path / kind) for kind in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG")}
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", **places}
    for command in (["init", "--no-scm", "--quiet"], ["add", "--quiet", "models/a", "dvc.file"]):
        Path("dvc.file").write_text("table", encoding="utf-8")
        subprocess.run([dvc, *command], env=environment, check=True)
    folder, file = (
        yaml.safe_load(Path(f"{name}.dvc").read_text(encoding="utf-8"))["outs"][0] for name in ("models/a", "dvc.file")
    )
    assert checksums.folder_md5(model, checksums.folder(model)) == folder["md5"]
    assert checksums.entry(Path("dvc.file"), "dvc.file")["md5"] == file["md5"]


def test_a_model_has_as_many_parameters_as_transformers_counts(tmp_path):
    folder = tiny_model.save(tmp_path / "model")
    counted = sum(found.get("parameters", 0) for found in checksums.folder(folder))
    assert counted == AutoModelForCausalLM.from_pretrained(folder).num_parameters()


def test_the_schema_of_weights_is_that_of_their_tensors_not_of_their_values(tmp_path):
    import numpy as np

    for name, array in {
        "a": np.zeros((2, 3), np.float32),
        "b": np.ones((2, 3), np.float32),
        "c": np.zeros((3, 2), np.float32),
    }.items():
        save_file({"weight": array}, tmp_path / f"{name}.safetensors")
    a, b, c = (checksums.entry(tmp_path / f"{name}.safetensors", name) for name in "abc")
    assert (a["parameters"], a["schema"] == b["schema"], a["schema"] == c["schema"]) == (6, True, False)
    assert a["sha256"] != b["sha256"]


def test_the_schema_of_a_table_changes_with_a_column_or_its_type(tmp_path):
    schemas = []
    for number, column in enumerate((pl.Series("a", [1]), pl.Series("a", [2]), pl.Series("a", ["1"]))):
        column.to_frame().write_parquet(tmp_path / f"{number}.parquet")
        found = checksums.entry(tmp_path / f"{number}.parquet", "x")
        assert found["rows"] == 1
        schemas.append(found["schema"])
    assert schemas[0] == schemas[1] != schemas[2]


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no file: run `dvc repro`"):
        checksums.folder(tmp_path)

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from huggingface_hub import DatasetCard, ModelCard
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM

from limo.graph.schemas import DATASET
from limo.release import facts, gate
from stages import release
from tests.chains.world import PARAMS, write_params
from tests.release import world

ROOT = Path(__file__).parents[2]
OUT = Path("data/release")
MIT_ALONE = {**PARAMS["release"], "redistributable": ["MIT"]}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the stage ran once, in an absolute place that no out may name."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        world.build()
        world.run(release)
    return folder


@pytest.fixture
def here(project, monkeypatch):
    """That folder, with its params and release as they were after the test."""
    monkeypatch.chdir(project)
    yield project
    write_params()
    world.run(release)


@pytest.fixture
def withheld(here):
    """The same release without the text of rows that are not under MIT."""
    write_params(release={**MIT_ALONE, "on_restricted": "withhold"})
    world.run(release)
    return here


def manifest():
    return json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))


def contents():
    return {file.as_posix(): file.read_bytes() for file in sorted(OUT.rglob("*")) if file.is_file()}


def released(name):
    return OUT / "datasets" / name / f"{name}.parquet"


def test_the_stage_tracks_the_inputs_and_sections_that_it_reads():
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["release"]
    assert sorted(stage["params"]) == sorted(facts.SECTIONS)
    assert {out.path for out in facts.INPUTS} <= set(stage["deps"])


def test_the_manifest_names_every_file_with_its_hash(here):
    found = {entry["path"]: entry for entry in manifest()["files"]}
    beside = {"data/release/manifest.json", "data/release/SHA256SUMS"}
    models = {file.as_posix() for name in PARAMS["variants"] for file in Path("models", name).iterdir()}
    assert found.keys() == (contents().keys() - beside) | models
    for path, entry in found.items():
        data = Path(path).read_bytes()
        assert (entry["sha256"], entry["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    tables = [entry for path, entry in found.items() if path.endswith(".parquet")]
    assert [entry["rows"] for entry in tables] == [2, 2, 3, 3, 1]
    assert len({entry["schema"] for entry in tables}) == 1


def test_sha256sum_alone_checks_a_release(here):
    check = ["sha256sum", "--check", "--strict", "data/release/SHA256SUMS"]
    done = subprocess.run(check, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK\n") == len(manifest()["files"]) + 1
    card = OUT / "datasets/limo/README.md"
    card.write_text(card.read_text(encoding="utf-8") + "forged", encoding="utf-8")
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "data/release/datasets/limo/README.md: FAILED" in done.stdout


def test_a_permitted_dataset_is_released_byte_for_byte(here):
    for name, spec in PARAMS["datasets"].items():
        assert released(name).read_bytes() == Path(spec["path"]).read_bytes()


@pytest.mark.parametrize("mode", ["here", "withheld"])
def test_other_libraries_read_the_released_tables(mode, request, tmp_path):
    request.getfixturevalue(mode)
    expected = DATASET if mode == "here" else gate.WITHHELD
    for name in PARAMS["datasets"]:
        table = pl.read_parquet(released(name))
        assert table.schema == expected
        # As a file, and as a hub reads the folder: by the configuration in its card.
        for path, files in (("parquet", str(released(name))), (str(released(name).parent), None)):
            read = datasets.load_dataset(path, data_files=files, split="train", cache_dir=str(tmp_path / name))
            assert read.to_list() == table.to_dicts()


def test_transformers_and_safetensors_read_the_models(here):
    for name, entry in manifest()["models"].items():
        assert AutoConfig.from_pretrained(entry["path"]).model_type == "llama"
        assert AutoModelForCausalLM.from_pretrained(entry["path"]).num_parameters() == entry["parameters"]
        with safe_open(Path(entry["path"]) / "model.safetensors", framework="numpy") as weights:
            assert list(weights.keys())
        assert (OUT / "models" / name / "README.md").is_file()


def test_hubs_read_every_card(here):
    for name in PARAMS["datasets"]:
        assert DatasetCard.load(OUT / "datasets" / name / "README.md").data.configs
    for name in PARAMS["variants"]:
        assert ModelCard.load(OUT / "models" / name / "README.md").data.eval_results


def test_rows_that_may_not_be_released_stop_it_and_leave_the_last_release(here):
    before = contents()
    write_params(release=MIT_ALONE)
    with pytest.raises(ValueError, match=r"rows may not be released:\n  dataset limo, id p\d\d, source hard"):
        CliRunner().invoke(release.main, catch_exceptions=False)
    assert contents() == before


def test_withheld_text_is_nowhere_in_the_release(withheld):
    before = pl.concat(pl.read_parquet(spec["path"]) for spec in PARAMS["datasets"].values())
    secret = before.filter(pl.col("licence") != "MIT")
    assert secret.height > 0
    after = pl.concat(pl.read_parquet(released(name)) for name in PARAMS["datasets"])
    assert after["chain_id"].to_list() == before["chain_id"].to_list()
    assert after.filter("withheld")["chain_id"].to_list() == secret["chain_id"].to_list()
    for column in ("question", "solution", "answer"):
        assert after[column].null_count() == secret.height
    for text in secret["question"]:
        assert not [path for path, data in contents().items() if text.encode() in data]
    assert sum(entry["withheld"] for entry in manifest()["datasets"].values()) == secret.height
    assert "examples is withheld" in (OUT / "models/limo/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["here", "withheld"])
def test_no_text_of_a_benchmark_is_in_the_release(mode, request):
    request.getfixturevalue(mode)
    for text in world.benchmarks()["question"]:
        assert not [path for path, data in contents().items() if text.encode() in data]


def test_the_identity_follows_inputs_and_params(here):
    first = manifest()["identity"]
    world.run(release)
    assert manifest()["identity"] == first
    write_params(release={**PARAMS["release"], "version": "1.2.4"})
    world.run(release)
    second = manifest()["identity"]
    table = pl.read_parquet("data/limo.parquet")
    try:
        table.with_columns(pl.col("score") / 2).write_parquet("data/limo.parquet")
        world.run(release)
    finally:
        third = manifest()["identity"]
        world.tables.write(table, "data/limo.parquet", DATASET, ["id"])
    assert len({first, second, third}) == 3


def test_a_missing_table_is_named_with_the_command_that_makes_it(here):
    audited = Path("metrics/problems.json")
    text = audited.read_text(encoding="utf-8")
    audited.unlink()
    try:
        with pytest.raises(FileNotFoundError, match=r"metrics/problems\.json is missing: run `dvc repro audit`"):
            CliRunner().invoke(release.main, catch_exceptions=False)
    finally:
        audited.write_text(text, encoding="utf-8")


def test_another_process_elsewhere_writes_the_same_bytes_and_no_place(here, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(here, other, ignore=shutil.ignore_patterns("release"))
    setting = {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "3", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-m", "stages.release"]
    subprocess.run(command, cwd=other, env={**os.environ, **setting}, check=True, capture_output=True)
    mine = contents()
    theirs = {
        path.relative_to(other).as_posix(): path.read_bytes()
        for path in other.glob("data/release/**/*")
        if path.is_file()
    }
    assert mine == theirs
    assert not [path for path, data in mine.items() if str(here).encode() in data]


@pytest.mark.parametrize("mode", ["here", "withheld"])
def test_mlcroissant_finds_no_fault_and_reads_every_row(mode, request):
    mlcroissant = pytest.importorskip("mlcroissant", reason="a development dependency: make setup")
    request.getfixturevalue(mode)
    metadata = mlcroissant.Dataset(jsonld=OUT / "croissant.json")
    assert not metadata.metadata.issues.errors
    for name in PARAMS["datasets"]:
        table = pl.read_parquet(released(name)).to_dicts()
        read = list(metadata.records(name))
        for column in ("chain_id", "question"):
            values = [record[f"{name}/{column}"] for record in read]
            assert [value and value.decode() for value in values] == [row[column] for row in table]

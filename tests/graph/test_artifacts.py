from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.parsing import ResolveError
from dvc.repo import Repo
from gto.constants import check_string_is_valid

from limo import params
from limo.graph import outs
from tests.graph import resolved

ROOT = Path(__file__).parents[2]
ARTIFACTS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]

LEVELS = {f"l{level}-dataset" for level in range(1, 6)}


def expected(p: params.Params) -> dict[str, tuple[str, str]]:
    """What dvc.yaml has to list: artifact to type and path."""
    datasets = {artifact(name, "dataset"): ("dataset", dataset.path) for name, dataset in p.datasets.items()}
    trained = {artifact(name, "model"): ("model", f"models/{name}") for name in p.variants}
    measured = {artifact(name, "model"): ("model", path) for name, path in p.candidates.items()}
    return datasets | trained | measured


def artifact(name: str, kind: str) -> str:
    """The name of an entry in the form that DVC allows."""
    return f"{name.lower().replace('_', '-')}-{kind}"


def complaints(wanted: dict[str, tuple[str, str]], listed: dict[str, dict[str, Any]]) -> list[str]:
    """What to change in dvc.yaml so that it lists what is wanted."""
    found = {name: (entry.get("type"), entry.get("path")) for name, entry in listed.items()}
    missing = [
        f"add under artifacts of dvc.yaml: {name}: {{path: {path}, type: {kind}, desc: …, labels: […]}}"
        for name, (kind, path) in wanted.items()
        if found.get(name) != (kind, path)
    ]
    idle = [
        f"drop from artifacts of dvc.yaml: {name}, which params.yaml does not have"
        for name in found.keys() - wanted.keys()
    ]
    return missing + sorted(idle)


def test_every_dataset_variant_and_candidate_is_an_artifact():
    assert complaints(expected(params.load(ROOT / "params.yaml")), ARTIFACTS) == []


def test_a_complaint_says_what_to_write():
    wanted = {"top-2": ("dataset", "data/top.parquet")}
    assert complaints(wanted, {"old-model": {"type": "model", "path": "models/old"}}) == [
        "add under artifacts of dvc.yaml: top-2: {path: data/top.parquet, type: dataset, desc: …, labels: […]}",
        "drop from artifacts of dvc.yaml: old-model, which params.yaml does not have",
    ]


NO_TRAINING = {
    *LEVELS,
    "champ-dataset",
    "random-dataset",
    "top-4-dataset",
    "top-8-dataset",
    "limo-model",
    "random-model",
}
# What dvc.yaml lists and a profile does not make: `dvc artifacts get` says there that the path is not in the project.
LACKS = {
    "params": set(),
    "champ": NO_TRAINING,
    "curation": NO_TRAINING,
    "limo_v1": {"champ-dataset", "top-4-dataset", "top-8-dataset", "base-model"},
    "limo_v2": {"champ-dataset", "top-4-dataset", "top-8-dataset", "base-model"},
    "one_gpu": {*LEVELS, "champ-dataset", "top-4-dataset", "top-8-dataset", "base-model"},
    "own": NO_TRAINING | {"base-model"},
    "smollm2_full": {"champ-dataset", "top-4-dataset", "top-8-dataset"},
    "tiny": {"champ-dataset", "top-4-dataset", "top-8-dataset", "base-model"},
    "tiny_rounds": {"champ-dataset", "top-4-dataset", "top-8-dataset", "base-model"},
    "training": {*ARTIFACTS} - {"base-model"},
}


@pytest.mark.parametrize("file", resolved.PARAMS, ids=lambda file: file.stem)
def test_an_artifact_is_an_out_of_every_profile_but_those_that_lack_it(file):
    made = {out.path for out in outs.every(params.load(file))}
    assert {name for name, artifact in ARTIFACTS.items() if artifact["path"] not in made} == LACKS[file.stem]


def test_dvc_reads_no_artifact_where_params_lacks_a_key_of_one(tmp_path):
    """So paths are written out: as ${datasets.top_4.path} one would stop every command under most profiles."""
    (tmp_path / "params.yaml").write_text("datasets: {limo: {path: data/limo.parquet}}\n", encoding="utf-8")
    text = "vars: [params.yaml]\nartifacts:\n  mine: {path: '${datasets.NAME.path}'}\n"
    with Repo.init(str(tmp_path), no_scm=True) as repo:
        (tmp_path / "dvc.yaml").write_text(text.replace("NAME", "limo"), encoding="utf-8")
        assert next(iter(repo.artifacts.read().values()))["mine"].path == "data/limo.parquet"
    (tmp_path / "dvc.yaml").write_text(text.replace("NAME", "top_4"), encoding="utf-8")
    with Repo(str(tmp_path)) as repo, pytest.raises(ResolveError):
        assert repo.index.stages


@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact_has_a_name_that_tags_can_have_and_says_what_it_is(name):
    assert check_string_is_valid(name)
    assert len(ARTIFACTS[name]["desc"]) > 20
    assert "mathematics" in ARTIFACTS[name]["labels"]

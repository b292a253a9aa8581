from pathlib import Path
from typing import Any

import pytest
import yaml
from gto.constants import check_string_is_valid

from limo import params

ROOT = Path(__file__).parents[2]
ARTIFACTS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]


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


@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact_has_a_name_that_tags_can_have_and_says_what_it_is(name):
    assert check_string_is_valid(name)
    assert len(ARTIFACTS[name]["desc"]) > 20
    assert "mathematics" in ARTIFACTS[name]["labels"]

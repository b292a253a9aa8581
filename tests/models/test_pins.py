import difflib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from limo import params
from limo.models import pins
from tests.models.hub import Hub, served

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "profiles/limo_v2.yaml"
MISSING = "Qwen/Qwen2.5-72B-Instruct"


def limo(hub, folder, *arguments):
    command = [sys.executable, "-m", "limo.cli", *map(str, arguments)]
    environment = hub.environment(folder / "home") | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def hub():
    """A hub that has every repository of the paper's profile but one."""
    entries = pins.unpinned(PAPER.read_text(encoding="utf-8"))
    files = {(entry.kind, entry.repo): {"README.md": b"#"} for entry in entries if entry.repo != MISSING}
    cards = {
        "AI-MO/NuminaMath-CoT": {"license": "apache-2.0"},
        "Qwen/Qwen2.5-3B-Instruct": {"license": "other", "license_name": "qwen-research"},
        "Qwen/QwQ-32B": {"license": "apache-2.0"},
    }
    with served(Hub(files, cards)) as made:
        yield made


def test_a_profile_is_pinned_in_place_and_nothing_else_of_it_changes(hub, tmp_path):
    shutil.copy(PAPER, tmp_path / "params.yaml")
    before = PAPER.read_text(encoding="utf-8")
    done = limo(hub, tmp_path, "pin")
    after = (tmp_path / "params.yaml").read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    found = {line[1:].strip().split(":")[0] for line in changed}
    assert found == {"revision", "licence"}
    assert before.count("revision: unpinned") == after.count("revision: unpinned") + after.count("revision: ") - 2
    assert done.returncode == 2
    assert f"models.qwen2_5_72b_instruct: model {MISSING} cannot be looked up" in done.stderr
    p = params.load(tmp_path / "params.yaml")
    assert p.models["qwq_32b"].revision == hub.commit("Qwen/QwQ-32B")
    assert p.models["limo_published"].revision == params.load(PAPER).models["limo_published"].revision
    assert p.sources["numinamath"].licence == "Apache-2.0"
    assert p.models["qwen2_5_3b_instruct"].licence == "Qwen-Research"
    assert "licence Apache-2.0, where the file said CC-BY-NC-4.0" in done.stdout
    assert "licence MIT as the file says: the hub names none" in done.stdout


def test_what_is_pinned_is_not_asked_for_again(hub, tmp_path):
    hub.files["model", MISSING] = {}
    shutil.copy(PAPER, tmp_path / "params.yaml")
    assert limo(hub, tmp_path, "pin").returncode == 0
    before, asked = (tmp_path / "params.yaml").read_bytes(), len(hub.asked)
    again = limo(hub, tmp_path, "pin")
    assert (again.returncode, again.stdout) == (0, "pinned 0 of 0 in params.yaml\n")
    assert ((tmp_path / "params.yaml").read_bytes(), len(hub.asked)) == (before, asked)


BLOCK = """
models:
  m:
    kind: hub
    repo: a/b   # here
    revision: 'unpinned'   # a
    licence: "M\\"IT"  # x
"""
COMMIT = pins.Commit("a" * 40, "Some licence, or other")


@pytest.mark.parametrize(
    "text",
    [
        "models:\n  m: {kind: hub, repo: a/b, revision: unpinned, licence: MIT}   # a comment\n",
        BLOCK,
        "benchmarks:\n  b:\n    source: {kind: hub, repo: a/b,\n      revision: unpinned, licence: 'it''s'}\n",
        "models:\n  m: {licence: MIT, kind: hub, repo: a/b, revision: unpinned}\n  n: {kind: hub, revision: 'no'}\n",
    ],
)
def test_flow_and_block_quoted_and_plain_are_changed_where_they_stand(text):
    (entry,) = pins.unpinned(text)
    after = pins.pinned(text, {entry.key: COMMIT})
    expected = yaml.safe_load(text)
    node = expected
    for key in entry.key.split("."):
        node = node[key]
    node |= {"revision": COMMIT.revision, "licence": COMMIT.licence}
    assert yaml.safe_load(after) == expected
    assert after.count("#") == text.count("#")


def test_models_are_told_from_data_sets():
    text = PAPER.read_text(encoding="utf-8")
    kinds = {entry.key.split(".")[0]: entry.kind for entry in pins.unpinned(text)}
    assert kinds == {"models": "model", "sources": "dataset"}

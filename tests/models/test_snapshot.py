import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from limo import params
from limo.models import snapshot
from tests.models.hub import Hub, served

ROOT = Path(__file__).parents[2]
ROWS = "".join(f'{{"problem": "{n} + 1?", "answer": "{n + 1}"}}\n' for n in range(30)).encode()
WEIGHTS = bytes(range(256)) * 400
FILES = {
    ("model", "owner/small"): {
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        "model.safetensors": WEIGHTS,
        "pytorch_model.bin": b"x" * 300,
    },
    ("model", "owner/large"): {"tokenizer.json": b"{}", "model-00001-of-00163.safetensors": b"y" * 300},
    ("dataset", "owner/rows"): {"README.md": b"---\nlicense: mit\n---\n", "train.jsonl": ROWS},
}
HUB_SOURCE = {
    "kind": "hub",
    "repo": "owner/rows",
    "config": None,
    "split": "train",
    "fields": {"id": None, "question": "problem", "answer": "answer", "solution": None, "domain": None, "level": None},
    "answer_from": "field",
    "where": {},
    "limit": None,
    "licence": "MIT",
}


@pytest.fixture
def hub():
    with served(Hub({key: dict(files) for key, files in FILES.items()})) as made:
        yield made


@pytest.fixture
def project(hub, tmp_path):
    """A curation that reads a model to count tokens and screen with, one that a server runs, and a source of a hub."""
    values = yaml.safe_load((ROOT / "profiles/own.yaml").read_text(encoding="utf-8"))
    values["models"] = {
        name: {"kind": "hub", "repo": f"owner/{name}", "revision": hub.commit(f"owner/{name}"), "licence": "MIT"}
        for name in ("small", "large")
    }
    engine = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["engines"]
    values["engines"]["here"] = next(spec for spec in engine.values() if spec["kind"] == "transformers")
    values["screen"]["engine"] = "here"
    name = next(iter(values["sources"]))
    values["sources"] = {name: HUB_SOURCE | {"revision": hub.commit("owner/rows")}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    return tmp_path


def run(hub, folder, *arguments, **environment):
    settings = (
        hub.environment(folder / "home") | {"PYTHONPATH": str(ROOT), "HF_HUB_DOWNLOAD_TIMEOUT": "5"} | environment
    )
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)


def limo(hub, folder, *arguments, **environment):
    return run(hub, folder, "-m", "limo.cli", *arguments, **environment)


def got(hub, path):
    return [asked for asked in hub.asked if asked.startswith("GET") and path in asked]


def test_what_a_run_reads_is_brought_once_and_is_there_without_a_network(hub, project):
    before = limo(hub, project, "fetch")
    assert before.returncode == 2
    assert before.stderr.count("is not there: run `limo fetch --download`") == 3
    assert hub.asked == []
    done = limo(hub, project, "fetch", "--download")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("every hash as it is stated") == 3
    assert f"model owner/large at {hub.commit('owner/large')}, without weights: there" in done.stdout
    assert not got(hub, "pytorch_model.bin")
    assert not got(hub, "00163")
    asked = len(got(hub, "resolve"))
    assert limo(hub, project, "fetch", "--download").returncode == 0
    assert len(got(hub, "resolve")) == asked
    hub.files.clear()
    offline = limo(hub, project, "fetch", HF_HUB_OFFLINE="1")
    assert (offline.returncode, offline.stdout.count(": there")) == (0, 3)
    code = (
        "from limo import params; from limo.sources import rows;"
        "s = next(iter(params.load().sources.values())); print(rows.rows('x', s, 99)['question'].to_list()[:2])"
    )
    assert run(hub, project, "-c", code, HF_HUB_OFFLINE="1").stdout == "['0 + 1?', '1 + 1?']\n"


@pytest.mark.slow
def test_a_download_that_broke_off_goes_on_where_it_was_and_after_an_end_with_the_files_that_lack(hub, project):
    hub.files["model", "owner/small"]["model.safetensors"] = WEIGHTS * 240  # the client writes 10 MiB at a time
    hub.cut, hub.dies = 12_000_000, True
    broken = limo(hub, project, "fetch", "--download")
    assert broken.returncode == 2
    assert "model owner/small" in broken.stderr
    assert "whole files stay, run again" in broken.stderr
    hub.dies = hub.down = False
    hub.asked.clear()
    assert limo(hub, project, "fetch", "--download").returncode == 0
    (file,) = {asked.split(" bytes")[0] for asked in got(hub, "owner/small/resolve")}
    assert file.endswith("model.safetensors")
    assert got(hub, "model.safetensors")[1:] == [f"{file} bytes={part * (10 << 20)}-" for part in (1, 2)]


def test_bytes_that_the_hub_does_not_state_are_refused_and_removed(hub, project):
    hub.forged.add("model.safetensors")
    refused = limo(hub, project, "fetch", "--download")
    assert refused.returncode == 2
    assert "model.safetensors has sha256" in refused.stderr
    assert refused.stdout.count(": there") == 2
    hub.forged.clear()
    assert limo(hub, project, "fetch", "--download").returncode == 0


def test_weights_are_wanted_of_models_that_are_loaded_alone():
    p = params.load(ROOT / "profiles/limo_v2.yaml")
    wanted = {each.repo: each for each in snapshot.repositories(p) if each.kind == "model"}
    without = {repo for repo, each in wanted.items() if "*.safetensors" not in each.patterns}
    assert without == {"deepseek-ai/DeepSeek-R1"}
    assert len(wanted) == len(p.models)
    assert sum(each.kind == "dataset" for each in snapshot.repositories(p)) == len(p.sources)

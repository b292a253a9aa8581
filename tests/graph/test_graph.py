import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from limo import params
from limo.graph.deps import reached

ROOT = Path(__file__).parents[2]
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PARAMS = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]
each_stage = pytest.mark.parametrize("stage", sorted(STAGES))


def body(stage: str) -> dict[str, Any]:
    """The stage's definition, of one instance for a foreach stage."""
    return STAGES[stage].get("do", STAGES[stage])


@each_stage
def test_a_stage_says_what_it_does_and_names_its_outs(stage):
    found = body(stage)
    assert len(found["desc"]) > 20
    assert found["cmd"].split("$")[0].strip() == f"python -m stages.{stage}"
    assert found.get("outs") or found.get("metrics")


@each_stage
def test_params_are_sections_or_leaves_never_the_whole_file(stage):
    for key in body(stage).get("params", []):
        assert isinstance(key, str), "a mapping names another file or, with a null, all of it"
        assert key.split(".")[0] in params.Params.model_fields


# Read, but of no byte of an out: when to give up, and what is spent so far.
IDLE = {stage: {"generation", "plan"} for stage in ("screen", "rate", "collect", "answer")}


@each_stage
def test_every_section_that_a_stage_reads_is_among_its_params(stage):
    """Sections read as `p.SECTION` in the script and in what it hands `p` to; `load()` itself validates all of them."""
    read = set(sections(ROOT / f"stages/{stage}.py", "main", set()))
    tracked = {key.split(".")[0] for key in body(stage).get("params", [])}
    assert read - tracked == IDLE.get(stage, set())
    assert read or not tracked


def sections(file: Path, name: str, seen: set[tuple[Path, str]]) -> Iterator[str]:
    """The sections of params that a function reads, itself or through functions that it hands all of them to."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None or (file, name) in seen:
        return
    seen.add((file, name))
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and is_params(node.value) and node.attr in params.Params.model_fields:
            yield node.attr
        if isinstance(node, ast.Call) and any(map(is_params, node.args)):
            called = place(tree, file, ast.unparse(node.func))
            yield from sections(*called, seen) if called else ()


def is_params(node: ast.expr) -> bool:
    """Whether an expression stands for the parameters: a name that they are given, or params.load()."""
    if isinstance(node, ast.Name):
        return node.id in {"p", "params"}
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "params.load"


def place(tree: ast.Module, file: Path, called: str) -> tuple[Path, str] | None:
    """File and name of a function of limo that a module calls by this name."""
    first, _, rest = called.partition(".")
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            if (alias.asname or alias.name) == first:
                dotted = f"{node.module}.{alias.name}" if rest else str(node.module)
                return ROOT / f"{dotted.replace('.', '/')}.py", rest or alias.name
    return None if rest else (file, first)


KINDS = {
    "limo/models/fetch.py": "fetching",
    "limo/generation/sampler.py": "sampling",
    "limo/own/judge.py": "sampling",
    "limo/training/loop.py": "training",
}


@each_stage
def test_a_stage_that_samples_fetches_or_trains_is_marked_and_no_other(stage):
    """`limo verify` replays these: whatever made them may not be here."""
    reaches = {kind for file, kind in KINDS.items() if file in reached(f"stages/{stage}.py", ROOT)}
    assert {body(stage).get("meta", {}).get("kind")} == (reaches or {None})


@each_stage
def test_a_stage_has_a_script_and_a_documentation_page(stage):
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")}
    headings = [line for text in pages.values() for line in text.splitlines() if line.startswith("#")]
    assert (ROOT / f"stages/{stage}.py").is_file()
    assert stage in pages or any(re.search(rf"(?i)\b{stage}s?\b", line) for line in headings)


def test_no_script_is_without_a_stage():
    assert {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__"} == set(STAGES)


def expected_names(values: dict[str, Any]) -> set[str]:
    names = set()
    for stage, definition in STAGES.items():
        if "foreach" not in definition:
            names.add(stage)
            continue
        section = re.fullmatch(r"\$\{([\w.]+)\}", definition["foreach"])
        assert section is not None, stage
        named = reduce(lambda at, key: at[key], section[1].split("."), values)
        names |= {f"{stage}@{key}" for key in named}
    return names


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A fresh clone's worth of the project: code and graph, no outs."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("limo", "stages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".dvc").mkdir()
    for name in ("dvc.yaml", ".dvcignore", ".dvc/config"):
        shutil.copy(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("file", PARAMS, ids=lambda file: file.stem)
def test_every_params_file_gives_the_whole_graph(file, repository):
    shutil.copy(file, repository / "params.yaml")
    environment = {
        **os.environ,
        "DVC_NO_ANALYTICS": "1",
        **{
            f"DVC_{kind}_DIR": str(repository / ".git" / kind)
            for kind in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG")
        },
    }
    dvc = Path(sys.executable).with_name("dvc")
    # --force: without it a dry run wants to hash inputs that no stage has made yet.
    command = [dvc, "repro", "--dry", "--force"]
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = re.findall(r"^Running stage '([^']+)':$", done.stdout, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == expected_names(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", [*PARAMS, ROOT / "dvc.yaml", ROOT / "dvc.lock"], ids=lambda file: file.name)
def test_the_parser_in_c_is_there_and_reads_what_the_slow_one_reads(file):
    """DVC takes it where it is installed; it reads params.yaml once per stage, most of a slow `dvc status`."""
    fast, slow = YAML(typ="safe"), YAML(typ="safe", pure=True)
    assert fast.Parser is not slow.Parser
    text = file.read_text(encoding="utf-8")
    assert repr(fast.load(text)) == repr(slow.load(text))

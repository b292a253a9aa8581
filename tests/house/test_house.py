import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

from tests.house.floors import FLOORS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "limo").rglob("*.py"))
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
FLOOR = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}
# A variable that stands before every import, and a facade of all sections.
DEFINING = {"limo/__init__.py", "limo/params/__init__.py"}
# Names that stand for two classes still; none may come to them.
TWICE: set[str] = set()
# Lines of a stage's script below the one that says what it is: it reads, calls the library, and writes.
SCRIPT = 25


def module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(file): file for file in FILES}


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules of limo that a module imports, inside functions too."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            while name and name not in MODULES:
                name = name.rpartition(".")[0]  # noqa: PLW2901 - from module to package
            if name.startswith("limo."):
                yield name


def tree(name: str) -> ast.Module:
    return TREES[MODULES[name]]


def package(name: str) -> str:
    return name.split(".")[1]


@pytest.fixture(scope="module")
def edges():
    return {name: set(imported(TREES[file])) - {name} for name, file in MODULES.items()}


def test_every_package_is_on_a_floor():
    assert {package(name) for name in MODULES if name != "limo"} == set(FLOOR)


def test_imports_go_down(edges):
    up = [
        f"{name} imports {other}"
        for name, others in edges.items()
        for other in others
        if package(name) != package(other) and FLOOR[package(other)] >= FLOOR[package(name)]
    ]
    assert sorted(up) == []


def test_no_modules_import_each_other_in_a_circle(edges):
    circles = networkx.strongly_connected_components(networkx.DiGraph(edges))
    assert [sorted(circle) for circle in circles if len(circle) > 1] == []


def test_nothing_of_limo_imports_what_is_built_on_it():
    outside = {"stages", "tests", "bench"}
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not outside & {name.split(".")[0] for name in names}, file


def test_a_package_file_defines_nothing():
    found = [
        str(file.relative_to(ROOT))
        for file in FILES
        if file.name == "__init__.py" and any(not _is_docstring(node) for node in TREES[file].body)
    ]
    assert set(found) == DEFINING


@pytest.mark.parametrize("script", sorted((ROOT / "stages").glob("*.py")), ids=lambda script: script.stem)
def test_a_stage_is_short_and_writes_no_path(script):
    """Paths of outs are in the registry, logic is in limo."""
    said, _, code = script.read_text(encoding="utf-8").partition("\n\n")
    assert said.startswith('"""')
    assert len(code.splitlines()) <= SCRIPT
    assert not re.search(r"[\"'](data|metrics|models)/", code)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_the_tree_in_the_readme_says_of_a_package_what_the_first_line_of_its_docstring_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"(?m)^  (\w+)/ +(\S.*)$", readme.partition("\nlimo/\n")[2].partition("\nbench/")[0]))
    docstrings = {package(name): ast.get_docstring(tree(name)) or "" for name in MODULES if name.count(".") == 1}
    packages = {
        name: docstring.partition("\n")[0] for name, docstring in docstrings.items() if (ROOT / "limo" / name).is_dir()
    }
    assert {name: line[0].upper() + line[1:] + "." for name, line in told.items()} == packages


def test_a_class_name_stands_for_one_class():
    modules = defaultdict(list)
    for name, file in MODULES.items():
        for node in TREES[file].body:
            if isinstance(node, ast.ClassDef):
                modules[node.name].append(name)
    assert {name for name, places in modules.items() if len(places) > 1} == TWICE

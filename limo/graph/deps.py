"""The code deps of dvc.yaml, from imports: `make graph` writes them, tests/graph holds dvc.yaml to them.

A stage depends on the files that its script reaches, each by its path, or by a folder's where all of it is reached: an
edit makes stale what it can change, and nothing else.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CODE = ("limo/", "stages/")
WIDTH = 120
# They decide no byte of an out: DVC compares parameter values and places of outs itself, timings are no outs.
NEUTRAL = ("limo/__init__.py", "limo/base/timing.py", "limo/params/", "limo/graph/places.py")


def written(text: str, root: Path) -> str:
    """The text of dvc.yaml with the code deps that the stages' imports give; all else stays byte for byte.

    Args:
        text: of dvc.yaml.
        root: the project's folder, with the packages limo and stages.
    """
    definitions = YAML(typ="safe", pure=True).load(text)["stages"]
    lines, stage, within = [], "", 0
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if within and (indent > within or line.strip() == "]"):
            continue
        within = 0
        if name := re.fullmatch(r"  (\w+):", line):
            stage = name[1]
        if line.strip().startswith("deps:"):
            within = indent
            lines += _entry([*code(stage, root), *others(definitions[stage])], indent)
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def code(stage: str, root: Path) -> list[str]:
    """The code deps of a stage: its script, then folders of limo that are reached as a whole, and single files."""
    files = reached(f"stages/{stage}.py", root)
    return [f"stages/{stage}.py", *_cover("limo", files, root)]


def others(definition: dict[str, Any]) -> list[str]:
    """The deps of a stage's definition that are no code, in their order."""
    return [dep for dep in definition.get("do", definition)["deps"] if not dep.startswith(CODE)]


def reached(script: str, root: Path) -> set[str]:
    """Files that decide a script's outs: what it imports, transitively and inside functions too, what it starts as a
    process (a "limo.…" string) and the data files beside a module that it names."""
    seen: set[str] = set()
    waiting = [script]
    while waiting:
        new = {file for file in _uses(waiting.pop(), root) if not file.startswith(NEUTRAL)} - seen
        seen |= new
        waiting += [file for file in new if file.endswith(".py")]
    return seen


def says_something(file: str, root: Path) -> bool:
    """Whether a file decides anything: a module of nothing but a docstring does not."""
    return not file.endswith(".py") or any(not isinstance(node, ast.Expr) for node in _tree(root / file).body)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _uses(file: str, root: Path) -> set[str]:
    modules, beside = set(), set()
    for node in ast.walk(_tree(root / file)):
        match node:
            case ast.Import():
                modules |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                modules |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Constant(value=str(value)):
                modules |= {value} if re.fullmatch(r"limo(\.\w+)+", value) else set()
                beside |= {value} if re.fullmatch(r"\w+(\.\w+)+", value) else set()
    packages = {name.rsplit(".", depth)[0] for name in modules for depth in range(1, name.count(".") + 1)}
    imported = {path for name in modules | packages if (path := _module(name, root))}
    data = {f"{Path(file).parent}/{name}" for name in beside if (root / file).with_name(name).is_file()}
    return {path for path in imported | data if says_something(path, root)}


def _module(name: str, root: Path) -> str | None:
    if name.split(".", maxsplit=1)[0] not in {"limo", "stages"}:
        return None
    path = name.replace(".", "/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if (root / file).is_file()), None)


def _cover(folder: str, files: set[str], root: Path) -> Iterator[str]:
    """The deps under a folder that cover these files and no other that decides anything."""
    for path in sorted((root / folder).iterdir()):
        name = f"{folder}/{path.name}"
        if name in files:
            yield name
        elif path.is_dir() and (inner := set(_files(name, root))) & files:
            yield from [name] if inner <= files else _cover(name, files, root)


def _files(folder: str, root: Path) -> Iterator[str]:
    for path in sorted((root / folder).rglob("*")):
        name = str(path.relative_to(root))
        if path.is_file() and "__pycache__" not in path.parts and says_something(name, root):
            yield name


def _entry(deps: Iterable[str], indent: int) -> list[str]:
    """The lines of `deps: [ … ]`: one if it fits, else wrapped, with what is no code from a line of its own on."""
    items = [f'"{dep}"' if "$" in dep else dep for dep in deps]
    line = f"{' ' * indent}deps: [{', '.join(items)}]"
    if len(line) <= WIDTH:
        return [line]
    is_code = [item for item in items if item.startswith(CODE)]
    is_data = [item for item in items if not item.startswith(CODE)]
    inner = " " * (indent + 2)
    return [f"{' ' * indent}deps: [", *_wrapped(is_code, inner), *_wrapped(is_data, inner), f"{' ' * indent}]"]


def _wrapped(items: list[str], inner: str) -> Iterator[str]:
    line = inner
    for item in items:
        if line.strip() and len(line) + len(item) + 1 > WIDTH:
            yield line.rstrip()
            line = inner
        line += f"{item}, "
    if line.strip():
        yield line.rstrip()


if __name__ == "__main__":
    file = Path(*sys.argv[1:]) if sys.argv[1:] else Path("dvc.yaml")
    text = file.read_text(encoding="utf-8")
    file.write_text(written(text, file.absolute().parent), encoding="utf-8")

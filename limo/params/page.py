"""docs/params.md from the sections and their docstrings; `make docs` writes it."""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from limo.params.empty import STAY
from limo.params.engines import RayEngine
from limo.params.section import Section
from limo.params.sections import SECTIONS
from limo.params.whole import Params

HEAD = """# params.yaml: every key

`params.yaml` decides everything that a run does; `profiles/` holds whole files that replace it. Every key has to be
there: an unknown, missing or out-of-range key, or a value of another type, stops a stage before it begins, with the
dotted name of the key. NAME is a name of your own, of letters, digits, `_` and `-`. Sections stand in the order
of the file. `make docs` writes this page from the docstrings in `limo/params/`.

## Only a part of the graph

A section of fixed keys may be `null` where no stage that is wanted reads it, a section of your own names `{{}}`. A
stage that is run all the same stops and names the key that it needs. Some keys stay, since `dvc.yaml` or other stages
read them: {stay}.

- **Only curation**: `cp profiles/curation.yaml params.yaml && dvc repro`. Nothing is trained or measured; metrics,
  report and release say so. `datasets` must hold `limo` with the path `data/limo.parquet` and a held-out dataset with
  the path `data/validation.parquet`, which these stages read.
- **Only training**: `cp profiles/training.yaml params.yaml && dvc repro train`. The data is a file of your own
  ([train](train.md#own-data)). The stages from pool to release have nothing to read: give `dvc repro` the stages that
  you want.
"""
TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null", Any: "anything"}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def page() -> str:
    """The whole page as Markdown: per section a table of keys, what they may be, and what they mean."""
    stay = "; ".join(f"`{name}`: {', '.join(f'`{key}`' for key in sorted(keys))}" for name, keys in STAY.items())
    blocks = [HEAD.format(stay=stay)]
    for name, field in Params.model_fields.items():
        value = "" if _below(field.annotation) else f" Value: {_values(field.rebuild_annotation())}."
        null = " May be null." if name in SECTIONS else ""
        blocks.append(f"## {name}\n\n{field.description}{value}{null}\n")
        earlier = next(
            (key for key, other in Params.model_fields.items() if other.annotation == field.annotation), name
        )
        known = earlier != name and bool(_below(field.annotation))
        blocks += [f"The keys are those of `{earlier}`.\n"] if known else _tables(name, field.annotation)
    return "\n".join(blocks)


def _tables(key: str, annotation: Any) -> Iterator[str]:
    """A table of the section at a key, or one for each of several kinds, and of those below it."""
    kinds, named = _below(annotation), get_origin(annotation) is dict
    later: list[tuple[str, Any]] = []
    for kind in kinds:
        alone = len(kinds) == 1
        heading = "" if alone else f"### {key}{'.NAME' * named}: {_chooser(kind)}\n\n{kind.__doc__}\n\n"
        rows = "\n".join(_rows("NAME." * (alone and named), kind, later))
        yield f"{heading}| key | value | meaning |\n|---|---|---|\n{rows}\n"
    for inner, of in later:
        if _below(of) not in [_below(field.annotation) for field in Params.model_fields.values()]:
            yield from _tables(f"{key}.{inner}", of)


def _rows(prefix: str, section: type[Section], later: list[tuple[str, Any]]) -> Iterator[str]:
    """Rows of a section and of the one section below a key; keys with several kinds below go to `later`."""
    for name, field in section.model_fields.items():
        meaning = (field.description or "").replace("\n", " ").replace("|", "\\|")
        yield f"| `{prefix}{name}` | {_values(field.rebuild_annotation())} | {meaning} |"
        below = _below(field.annotation)
        if len(below) == 1:
            step = ".NAME" * (get_origin(field.annotation) is dict) + "[]" * (get_origin(field.annotation) is list)
            yield from _rows(f"{prefix}{name}{step}.", below[0], later)
        elif below and section is not RayEngine:  # whose engine has the keys that stand above
            later.append((f"{prefix}{name}", field.annotation))


def _below(annotation: Any) -> list[type[Section]]:
    """The sections that a value may be, or those that a mapping or a list holds."""
    if get_origin(annotation) in {dict, list}:
        return _sections(get_args(annotation)[-1])
    return _sections(annotation)


def _sections(annotation: Any) -> list[type[Section]]:
    """The sections that a value may be."""
    if get_origin(annotation) is Annotated:
        return _sections(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [section for part in get_args(annotation) for section in _sections(part)]
    return [annotation] if isinstance(annotation, type) and issubclass(annotation, Section) else []


def _chooser(section: type[Section]) -> str:
    """`kind` or `rule` with the value that chooses this section of several."""
    key = next(key for key in ("kind", "rule") if key in section.model_fields)
    return f"{key} {get_args(section.model_fields[key].annotation)[0]}"


def _values(annotation: Any) -> str:
    """What a value may be, in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = " and ".join(limit for part in parts[1:] for limit in _limits(part))
        return f"{_values(parts[0])} {limits}".strip()
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in {Union, UnionType}:
        return ", or ".join(dict.fromkeys(map(_values, parts)))
    if origin is list:
        return f"list of {_values(parts[0])}"
    if origin is dict:
        return f"NAME: {_values(parts[1])}"
    return TYPES.get(annotation, "mapping")


def _limits(constraint: Any) -> Iterator[str]:
    """Bounds of a number; pydantic wraps those of a named type into one more object."""
    for inner in getattr(constraint, "metadata", [constraint]):
        yield from (f"{sign} {getattr(inner, key)}" for key, sign in BOUNDS.items() if hasattr(inner, key))


if __name__ == "__main__":
    Path("docs/params.md").write_text(page(), encoding="utf-8")

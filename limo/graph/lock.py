"""dvc.lock, with the marks of dvc.yaml → what every stage read, was given and wrote; used by `limo verify`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from limo.graph.error import VerifyError

MODELS = "models/"


@dataclass(frozen=True)
class Stage:
    """A stage as dvc.lock records it: hashes of what it read and wrote, and the parameters it was given.

    Attributes:
        kind: `fetching`, `sampling` or `training`, as `meta` of dvc.yaml marks a stage of models; None of any other.
    """

    name: str
    deps: dict[str, str]
    params: dict[str, Any]
    outs: dict[str, str]
    kind: str | None

    @property
    def group(self) -> str:
        """The entry of dvc.yaml that it comes from: `train` for `train@limo`."""
        return self.name.partition("@")[0]

    @property
    def is_of_models(self) -> bool:
        """Whether it samples, fetches or trains."""
        return self.kind is not None


def read(path: Path) -> dict[str, Stage]:
    """The stages of a dvc.lock, in its order; dvc.yaml lies beside it and says which of them sample, fetch or train."""
    recorded, defined = (_stages(path.with_name(name).read_text(encoding="utf-8")) for name in (path.name, "dvc.yaml"))
    return {
        name: Stage(
            name,
            {dep["path"]: dep.get("md5", "") for dep in entry.get("deps", [])},
            {key: value for values in entry.get("params", {}).values() for key, value in values.items()},
            {out["path"]: out["md5"] for out in entry.get("outs", [])},
            _kind(defined.get(name.partition("@")[0], {})),
        )
        for name, entry in recorded.items()
    }


def outs(text: str) -> dict[str, str]:
    """The md5 of every out, by its path, from a dvc.lock's text."""
    return {out["path"]: out["md5"] for entry in _stages(text).values() for out in entry.get("outs", [])}


def _stages(text: str) -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(text)["stages"])


def _kind(definition: dict[str, Any]) -> str | None:
    kind = definition.get("do", definition).get("meta", {}).get("kind")
    return None if kind is None else str(kind)


def overlap(one: str, other: str) -> bool:
    """Whether two paths are the same, or one lies in the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def sources(stage: Stage, stages: dict[str, Stage]) -> set[str]:
    """The stages whose outs a stage reads."""
    return {
        other.name
        for other in stages.values()
        if other is not stage and any(overlap(dep, out) for dep in stage.deps for out in other.outs)
    }


def needed(stages: dict[str, Stage], names: Iterable[str], given: Collection[str]) -> set[str]:
    """The named stages with all they need; what the stages `given` need is not needed."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        if name not in given:
            waiting += sources(stages[name], stages)
    return wanted


def named(stages: dict[str, Stage], targets: Iterable[str]) -> set[str]:
    """The stages that the targets mean: names of stages, of groups of them, or paths of outs.

    Raises:
        VerifyError: a target is none of these.
    """
    chosen = set()
    for target in targets:
        meant = {s.name for s in stages.values() if target in {s.name, s.group, *s.outs}}
        if not meant:
            groups = ", ".join(sorted({stage.group for stage in stages.values()}))
            raise VerifyError(f"{target} is no stage and no out of dvc.lock; its stages are {groups}")
        chosen |= meant
    return chosen


def of_models(stages: dict[str, Stage]) -> set[str]:
    """The stages that sample, fetch or train."""
    return {name for name, stage in stages.items() if stage.is_of_models}


def data(stages: dict[str, Stage]) -> set[str]:
    """The stages that need no model, neither themselves nor through anything they read."""
    return {name for name in stages if not needed(stages, [name], ()) & of_models(stages)}


def changed(committed: Stage, rebuilt: Stage) -> list[str]:
    """What two records of a stage were given differently: paths and parameters, sorted."""
    deps = {path for path in {*committed.deps, *rebuilt.deps} if committed.deps.get(path) != rebuilt.deps.get(path)}
    params = {
        key
        for key in {*committed.params, *rebuilt.params}
        if (key in committed.params, committed.params.get(key)) != (key in rebuilt.params, rebuilt.params.get(key))
    }
    return [*sorted(deps), *sorted(f"parameter {key}" for key in params)]

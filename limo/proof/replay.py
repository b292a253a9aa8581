"""Committed outs of models → their places in the clone, no stage run; used by `limo verify --replay`."""

import shlex
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from limo.graph import lock
from limo.graph.error import VerifyError
from limo.graph.lock import Stage
from limo.proof import cache


def take(
    repository: Path, stages: dict[str, Stage], names: Collection[str], folder: Path, say: Callable[[str], None]
) -> set[str]:
    """Copy the outs of stages from the cache, or from the remote through the cache, to `folder`.

    Every byte is checked against dvc.lock. A model may be missing, nothing else may.

    Returns:
        The outs that are there.

    Raises:
        VerifyError: an out that is no model is neither in the cache nor on the remote, or bytes are damaged.
    """
    held = cache.folder(repository)
    wanted = {out: md5 for name in stages if name in names for out, md5 in stages[name].outs.items()}
    missing = [out for out, md5 in wanted.items() if cache.files(held, md5) is None]
    reply = ""
    if missing:
        say(f"fetching {', '.join(missing)}")
        reply = cache.fetch(repository, missing)
    taken = set()
    for out, md5 in wanted.items():
        files = cache.files(held, md5)
        if files is None:
            if out.startswith(lock.MODELS):
                continue
            raise VerifyError(
                f"{out} is neither in the cache nor on the remote: `dvc pull {out}` must bring it, from a remote to "
                f"which it was pushed. DVC says: {reply[-500:]}"
            )
        cache.check(out, files)
        for name, path in files.items():
            target = folder / out / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        taken.add(out)
    return taken


def instead(clone: Path, names: Collection[str], folder: Path) -> None:
    """Rewrite the clone's dvc.yaml so that stages put the outs lying in `folder` in their places and need nothing.

    The members of a group have one entry in dvc.yaml: either all of them are replaced or none.
    """
    yaml = YAML(typ="safe", pure=True)
    graph = yaml.load((clone / "dvc.yaml").read_text(encoding="utf-8"))
    for group in {name.partition("@")[0] for name in names} & graph["stages"].keys():
        entry = graph["stages"][group]
        body = entry.get("do", entry)
        outs = [out for kind in ("outs", "metrics", "plots") for out in body.get(kind, [])]
        body["cmd"] = [_move(folder, out if isinstance(out, str) else next(iter(out))) for out in outs]
        for key in ("deps", "params"):
            body.pop(key, None)
    with (clone / "dvc.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(graph, stream)


def stale(clone: Path, names: Collection[str]) -> dict[str, list[str]]:
    """What stages would be given now that is not what dvc.lock records, in a clone that nothing was built in.

    Code and parameters only: what other stages make is not there yet, and is compared for itself.

    Raises:
        VerifyError: DVC cannot read the clone.
    """
    changes: dict[str, list[str]] = {}
    for name, entries in cache.status(clone, sorted(names)).items():
        for entry in entries:
            for path, state in entry.get("changed deps", {}).items() if isinstance(entry, dict) else ():
                if isinstance(state, dict):
                    changes.setdefault(name, []).extend(f"parameter {key}" for key in sorted(state))
                elif state == "modified":
                    changes.setdefault(name, []).append(path)
    return changes


def hold_place(folder: Path, out: str) -> None:
    """Put an empty file where a model is missing: its stage must leave an out, and nothing that reads it is built."""
    (folder / out).parent.mkdir(parents=True, exist_ok=True)
    (folder / out).touch()


def _move(folder: Path, out: Any) -> str:
    # The path may hold DVC's own variables, which double quotes let through.
    return f'mkdir -p "$(dirname "{out}")" && mv {shlex.quote(str(folder))}/"{out}" "{out}"'

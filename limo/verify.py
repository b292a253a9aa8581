import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML


def outs(lock: Path) -> dict[str, str]:
    """Every out that a dvc.lock records, with its hash."""
    stages = YAML(typ="safe", pure=True).load(lock.read_text(encoding="utf-8"))["stages"]
    return {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", [])}


def rebuild(repository: Path, targets: Sequence[str]) -> list[tuple[str, str]]:
    """Rebuild the committed graph in a fresh clone from nothing and compare each out with the committed dvc.lock.

    The clone has no cache, no run cache and an empty generation store, so every byte is made anew.

    Args:
        repository: a git repository with a committed dvc.lock.
        targets: stages to rebuild with all they need; none means the whole graph.

    Returns:
        (out, "identical" | "different" | "not built") for every out of the committed dvc.lock, in its order.

    Raises:
        subprocess.CalledProcessError: the clone or the rebuild failed.
    """
    with tempfile.TemporaryDirectory(prefix="limo-verify-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(repository), str(clone)], check=True)
        committed = outs(clone / "dvc.lock")
        (clone / "dvc.lock").unlink()
        environment = {
            **os.environ,
            "LIMO_STORE": str(Path(folder) / "store"),
            "DVC_SITE_CACHE_DIR": str(Path(folder) / "site"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        command = [sys.executable, "-m", "dvc", "repro", "--no-run-cache", *targets]
        subprocess.run(command, cwd=clone, env=environment, check=True)
        rebuilt = outs(clone / "dvc.lock")
    return [
        (path, "not built" if path not in rebuilt else "identical" if rebuilt[path] == known else "different")
        for path, known in committed.items()
    ]

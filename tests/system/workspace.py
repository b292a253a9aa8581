import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from limo.store.store import Store

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Workspace:
    """A clone of the working tree with the tiny profile, and the environment that keeps its runs to themselves."""

    folder: Path
    env: dict[str, str]
    store: Path

    def run(self, *command: str) -> str:
        """Run a command in the clone and return what it prints; it must succeed."""
        done = self.attempt(*command)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def attempt(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone, which may fail."""
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)

    def commit(self, message: str) -> None:
        """Commit all that git does not ignore."""
        self.run("git", "add", "--all")
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        self.run("git", *identity, "commit", "--quiet", "--message", message)

    def lock(self) -> dict[str, object]:
        """The content of dvc.lock: the hash of every input and output."""
        return yaml.safe_load((self.folder / "dvc.lock").read_text(encoding="utf-8"))

    def answers(self) -> dict[str, int]:
        """How many answers each model's store holds."""
        return {path.name: _count(path) for path in sorted(self.store.glob("*")) if path.is_dir()}

    def counts(self, stage: str) -> dict[str, int]:
        """What the last run of a stage counted; `stage` as in the name of its file, train_limo."""
        return json.loads((self.folder / f".limo/timings/{stage}.json").read_text(encoding="utf-8"))

    def with_store(self, store: Path) -> "Workspace":
        """The same clone with another store of answers."""
        return Workspace(self.folder, {**self.env, "LIMO_STORE": str(store)}, store)

    def kill_when(self, due: Callable[[], bool], *command: str) -> None:
        """Start a command and kill -9 it with all its processes as soon as `due()`, which must be before it ends."""
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while not due():
                assert process.poll() is None, f"{command} ended before it could be killed"
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGKILL)


def make(folder: Path, model: Path, changes: dict[str, Any] | None = None) -> Workspace:
    """Clone the working tree to `folder`, with profiles/tiny.yaml as params.yaml and `model` as the model it names.

    `changes` replace whole sections of the profile.
    """
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        # Outs of the working tree's own runs are no part of the project; that their folders are there is.
        made = name.startswith(("data/", "models/", "metrics/")) and not name.endswith("/.gitignore")
        if (ROOT / name).is_file() and not made and name != "dvc.lock":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    profile = (ROOT / "profiles/tiny.yaml").read_text(encoding="utf-8")
    values = yaml.safe_dump(yaml.safe_load(profile) | changes, sort_keys=False) if changes else profile
    (folder / "params.yaml").write_text(values, encoding="utf-8")
    shutil.copytree(model, folder / ".limo/tiny")
    workspace = _placed(folder)
    workspace.run("git", "init", "--quiet")
    workspace.run("git", "add", "--force", *[name for name in names if name.endswith("/.gitignore")])
    workspace.commit("The tiny profile")
    return workspace


def copied(made: Workspace, folder: Path) -> Workspace:
    """A copy of a clone with its cache and its answers, which nothing done to the copy changes."""
    copy = _placed(folder)
    shutil.copytree(made.folder, folder, symlinks=True)
    shutil.copytree(made.store, copy.store)
    return copy


def _placed(folder: Path) -> Workspace:
    """A clone at `folder`, with what its runs keep outside of it beside it."""
    site = folder.with_name(folder.name + "-dvc")
    private = ("DVC_", "LIMO_", "GIT_", "AWS_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(private)} | {
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(site / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(site / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(site / "system"),
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LIMO_STORE": str(site / "store"),
    }
    return Workspace(folder, env, site / "store")


def _count(path: Path) -> int:
    store = Store(path)
    try:
        return len(store)
    finally:
        store.close()

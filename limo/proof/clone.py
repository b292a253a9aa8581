"""A commit → a clone with nothing built in it, and `dvc repro` there; used by `limo verify`."""

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from limo.graph.error import VerifyError

SHOWN = 20  # lines of a failing stage's output
RUNNING = re.compile(r"Running stage '(?:.*:)?([^':]+)'")
# Of a run or a hook that this command is started from: they would send git and DVC to another repository.
FOREIGN = ("DVC_ROOT", "DVC_EXP_", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


def head(repository: Path) -> tuple[str, list[str]]:
    """The commit that is proved, and the tracked files that differ from it.

    Raises:
        VerifyError: the folder is not the root of a git repository with a dvc.yaml and a committed dvc.lock.
    """
    if not (repository / "dvc.yaml").exists():
        raise VerifyError(f"{repository} has no dvc.yaml: run limo verify in the root of the project")
    if _git(repository, "rev-parse", "--show-prefix").strip():
        raise VerifyError(
            f"{repository} is a folder inside a git repository: limo verify needs the project at its root"
        )
    commit = _git(repository, "rev-parse", "HEAD").strip()
    if not _git(repository, "ls-tree", "--name-only", "HEAD", "dvc.lock"):
        raise VerifyError("dvc.lock is not committed: `dvc repro`, then `git add dvc.lock` and commit")
    changed = [line[3:] for line in _git(repository, "status", "--porcelain", "--untracked-files=no").splitlines()]
    if "dvc.lock" in changed:
        raise VerifyError("dvc.lock has changes that are not committed: commit it, or `git checkout dvc.lock`")
    return commit, changed


def committed(repository: Path, name: str) -> str | None:
    """The text of a file in the last commit; None where it is not in it, or the folder is no repository."""
    try:
        return _git(repository, "show", f"HEAD:./{name}")
    except VerifyError:
        return None


def clone(repository: Path, commit: str, folder: Path) -> None:
    """Clone a commit to `folder`, with a DVC cache of its own beside it."""
    _git(repository, "clone", "--quiet", "--no-checkout", str(repository), str(folder))
    _git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", commit)
    # The committed or the user's own configuration may name a cache that others use.
    (folder / ".dvc/config.local").write_text(f"[cache]\n    dir = {folder.parent / 'cache'}\n", encoding="utf-8")


def keep(folder: Path, outs: Iterable[str], kept: Path) -> None:
    """Copy the outs that git holds from a fresh clone, before a rebuild replaces them."""
    for out in outs:
        (kept / out).parent.mkdir(parents=True, exist_ok=True)
        if (folder / out).is_dir():
            shutil.copytree(folder / out, kept / out)
        elif (folder / out).exists():
            shutil.copyfile(folder / out, kept / out)


def repro(folder: Path, targets: Sequence[str], expected: int, *, verbose: bool, say: Callable[[str], None]) -> None:
    """Run `dvc repro` in a clone with no record of earlier runs and an empty generation store.

    Args:
        folder: the clone.
        targets: stages; none means all.
        expected: how many will run, for the progress lines.
        verbose: say all that the stages print, instead of a line per stage.
        say: gets the lines.

    Raises:
        VerifyError: a stage failed; the message names it and ends with its last lines.
    """
    command = [sys.executable, "-m", "dvc", "repro", "--no-run-cache", *targets]
    stage, number = "", 0
    recent: deque[str] = deque(maxlen=SHOWN)
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            started = RUNNING.search(line)
            if started:
                stage, number = started[1], number + 1
                recent.clear()
            if verbose:
                say(line.rstrip())
            elif started:
                say(f"{number}/{expected} {stage}")
            recent.append(line.rstrip())
    if process.returncode:
        failed = f"stage {stage}" if stage else "dvc repro"
        shown = "\n".join(filter(None, recent))
        raise VerifyError(f"{failed} failed in the clone, exit code {process.returncode}. Its last lines:\n{shown}")


def _environment(folder: Path) -> dict[str, str]:
    # A fixed hash seed would hide what depends on the order of a set.
    kept = {name: value for name, value in os.environ.items() if not name.startswith((*FOREIGN, "PYTHONHASHSEED"))}
    return {
        **kept,
        "LIMO_STORE": str(folder.parent / "store"),
        "DVC_SITE_CACHE_DIR": str(folder.parent / "site"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # Scripts that are started by their path find the clone's modules too, never those of a working tree.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")])),
    }


def _git(repository: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    done = subprocess.run(
        ["git", *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise VerifyError(f"git {arguments[0]} failed in {repository}: {done.stderr.strip()}")
    return done.stdout

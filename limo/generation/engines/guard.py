"""A process that may be killed → the end of all that it has started; used by the vLLM engine, whose workers live on.

Usage: python -m limo.generation.engines.guard PID MARK, which `guarded` starts.
"""

import os
import subprocess
import sys
import time
import uuid
from contextlib import suppress

import psutil

MARK = "LIMO_GUARD"
_LOOK_S = 0.5


def guarded() -> None:
    """From now on, whatever ends this process, kill -9 among it, ends all processes that it has started.

    Returns once the guard watches, which is a process of a session of its own. A second call does nothing.
    """
    if os.environ.get(MARK, "").startswith(f"{os.getpid()}-"):
        return
    os.environ[MARK] = f"{os.getpid()}-{uuid.uuid4().hex}"  # inherited by all that this process starts
    command = [sys.executable, "-m", __name__, str(os.getpid()), os.environ[MARK]]
    # Its own environment does not have the mark, or it would end itself.
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    guard = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True)
    assert guard.stdout is not None
    if guard.stdout.readline() != b"watching\n":
        raise RuntimeError("the process that should end vLLM's workers with this one did not start: see above")


def watch(pid: int, mark: str) -> None:
    """Wait for the end of process `pid`, then kill its descendants: those seen before, as their parents may be gone and
    with them the way from one to the other, and those that carry its mark in their environment."""
    owner = psutil.Process(pid)
    seen: set[psutil.Process] = set()
    print("watching", flush=True)
    while _lives(owner):
        with suppress(psutil.NoSuchProcess):
            seen.update(owner.children(recursive=True))
        time.sleep(_LOOK_S)
    seen.update(process for process in psutil.process_iter() if _is_marked(process, mark))
    for process in [*seen]:
        with suppress(psutil.NoSuchProcess):
            seen.update(process.children(recursive=True))
    for process in seen:
        if process.pid != os.getpid():
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(MARK) == mark
    except psutil.Error:  # gone, or another user's
        return False


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])

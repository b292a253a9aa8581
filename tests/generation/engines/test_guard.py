import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from limo.generation.engines.held_memory import holders

ROOT = Path(__file__).parents[3]
# Starts a worker, which starts one of its own in a session of its own, as an engine does, and says who they are.
OWNER = """
import subprocess, sys, time
from limo.generation.engines.guard import guarded
guarded()
guarded()
inner = "import time; time.sleep(600)"
outer = (
    "import subprocess, sys, time;"
    f"p = subprocess.Popen([sys.executable, '-c', {inner!r}], start_new_session=True);"
    "print(p.pid, flush=True); time.sleep(600)"
)
worker = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
print(worker.pid, worker.stdout.readline().strip(), flush=True)
if sys.argv[1] == "end":
    sys.exit()
time.sleep(600)
"""


def _gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE or not process.is_running()
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", ["killed", "end"])
def test_what_an_engine_has_started_ends_with_it(how):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER, how], stdout=subprocess.PIPE, text=True, env=environment)
    assert owner.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    assert len(workers) == 2
    if how == "killed":
        owner.send_signal(signal.SIGKILL)  # alone, not its group
    until = time.monotonic() + 60
    while not all(map(_gone, workers)):
        assert time.monotonic() < until, "workers live on"
        time.sleep(0.1)
    owner.wait()


def test_who_holds_memory_of_gpus_is_named(tmp_path, monkeypatch):
    fake = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert holders() == []  # there is none
    lines = [
        "4711, 70123, GPU-8f, VLLM::Worker_TP0, left",
        "12, 300, GPU-8f, [Not Found]",
        f"{os.getpid()}, 9, GPU-8f, us",
    ]
    fake.write_text("#!/bin/sh\n" + "\n".join(f"echo '{line}'" for line in [*lines, "No devices were found"]))
    fake.chmod(0o755)
    assert holders() == [
        "process 4711 (VLLM::Worker_TP0, left) holds 70123 MiB of GPU-8f",
        "process 12 ([Not Found]) holds 300 MiB of GPU-8f",
    ]
    fake.write_text("#!/bin/sh\nexit 9\n")
    assert holders() == []

"""The checks for a GPU, in tiny shapes on a CPU, so that nothing but the device is new where there is one."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = ("positions", "attention", "sampled", "determinism")  # they start no training of their own


def checked(out, *names):
    """The findings of the script's checks, by name."""
    command = [sys.executable, "bench/gpu.py", "--device", "cpu", "--seconds", "800", "--out", out]
    command += [argument for name in names for argument in ("--only", name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    return json.loads(out.read_text())


def test_every_check_has_a_step_of_its_name(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    names = import_module("gpu").NAMES
    assert sorted(names) == sorted(import_module("gpu_steps").STEPS)


def test_what_starts_no_training_runs_in_tiny_shapes_and_is_as_expected(tmp_path):
    findings = checked(tmp_path / "found.json", *QUICK)
    assert set(findings) == {"machine", *QUICK}
    assert findings["positions"]["figures"]["angle_error_rad"] == 0
    assert findings["positions"]["ok"]
    assert findings["sampled"]["ok"]
    assert findings["determinism"]["figures"]["ratio"] > 0


@pytest.mark.slow
def test_trainings_run_in_tiny_shapes_again_and_after_a_kill(tmp_path):
    findings = checked(tmp_path / "found.json", "speed", "repeated", "killed", "large")
    assert findings["repeated"]["ok"]
    assert findings["killed"]["ok"]
    assert findings["speed"]["figures"]["tokens_per_s"] > 0

"""The checks for a GPU, in tiny shapes on a CPU, so that nothing but the device is new where there is one."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from limo.models.load import load_tokenizer
from limo.training.examples import encode
from limo.training.inputs import rows
from limo.training.job import job_of

ROOT = Path(__file__).parents[2]
QUICK = ("positions", "attention", "sampled", "determinism")  # they start no training of their own


def checked(out, *names):
    """The findings of the script's checks, by name."""
    command = [sys.executable, "bench/gpu.py", "--device", "cpu", "--seconds", "3000", "--out", out]
    command += [argument for name in names for argument in ("--only", name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    return json.loads(out.read_text())


def test_every_check_has_a_step_of_its_name(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    names = import_module("gpu").NAMES
    assert sorted(names) == sorted(import_module("gpu_steps").STEPS)


def test_trainings_get_datasets_of_the_lengths_asked_for_and_params_that_training_takes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    world = import_module("gpu_world")
    scale = world.scale_of("cpu", tmp_path)
    p = world.prepared(scale, scale.small, "one", save_steps=2)
    monkeypatch.chdir(tmp_path)
    job = job_of(p, "one")
    examples = encode(rows(job.dataset), load_tokenizer(job.model), job.system, job.train).examples
    assert sorted(len(example.ids) for example in examples) == sorted(world.lengths(scale))


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

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from limo.training import checkpoints, launch
from limo.training.loop import learning_rate
from tests.training import world


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(world.make(tmp_path))
    return tmp_path


def test_checkpoints_belong_to_all_that_decides_the_result(project, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(project / "elsewhere"))
    job = launch.plan(world.configured(), "limo")
    assert job.checkpoints == str(project / "elsewhere/.limo/checkpoints")
    world.dataset(project / "data/limo.parquet", world.rows(3))
    assert launch.plan(world.configured(), "limo").dataset_sha256 != job.dataset_sha256


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offload": True}, "train.device=cpu needs train.attention=sdpa"),
        ({"attention": "flash_attention_2"}, "train.device=cpu needs"),
        ({"device": "cuda", "attention": "flash_attention_2"}, "needs train.dtype=bfloat16"),
        ({"min_learning_rate": 1.0}, "min_learning_rate lies above"),
        ({"fused_loss": "liger"}, "train.fused_loss=liger runs Triton kernels, which need a GPU"),
        ({"nodes": 2, "rendezvous": "a:1"}, "train.processes=1 cannot be shared equally by train.nodes=2"),
        ({"nodes": 2, "processes": 2}, "train.rendezvous is the host:port where several nodes meet"),
        ({"rendezvous": "a:1"}, "set it for train.nodes > 1, else null"),
        ({"export_epochs": [1, 3]}, r"train.export_epochs names \[3\], the run has 2 epochs"),
    ],
)
def test_refuses_parameters_that_contradict_each_other(project, changes, message):
    with pytest.raises(ValueError, match=message):
        launch.plan(world.configured(**changes), "limo")


def test_refuses_missing_inputs_by_name(project):
    with pytest.raises(ValueError, match=r"variants.other is not in params.yaml"):
        launch.plan(world.configured(), "other")
    (project / "data/limo.parquet").rename(project / "gone.parquet")
    with pytest.raises(FileNotFoundError, match=r"data/limo.parquet is missing: run `dvc repro`"):
        launch.plan(world.configured(), "limo")
    (project / "gone.parquet").rename(project / "data/limo.parquet")
    (project / "models/base/tiny/model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="models/base/tiny holds no model"):
        launch.plan(world.configured(), "limo")


def test_a_signal_reaches_the_processes_and_none_stays(tmp_path):
    child = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    pid = tmp_path / "pid"

    def interrupt():
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=interrupt).start()
    code = launch.supervise([sys.executable, "-c", child, str(pid)], dict(os.environ))
    assert code == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_experiments_that_train_a_variant_at_the_same_time_keep_their_results_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))  # of both, as of all that `dvc queue start --jobs 2` runs
    folders = [world.make(tmp_path / name) for name in ("first", "second")]
    runs = [world.start(folder, learning_rate=(at + 1) * 1e-3) for at, folder in enumerate(folders)]
    for run in runs:
        _, errors = run.communicate(timeout=300)
        assert run.returncode == 0, errors
    first, second = map(world.outs, folders)
    assert first != second
    assert list((tmp_path / ".limo/checkpoints").iterdir()) == []


def test_experiments_that_train_the_very_same_take_turns(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    folders = [world.make(tmp_path / name) for name in ("first", "second")]
    runs = [world.start(folder) for folder in folders]
    told = [run.communicate(timeout=300) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    first, second = map(world.outs, folders)
    assert first == second
    assert ["another run trains the same" in out for out, _ in told].count(True) == 1
    assert list((tmp_path / ".limo/checkpoints").iterdir()) == []


def test_a_checkpoint_folder_has_one_owner_at_a_time(tmp_path):
    held = checkpoints.lock(tmp_path / "run")
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    other = [sys.executable, "-c", code, str(tmp_path / "run/lock")]
    assert subprocess.run(other, check=False, stderr=subprocess.DEVNULL).returncode != 0
    with pytest.raises(TimeoutError, match="another process trains"):
        checkpoints.lock(tmp_path / "run", patience_s=0)
    fcntl.flock(held, fcntl.LOCK_UN)
    assert subprocess.run(other, check=False).returncode == 0


def test_clean_keeps_the_latest_whole_checkpoint(tmp_path):
    for name in ("step-000002", "step-000004", "step-000006", "step-000008.partial"):
        (tmp_path / name).mkdir()
    (tmp_path / "latest").write_text("step-000004")
    checkpoints.clean(tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["latest", "step-000004"]


def test_learning_rate_falls_as_a_cosine():
    rates = [learning_rate(step, 4, 1.0, 0.2) for step in range(5)]
    assert rates == pytest.approx([1.0, 0.8828427, 0.6, 0.3171573, 0.2])

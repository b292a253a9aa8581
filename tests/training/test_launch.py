import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from limo.training import checkpoints, launch
from limo.training.loop import learning_rate
from tests.training import world
from tests.training.runs import SAVES


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


def test_a_run_that_is_written_does_not_fail_in_the_end_of_the_interpreter(one, tmp_path, monkeypatch):
    """As threads of gloo make it do, now and then; here an exit handler of another package always does."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os\n'LIMO_STAGE' in os.environ and atexit.register(os.abort)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])]))
    folder = world.make(tmp_path / "project", world.rows(9))
    world.run(folder, **SAVES)
    assert world.outs(folder) == world.outs(one)


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


def test_more_processes_than_gpus_are_refused_with_both_numbers(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    gpus = {"device": "cuda", "numerics": "native"}
    launch.check_devices(world.train(**gpus, processes=4))
    launch.check_devices(world.train(**gpus, processes=8, nodes=2, rendezvous="a:1"))
    launch.check_devices(world.train(processes=8))
    with pytest.raises(ValueError, match="are 8 processes on this machine, which has 4 GPUs") as error:
        launch.check_devices(world.train(**gpus, processes=8))
    assert "CUDA_VISIBLE_DEVICES='0,1,2,3'" in str(error.value)


def test_memory_of_a_gpu_grows_in_segments_unless_one_says_otherwise(monkeypatch):
    monkeypatch.delenv("PYTORCH_ALLOC_CONF", raising=False)
    train = world.train(device="cuda", numerics="native")
    assert launch.environment(train)["PYTORCH_ALLOC_CONF"] == "expandable_segments:True"
    monkeypatch.setenv("PYTORCH_ALLOC_CONF", "max_split_size_mb:512")
    assert launch.environment(train)["PYTORCH_ALLOC_CONF"] == "max_split_size_mb:512"
    assert "PYTORCH_ALLOC_CONF" not in launch.environment(world.train())

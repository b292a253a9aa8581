"""Real runs that are killed or cut off from their disk, and started again."""

import os
import random
import re
import resource
import shutil
import signal
import time

import psutil
import pytest

from tests.training import world
from tests.training.runs import SAVES, await_file, await_step, family, kill


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_kill_9_at_random_instants_changes_no_byte(timed, tmp_path, kills):
    outs, seconds = world.outs(timed[0]), timed[1]
    draw = random.Random(kills)
    folder = world.make(tmp_path / "project", world.rows(9))
    done = finished = 0
    while True:
        stage = world.start(folder, **SAVES)
        if done == kills:
            _, told = stage.communicate()
            assert stage.returncode == 0, told
            break
        await_file(stage, folder, "limo-*/lock")
        time.sleep(draw.uniform(0, seconds))
        if stage.poll() is None:
            os.kill(stage.pid, signal.SIGKILL)  # its processes see the pipe close
            done += 1
        stage.communicate()
        if stage.returncode == 0:
            finished += 1
            assert world.outs(folder) == outs
            shutil.rmtree(tmp_path / "project")
            folder = world.make(tmp_path / "project", world.rows(9))
    assert world.outs(folder) == outs
    assert not (folder / "models/limo.partial").exists()
    assert list((folder / ".limo/checkpoints").iterdir()) == []
    print(f"{done} kills, {finished} runs that ended between them")


def test_a_kill_in_mid_save_leaves_the_last_good_checkpoint(one, tmp_path, capfd):
    """And another number of processes is refused there; the right one goes on to the same bytes."""
    folder = world.make(tmp_path, world.rows(9))
    for _ in range(8):
        stage = world.start(folder, **SAVES)
        await_step(stage, folder, 3)
        processes = family(stage)
        await_file(stage, folder, "limo-*/step-*.partial")
        kill(processes)
        stage.communicate()
        (kept,) = (folder / ".limo/checkpoints").glob("limo-*")
        half = list(kept.glob("step-*.partial"))
        if half:
            break
        shutil.rmtree(folder / ".limo")
    assert half, "no kill fell into a save"
    good = (kept / "latest").read_text()
    assert int(good.removeprefix("step-")) >= 3
    assert sorted(file.name for file in (kept / good).iterdir()) == ["progress.json", "rank-00000.safetensors"]
    with pytest.raises(RuntimeError, match="exit code 1"):
        world.run(folder, processes=2, **SAVES)
    told = capfd.readouterr().err
    assert f"{good} was written by 1 processes, train.processes is 2" in told
    assert "Set train.processes=1 to go on, or remove" in told
    assert world.run(folder, **{**SAVES, "save_steps": 2})["resumed_at"] == int(good.removeprefix("step-"))
    assert world.outs(folder) == world.outs(one)


def test_a_disk_that_fills_up_in_mid_run_leaves_the_last_good_checkpoint(one, tmp_path):
    folder = world.make(tmp_path, world.rows(9))
    stage = world.start(folder, **SAVES)
    await_step(stage, folder, 2)
    for process in psutil.Process(stage.pid).children(recursive=True):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
    _, told = stage.communicate()
    assert stage.returncode != 0
    assert re.search(r"cannot write \S+/(step-\d+\.partial|chosen): ", told)
    assert "make room there and start again, the run goes on from its last checkpoint" in told
    (kept,) = (folder / ".limo/checkpoints").glob("limo-*")
    assert list(kept.glob("*.partial")) == []
    assert not (folder / "models/limo").exists()
    assert world.run(folder, **SAVES)["resumed_at"] >= 2
    assert world.outs(folder) == world.outs(one)


def test_a_model_that_finds_no_room_leaves_nothing_half_written(tmp_path, capfd):
    folder = world.make(tmp_path, world.rows(3))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(RuntimeError, match="exit code 1"):
            world.run(folder, epochs=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot write models/limo.partial: " in capfd.readouterr().err
    assert [path.name for path in (folder / "models").iterdir()] == ["base"]
    assert not (folder / "data/training").exists()

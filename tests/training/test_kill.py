"""Real runs that are killed, cut off from their disk or from each other, and started again."""

import os
import random
import resource
import shutil
import signal
import socket
import time

import psutil
import pytest

from tests.training import world

SAVES = {"epochs": 8, "save_steps": 1}  # 24 steps, a checkpoint after each


@pytest.fixture(scope="module", autouse=True)
def _no_dvc_root():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DVC_ROOT", raising=False)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Outs of an undisturbed run of one process, and the seconds from its first sign of life to its end."""
    folder = world.make(tmp_path_factory.mktemp("whole"), world.rows(9))
    stage = world.start(folder, **SAVES)
    await_file(stage, folder, "limo-*/lock")
    begun = time.monotonic()
    assert stage.wait() == 0
    return world.outs(folder), time.monotonic() - begun


@pytest.fixture(scope="module")
def whole_two(tmp_path_factory):
    folder = world.make(tmp_path_factory.mktemp("two"), world.rows(9))
    world.run(folder, processes=2, **SAVES)
    return world.outs(folder)


def await_file(stage, folder, pattern):
    deadline = time.monotonic() + 300
    while not list((folder / ".limo/checkpoints").glob(pattern)):
        assert stage.poll() is None, f"the run ended before {pattern} was there: {stage.stderr.read()}"
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def family(stage):
    """The stage's processes, those that train first, and the stage itself."""
    return [*reversed(psutil.Process(stage.pid).children(recursive=True)), psutil.Process(stage.pid)]


def kill(processes):
    """kill -9 of all at the same instant."""
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    for process in processes:
        process.kill()


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_kill_9_at_random_instants_changes_no_byte(whole, tmp_path, kills):
    outs, seconds = whole
    draw = random.Random(kills)
    folder = world.make(tmp_path / "project", world.rows(9))
    done = finished = 0
    while done < kills or not (folder / "models/limo").exists():
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


def test_a_kill_in_mid_save_leaves_the_last_good_checkpoint(whole, tmp_path, capfd):
    """And another number of processes is refused there; the right one goes on to the same bytes."""
    folder = world.make(tmp_path, world.rows(9))
    for _ in range(8):
        stage = world.start(folder, **SAVES)
        await_file(stage, folder, "limo-*/step-000003")
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
    assert world.outs(folder) == whole[0]


def test_a_disk_that_fills_up_in_mid_run_leaves_the_last_good_checkpoint(whole, tmp_path):
    folder = world.make(tmp_path, world.rows(9))
    stage = world.start(folder, **SAVES)
    await_file(stage, folder, "limo-*/step-000002")
    for process in psutil.Process(stage.pid).children(recursive=True):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
    _, told = stage.communicate()
    assert stage.returncode != 0
    assert ".partial: " in told
    assert "make room there and start again, the run goes on from its last checkpoint" in told
    (kept,) = (folder / ".limo/checkpoints").glob("limo-*")
    assert list(kept.glob("*.partial")) == []
    assert not (folder / "models/limo").exists()
    assert world.run(folder, **SAVES)["resumed_at"] >= 2
    assert world.outs(folder) == whole[0]


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


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_one_of_two_nodes_is_killed_and_brought_back_and_no_byte_changes(whole_two, tmp_path):
    folder = world.make(tmp_path, world.rows(9))
    spread = {"processes": 2, "nodes": 2, "rendezvous": f"127.0.0.1:{free_port()}", "restarts": 3, **SAVES}
    first = world.start(folder, **spread)
    while not listens(int(spread["rendezvous"].split(":")[1])):  # the first one holds the rendezvous
        assert first.poll() is None
        time.sleep(0.1)
    second = world.start(folder, **spread)
    await_file(first, folder, "limo-*/step-000004")
    kill(family(second))
    second.communicate()
    assert first.poll() is None
    back = world.start(folder, **spread)
    ends = [stage.communicate(timeout=300) for stage in (first, back)]
    assert (first.returncode, back.returncode) == (0, 0), "\n".join(err for _, err in ends)
    assert sorted("helped" in out for out, _ in ends) == [False, True]
    assert int(next(out for out, _ in ends if "helped" not in out).split("'resumed_at': ")[1].split(",")[0]) >= 4
    assert world.outs(folder) == whole_two


@pytest.mark.parametrize("taken", [True, False])
def test_nodes_that_do_not_meet_are_told_where(tmp_path, taken):
    """The port belongs to another program, or the other node never comes."""
    folder = world.make(tmp_path, world.rows(3))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        if not taken:
            other.close()
        meeting = {"processes": 2, "nodes": 2, "rendezvous": f"127.0.0.1:{port}", "rendezvous_timeout_s": 5}
        with pytest.raises(RuntimeError, match=f"nodes did not meet at train.rendezvous=127.0.0.1:{port}"):
            world.run(folder, **meeting)
    assert [path.name for path in (folder / "models").iterdir()] == ["base"]

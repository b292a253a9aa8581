"""Real runs of two nodes, which here are two stages on one machine that meet at a port."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.chains import world as quality
from tests.training import world
from tests.training.runs import SAVES, await_step, family, freeze, kill

STAGE = [sys.executable, "-m", "stages.train", "limo"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def spread(**changes):
    """Settings of a run of two nodes, each with one process."""
    return {"processes": 2, "nodes": 2, "rendezvous": f"127.0.0.1:{free_port()}", "restarts": 3, **SAVES, **changes}


def training(folder, settings):
    """Both nodes, in mid-run; the first one holds the rendezvous."""
    first = world.start(folder, **settings)
    while not listens(int(settings["rendezvous"].split(":")[1])):
        assert first.poll() is None
        time.sleep(0.1)
    second = world.start(folder, **settings)
    await_step(first, folder, 4)
    return first, second


def test_one_of_two_nodes_is_killed_and_brought_back_and_no_byte_changes(two, tmp_path):
    folder, settings = world.make(tmp_path, world.rows(9)), spread()
    first, second = training(folder, settings)
    kill(family(second))
    second.communicate()
    assert first.poll() is None
    back = world.start(folder, **settings)
    ends = [stage.communicate(timeout=300) for stage in (first, back)]
    assert (first.returncode, back.returncode) == (0, 0), "\n".join(err for _, err in ends)
    helped, told = sorted((out for out, _ in ends), key=len)
    assert helped == "{}\n"
    assert int(told.split("'resumed_at': ")[1].split(",")[0]) >= 4
    assert world.outs(folder) == world.outs(two)


@pytest.mark.parametrize(
    ("cut_off", "patience_s"), [(kill, 60), pytest.param(freeze, 20, marks=pytest.mark.slow)], ids=["kill", "freeze"]
)
def test_without_the_node_of_the_rendezvous_the_other_ends_and_both_go_on_together(two, tmp_path, cut_off, patience_s):
    """Frozen, it closes no connection, as a machine without power or cable does not."""
    folder, settings = world.make(tmp_path, world.rows(9)), spread(rendezvous_timeout_s=patience_s)
    first, second = training(folder, settings)
    lost, others = family(first), family(second)
    cut_off(lost)
    begun = time.monotonic()
    _, told = second.communicate(timeout=300)
    assert time.monotonic() - begun < patience_s + 20
    assert second.returncode == 1
    assert f"nodes did not meet at train.rendezvous={settings['rendezvous']}, or the node there was lost: " in told
    assert "start all nodes again, a run that had begun goes on from its last checkpoint" in told
    psutil.wait_procs(others, timeout=30)
    assert not [left for left in others if left.is_running() and left.status() != psutil.STATUS_ZOMBIE]
    for process in lost:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    first.communicate()
    with contextlib.chdir(folder):
        quality.write_params(seed=1, prompt={"system": world.SYSTEM}, train={**world.VALUES, **settings})
        nodes = [subprocess.Popen(STAGE, env=ENVIRONMENT) for _ in range(2)]
    assert [node.wait(300) for node in nodes] == [0, 0]
    assert world.outs(folder) == world.outs(two)
    timings = json.loads((folder / ".limo/timings/train_limo.json").read_text(encoding="utf-8"))
    assert timings["resumed_at"] >= 4


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
        with pytest.raises(RuntimeError, match=f"nodes did not meet at train.rendezvous=127.0.0.1:{port}"):
            world.run(folder, **spread(rendezvous=f"127.0.0.1:{port}", rendezvous_timeout_s=5))
    assert [path.name for path in (folder / "models").iterdir()] == ["base"]

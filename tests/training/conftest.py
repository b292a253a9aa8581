"""Undisturbed runs that several files compare others with; they start processes that import for seconds."""

import time

import pytest

from tests.training import world
from tests.training.runs import LONG, SAVES, await_file


@pytest.fixture(scope="package", autouse=True)
def _no_dvc_root():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DVC_ROOT", raising=False)
        yield


@pytest.fixture(scope="package")
def timed(tmp_path_factory):
    """Project of a run of one process, and the seconds from its first sign of life to its end."""
    folder = world.make(tmp_path_factory.mktemp("one"), world.rows(9))
    stage = world.start(folder, **SAVES)
    await_file(stage, folder, "limo-*/lock")
    begun = time.monotonic()
    _, told = stage.communicate()
    assert stage.returncode == 0, told
    return folder, time.monotonic() - begun


@pytest.fixture(scope="package")
def one(timed):
    return timed[0]


@pytest.fixture(scope="package")
def two(tmp_path_factory):
    folder = world.make(tmp_path_factory.mktemp("two"), world.rows(9))
    world.run(folder, processes=2, **LONG)
    return folder

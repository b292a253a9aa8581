from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from limo import params
from limo.generation import attempts
from limo.generation.engines.choose import numerics, open_engine
from limo.generation.task import never
from limo.store.request import Request
from tests import tiny_model
from tests.generation.test_attempts import CONFIGURED, TASK, _problems

INNER = params.TransformersEngine(
    kind="transformers", device="cpu", dtype="float32", slots=2, max_length=160, threads=1, numerics="portable"
)
SAMPLING = params.Sampling(temperature=0.9, top_p=0.95, max_tokens=48)


def spread(nodes: Any, actors: int) -> params.RayEngine:
    return params.RayEngine(kind="ray", address=nodes.address, actors=actors, cpus=1.0, gpus=0.0, holds=INNER)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.save(tmp_path_factory.mktemp("model"))


def test_a_node_that_dies_changes_no_byte_of_the_tables(two_nodes, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    third = [two_nodes.add_node(num_cpus=1)]

    def draw(engine: params.Engine, name: str, settled: Any) -> bytes:
        monkeypatch.setenv("LIMO_STORE", str(tmp_path / name))
        out = tmp_path / f"{name}.parquet"
        problems = _problems("abcdefghij")
        configured = CONFIGURED.model_copy(update={"engines": {"local": engine}})
        task = replace(TASK, folder=folder, sampling=lambda _: (4, SAMPLING), settled=settled)
        _, tally = attempts.draw(problems, task, configured, out)
        assert tally["drawn"] == 40
        return out.read_bytes()

    def after_some(judged: Sequence[str]) -> bool:
        if third and len(judged) == 2:
            two_nodes.remove_node(third.pop(), allow_graceful=False)
        return False

    assert numerics(spread(two_nodes, 3)) == numerics(INNER)
    spread_out = draw(spread(two_nodes, 3), "ray", after_some)
    assert not third
    assert spread_out == draw(INNER, "alone", never)


def test_what_the_held_engine_refuses_is_said_by_name(two_nodes, folder):
    engine = open_engine(folder, spread(two_nodes, 1))
    beyond = params.Sampling(temperature=0.9, top_p=0.95, max_tokens=500)
    try:
        assert engine.capacity == 2
        assert engine.finished(0.0) == []
        engine.submit([("p7#2", Request((1, 2, 3), (), beyond, 1))])
        with pytest.raises(ValueError, match=r"p7#2: prompt and answer need 503 tokens"):
            engine.finished()
    finally:
        engine.close()

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from limo import params
from limo.generation import attempts
from limo.generation.engines.choose import numerics, open_engine
from limo.generation.engines.protocol import RequestError
from limo.generation.task import alike, never
from limo.store.request import Request
from tests import tiny_model
from tests.generation.test_attempts import CONFIGURED, TASK, _problems
from tests.vllm.loopback import Loopback, Model

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
        task = replace(TASK, folder=folder, asks=alike("Solve.", 4, SAMPLING), settled=settled)
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


def test_one_refused_request_is_said_once_and_the_others_go_on(two_nodes, folder):
    model = Model(delay_s=0.01, room=9)
    server = Loopback(model)
    held = params.OpenaiEngine(
        kind="openai", url=server.url, model="m", endpoint="completions", fields="openai", max_length=None,
        key_variable=None, concurrency=4, timeout_s=30.0, attempts=2,
    )  # fmt: skip
    engine = open_engine(folder, spread(two_nodes, 1).model_copy(update={"holds": held}))
    lengths = {"a#0": 3, "b#0": 400, "c#0": 5, "d#0": 500, "e#0": 7}
    try:
        engine.submit([(name, Request((1,) * length, (), SAMPLING, length)) for name, length in lengths.items()])
        answered, refused = [], []
        for _ in range(20):
            try:
                if not (done := engine.finished()):
                    break
                answered += [name for name, _ in done]
            except RequestError as error:
                refused.append(str(error))
        assert sorted(answered) == ["a#0", "c#0", "e#0"]
        assert sorted(each[:4] for each in refused) == ["b#0:", "d#0:"]
        assert "maximum context length" in refused[0]
    finally:
        engine.close()
        server.stop()


def test_a_cluster_without_the_devices_is_said_and_not_waited_for_without_end(two_nodes, monkeypatch):
    monkeypatch.setattr("limo.generation.engines.ray._ROOM_S", 0.0)
    wanting = spread(two_nodes, 1).model_copy(update={"gpus": 2.0})
    with pytest.raises(ValueError, match=r"no node of the cluster has 1 CPUs and 2 GPUs; they have 1 CPUs and 0"):
        numerics(wanting)


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

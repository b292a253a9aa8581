import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from limo.generation.engines.openai import OpenaiSampler
from limo.models.load import load_tokenizer, prompt_ids, turns
from limo.params import OpenaiEngine, Sampling
from limo.store.request import Completion, Request
from tests.vllm.loopback import Faults, Loopback
from tests.vllm.served import Served, save_model

PYTHON = os.environ.get("VLLM_PYTHON", "")

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not PYTHON, reason="VLLM_PYTHON names no python of an environment with vLLM"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def served(folder, tmp_path_factory) -> Iterator[Served]:
    server = Served(PYTHON, folder, tmp_path_factory.mktemp("log") / "vllm.log")
    try:
        server.wait()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def requests(folder) -> dict[str, Request]:
    """24 requests, each with a prompt, a length and a seed of its own, long enough to be killed in the middle."""
    tokenizer = load_tokenizer(folder)
    made = {}
    for number in range(24):
        spoken = turns("Solve.", f"What is {number} + 4?")
        sampling = Sampling(temperature=0.9, top_p=0.95, max_tokens=100 + 12 * number)
        made[f"p{number}#0"] = Request(tuple(prompt_ids(tokenizer, spoken)), spoken, sampling, 2**59 + number)
    return made


def _engine(folder: Path, url: str, endpoint: str = "completions") -> OpenaiSampler:
    settings = OpenaiEngine.model_validate(
        {
            "kind": "openai",
            "url": url,
            "model": "tiny",
            "endpoint": endpoint,
            "fields": "all",
            "max_length": None,
            "key_variable": None,
            "concurrency": 6,
            "timeout_s": 60.0,
            "attempts": 8,
        }
    )
    return OpenaiSampler(folder, settings)


def _answers(engine: OpenaiSampler, requests: dict[str, Request]) -> dict[str, Completion]:
    engine.submit(requests.items())
    found = []
    while done := engine.finished():
        found += done
    engine.close()
    assert sorted(name for name, _ in found) == sorted(requests)
    return dict(found)


@pytest.fixture(scope="module")
def undisturbed(served, folder, requests) -> dict[str, Completion]:
    return _answers(_engine(folder, served.url), requests)


def test_answers_keep_to_their_limits_and_seeds(served, folder, requests, undisturbed):
    assert len({answer.text for answer in undisturbed.values()}) == len(requests)
    assert {answer.stop for answer in undisturbed.values()} == {"eos", "length"}
    for name, answer in undisturbed.items():
        most = requests[name].sampling.max_tokens
        assert answer.tokens == most if answer.stop == "length" else 0 < answer.tokens <= most
    other = {name: Request(r.prompt_ids, r.turns, r.sampling, r.seed + 1000) for name, r in requests.items()}
    assert all(answer != undisturbed[name] for name, answer in _answers(_engine(folder, served.url), other).items())


def test_turns_spell_the_same_prompt_as_token_ids(served, folder, requests, undisturbed):
    assert _answers(_engine(folder, served.url, "chat"), requests) == undisturbed


def test_a_spoilt_way_changes_no_answer(served, folder, requests, undisturbed):
    faults = Faults(served.url, rate=0.3, kinds=("429", "500"), seed=1, slow_s=0.0)
    proxy = Loopback(faults)
    try:
        assert _answers(_engine(folder, proxy.url), requests) == undisturbed
    finally:
        proxy.stop()
    assert faults.injected["429"]
    assert faults.injected["500"]


def test_a_server_killed_in_the_middle_and_started_again_loses_nothing(served, folder, requests, undisturbed):
    engine = _engine(folder, served.url)
    engine.submit(requests.items())
    found = engine.finished()
    served.kill()
    found_before = len(found)
    restart = threading.Timer(3.0, served.start)
    restart.start()
    began = time.monotonic()
    while done := engine.finished():
        found += done
    engine.close()
    restart.join()
    assert found_before <= len(requests) - 6  # most were still to come
    assert time.monotonic() - began > 3.0
    assert sorted(name for name, _ in found) == sorted(requests)
    assert dict(found) == undisturbed

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from limo import params
from limo.generation.engines.choose import open_engine
from limo.models.load import load_tokenizer, prompt_ids, turns
from limo.store.request import Completion, Request
from tests.vllm.served import save_model

pytestmark = pytest.mark.vllm

ENGINE = params.VllmEngine(
    kind="vllm",
    device="cpu",
    dtype="float32",
    tensor_parallel=1,
    data_parallel=1,
    max_length=256,
    max_sequences=8,
    max_batched_tokens=2048,
    memory_fraction=0.3,
    prefix_caching=False,
    batch_invariant=False,
)
SAMPLING = params.Sampling(temperature=1.0, top_p=0.95, max_tokens=24)
PROBLEMS = 12
# Draws attempts of one model into a table, as a stage does; argv: folder of the model, table, order of the problems.
STAGE = """
import sys
from pathlib import Path
from limo import params
from limo.generation import attempts
from limo.generation.task import Task, alike, never
from tests.generation.test_attempts import CONFIGURED, _problems
from tests.vllm.test_engine import ENGINE, SAMPLING

if __name__ == "__main__":
    problems = _problems("abcdefghijkl")
    problems = problems.sample(fraction=1, shuffle=True, seed=1) if sys.argv[3] == "shuffled" else problems
    configured = CONFIGURED.model_copy(update={"engines": {"local": ENGINE}})
    task = Task(
        key="stage", stage="stage", model="tiny", folder=Path(sys.argv[1]), engine="local",
        asks=alike("Solve.", 4, SAMPLING), settled=never, lookahead=2, measures=False,
    )
    _, tally = attempts.draw(problems, task, configured, Path(sys.argv[2]))
    print("drawn", tally["drawn"], flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Any:
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    opened = open_engine(folder, ENGINE)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def requests(folder: Path) -> dict[str, Request]:
    """Prompts of several lengths, each with greedy and seeded draws."""
    tokenizer = load_tokenizer(folder)
    made = {}
    for number in range(24):
        ids = prompt_ids(tokenizer, turns("Solve.", "What is 3 + 4?" * (1 + number % 3)))
        sampling = SAMPLING.model_copy(update={"temperature": 0.0, "top_p": 1.0} if number % 4 == 0 else {})
        made[f"r{number}"] = Request(tuple(ids), (), sampling, 10**17 + number)
    return made


def answers(engine: Any, asked: list[tuple[str, Request]]) -> dict[str, Completion]:
    engine.submit(asked)
    found: dict[str, Completion] = {}
    while done := engine.finished():
        assert not found.keys() & dict(done).keys()
        found |= dict(done)
    assert found.keys() == dict(asked).keys()
    return found


def test_answers_are_the_same_again_in_any_order_and_company(engine, requests):
    first = answers(engine, list(requests.items()))
    assert len({(answer.text, answer.tokens) for answer in first.values()}) > 12
    assert answers(engine, list(reversed(requests.items()))) == first
    some = random.Random(3).sample(sorted(requests), 7)
    assert answers(engine, [(name, requests[name]) for name in some]) == {name: first[name] for name in some}


def test_greedy_answers_are_those_of_the_other_engine(engine, requests, folder):
    greedy = {name: request for name, request in requests.items() if request.sampling.temperature == 0}
    other = open_engine(
        folder,
        params.TransformersEngine(
            kind="transformers", device="cpu", dtype="float32", slots=3, max_length=256, threads=1, numerics="portable"
        ),
    )
    assert answers(engine, list(greedy.items())) == answers(other, list(greedy.items()))


def test_requests_are_taken_while_others_run(engine, requests):
    whole = answers(engine, list(requests.items()))
    waiting = list(requests.items())
    engine.submit([waiting.pop()])
    found: dict[str, Completion] = {}
    while done := engine.finished():
        found |= dict(done)
        engine.submit([waiting.pop() for _ in range(min(3, len(waiting)))])
    assert found == whole
    assert engine.finished(0.01) == []


def test_a_request_that_does_not_fit_is_refused_by_name(engine, requests):
    beyond = SAMPLING.model_copy(update={"max_tokens": 300})
    with pytest.raises(ValueError, match=r"p7#2: prompt and answer need \d+ tokens, engines\.\*\.max_length is 256"):
        engine.submit([("p7#2", Request(requests["r0"].prompt_ids, (), beyond, 1))])


def test_run_rerun_shuffled_and_killed_give_the_same_table(folder, tmp_path):
    def stage(name: str, order: str, store: str) -> subprocess.Popen[str]:
        environment = os.environ | {"LIMO_STORE": str(tmp_path / store), "VLLM_CPU_KVCACHE_SPACE": "1"}
        command = [sys.executable, "stage.py", str(folder), str(tmp_path / f"{name}.parquet"), order]
        (tmp_path / "stage.py").write_text(STAGE, encoding="utf-8")
        root = str(Path(__file__).parents[2])
        return subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def told(process: subprocess.Popen[str]) -> int:
        lines, _ = process.communicate()
        assert process.returncode == 0
        return int(next(line for line in lines.splitlines() if line.startswith("drawn")).split()[1])

    assert told(stage("first", "sorted", "one")) == 4 * PROBLEMS
    assert told(stage("again", "sorted", "one")) == 0
    assert told(stage("shuffled", "shuffled", "two")) == 4 * PROBLEMS
    killed = stage("killed", "sorted", "three")
    deadline = time.monotonic() + 300
    while not any(log.stat().st_size > 600 for log in tmp_path.glob("three/*/*.log")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.05)
    workers = psutil.Process(killed.pid).children(recursive=True)
    assert workers
    os.kill(killed.pid, signal.SIGKILL)  # alone: nobody tells its workers
    killed.wait()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    rest = told(stage("killed", "sorted", "three"))
    assert rest < 4 * PROBLEMS
    tables = {(tmp_path / f"{name}.parquet").read_bytes() for name in ("first", "again", "shuffled", "killed")}
    assert len(tables) == 1
    print(json.dumps({"drawn after the kill": rest}))

import asyncio
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from tests import tiny_model
from tests.docs.blocks import Block, bash, blocks, doctests_fail
from tests.system import workspace
from tests.system.workspace import Workspace
from tests.test_docs import examples
from tests.vllm.loopback import Loopback

PAGE = "own_data.md"
BLOCKS = list(blocks(PAGE))
WRITTEN = {block.path: block.text for block in BLOCKS if block.path}
PROBLEMS = [json.loads(line) for line in WRITTEN["data/raw/mine.jsonl"].splitlines()]
OPENINGS = (
    "Let me consider it. Perhaps it is {wrong}? Let us check: no. So it is",
    "First the parts, then the whole. Therefore we get",
    "We count, check and count again, since this might go wrong. Hence it is",
)


def said(model: str, question: str, seed: int) -> str:
    """What a model of the page's server says: `small` solves grade 1, `large` every other draw of grade 2."""
    problem = next(row for row in PROBLEMS if row["problem"] == question)
    draw = random.Random(f"{model} {question} {seed}")
    solved = problem["grade"] == 1 or (problem["grade"] == 2 and model == "large" and draw.random() < 0.5)
    wrong = str(900 + draw.randrange(100))
    return f"{draw.choice(OPENINGS).format(wrong=wrong)} \\boxed{{{problem['answer'] if solved else wrong}}}."


async def serve(request: web.Request) -> web.StreamResponse:
    """The protocol of OpenAI's chat, with the answers of `said`."""
    sent: dict[str, Any] = await request.json()
    assert request.path == "/v1/chat/completions"
    await asyncio.sleep(0)
    text = said(sent["model"], sent["messages"][-1]["content"], sent["seed"])
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return web.json_response({"choices": [choice], "usage": {"completion_tokens": len(text.split()) + 1}})


@pytest.fixture
def server() -> Iterator[Loopback]:
    started = Loopback(serve)
    yield started
    started.stop()


@pytest.fixture
def scratch(tmp_path, server) -> Workspace:
    """A clone of this project with the tokenizers of two models, as step 2 has them, whose profile asks the server."""
    tokenizer = tmp_path / "tokenizer"
    tiny_model.tokenizer().save_pretrained(tokenizer)
    made = workspace.make(tmp_path / "clone", tokenizer)
    for name in ("small", "large"):
        shutil.copytree(tokenizer, made.folder / ".limo" / name)
    (made.folder / "params.yaml").unlink()
    profile = made.folder / "profiles/own.yaml"
    profile.write_text(at(server, profile.read_text(encoding="utf-8")), encoding="utf-8")
    return made


def at(server: Loopback, text: str) -> str:
    """A text with the server's address in place of the page's."""
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


def play(block: Block, made: Workspace, server: Loopback) -> None:
    """Do what a block of the page says, and compare what it shows."""
    text = at(server, block.text)
    if block.path:
        path = made.folder / block.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif block.kind == "yaml":
        values = yaml.safe_load((made.folder / "params.yaml").read_text(encoding="utf-8"))
        assert values | yaml.safe_load(text) == values
    elif block.kind == "sh":
        bash(f"set -e\n{text}", made.folder, made.env)
    elif block.kind == "console":
        for command, output in examples(f"```console\n{text}```\n"):
            assert bash(command, made.folder, made.env) == output
    else:
        assert block.kind == "python"
        assert doctests_fail(text, PAGE) == 0


def test_the_page_runs_from_problems_to_a_dataset(scratch, server, monkeypatch):
    monkeypatch.chdir(scratch.folder)
    assert {block.kind for block in BLOCKS} == {"json", "sh", "yaml", "console", "python"}
    for block in BLOCKS:
        play(block, scratch, server)
    assert (Path("data/report/index.html")).is_file()
    assert (Path("data/release/datasets/limo/README.md")).is_file()

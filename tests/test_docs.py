import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(text: str) -> list[tuple[str, str]]:
    """Every command of a page's `console` blocks, with what the page says it prints: `$ COMMAND`, then its output."""
    found = []
    for block in BLOCK.findall(text):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            found.append((command, output))
    return found


EXAMPLES = [
    pytest.param(command, output, id=f"{page.name}: {command}")
    for page in PAGES
    for command, output in examples(page.read_text(encoding="utf-8"))
]


def test_a_block_is_taken_apart_into_commands_and_what_they_print():
    text = "```console\n$ limo a | head -1\none\ntwo\n$ limo b\n```\n```sh\n$ limo c\n```\n"
    assert examples(text) == [("limo a | head -1", "one\ntwo\n"), ("limo b", "")]
    assert EXAMPLES


@pytest.mark.parametrize(("command", "output"), EXAMPLES)
def test_a_command_prints_what_its_page_shows(command, output):
    inputs = [word for word in shlex.split(command) if word.startswith(("data/", "models/"))]
    absent = [path for path in inputs if not (ROOT / path).exists()]
    if absent:
        pytest.skip(f"{', '.join(absent)} is not there: run `dvc repro` or `dvc pull`")
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "DVC_NO_ANALYTICS": "1"}
    # Without pipefail, as a reader's shell: `| head` may end a command early.
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == output, f"{command} ended with {done.returncode}:\n{done.stderr}"

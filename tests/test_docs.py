import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Commands of `text` blocks: their worlds are made by a test of the file named, which compares what they print.
TESTED = {
    "limo explain easy:s1": "explain/test_explain.py",
    "limo explain easy:s6": "explain/test_explain.py",
    "limo funnel": "explain/test_funnel.py",
    "limo plan": "plan/test_plan.py",
    "limo verify --data": "proof/test_docs.py",
    "dvc params diff main narrow": "test_readme.py",
    "dvc metrics diff main narrow --targets metrics/funnel.json": "test_readme.py",
    "dvc metrics diff main narrow --targets metrics/evaluation.json"
    " | grep -E 'Metric|mean.pass_at_1'": "test_readme.py",
}


def examples(text: str, kind: str = "console") -> list[tuple[str, str]]:
    """Every command of a page's blocks of a kind, with what the page says it prints: `$ COMMAND`, then its output."""
    found = []
    for block in re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
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


def test_whatever_a_page_shows_with_its_output_is_compared_by_a_test():
    for page in PAGES:
        for command, _ in examples(page.read_text(encoding="utf-8"), "text"):
            assert page.name in (ROOT / "tests" / TESTED[command]).read_text(encoding="utf-8"), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_gives_what_the_page_shows(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shown = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(shown).failed == 0

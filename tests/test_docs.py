import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = {".py", ".md", ".yaml", ".j2", ".toml", ".txt"}  # suffixes of what is written by hand and may name a page
MADE = {"data", "models", "metrics"}
ENV = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "DVC_NO_ANALYTICS": "1"}
# Pages whose every block a test of its own runs, in a world that it makes.
PLAYED = {"own_data.md": "docs/test_own_data.py", "tour.md": "docs/test_tour.py"}
# Commands of `text` blocks: their worlds are made by a test of the file named, which compares what they print.
TESTED = {
    "limo explain easy:s1": "explain/test_explain.py",
    "limo explain easy:s6": "explain/test_explain.py",
    "limo funnel": "explain/test_flow.py",
    "limo plan": "plan/test_plan.py",
    "limo verify --data": "proof/test_docs.py",
    "dvc params diff main narrow": "test_readme.py",
    "dvc metrics diff main narrow --targets metrics/funnel.json | grep -E 'Metric|  [a-z]+.kept'": "test_readme.py",
    "dvc metrics diff main narrow --targets metrics/scores.json | grep -E 'Metric|mean.limo'": "test_readme.py",
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
    if page.name not in PLAYED
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
    # Without pipefail, as a reader's shell: `| head` may end a command early.
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)
    assert done.stdout == output, f"{command} ended with {done.returncode}:\n{done.stderr}"


def test_a_page_that_is_played_has_its_test():
    for page, test in PLAYED.items():
        assert f'PAGE = "{page}"' in (ROOT / "tests" / test).read_text(encoding="utf-8")


def test_whatever_a_page_shows_with_its_output_is_compared_by_a_test():
    for page in PAGES:
        for command, _ in examples(page.read_text(encoding="utf-8"), "text"):
            assert page.name in (ROOT / "tests" / TESTED[command]).read_text(encoding="utf-8"), command


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in PLAYED], ids=lambda page: page.name)
def test_python_gives_what_the_page_shows(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shown = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(shown).failed == 0


def named(text: str) -> list[tuple[str, list[str]]]:
    """Every page that a text names by its path, with the headings named after it, also across lines of a comment."""
    joined = re.sub(r"\s*\n[ \t]*(?:#\s*)?", " ", text)
    return [
        (page, re.findall(r'"([^"]+)"', headings))
        for page, headings in re.findall(r'\b(docs/[\w/]+\.md)((?:,? (?:and )?"[A-Z][^"]*")*)', joined)
    ]


def headings(page: Path) -> set[str]:
    """A page's headings, and the words in bold that open its paragraphs."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {*re.findall(r"^#+ (.+)$", text, re.MULTILINE), *re.findall(r"^\*\*(.+?)\.?\*\*", text, re.MULTILINE)}


def anchors(page: Path) -> set[str]:
    """What links call a page's headings: lower case, hyphens for spaces, no other signs."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def lacking(text: str) -> list[str]:
    """Pages and headings that a text names and that are not there."""
    gone = []
    for page, wanted in named(text):
        there = headings(ROOT / page) if (ROOT / page).is_file() else set()
        gone += [page] if not there else [f"{page}, {heading}" for heading in wanted if heading not in there]
    return gone


def written() -> list[Path]:
    """Every file of the project that is written by hand."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    inside = [path for folder in folders if folder.name not in MADE for path in folder.rglob("*")]
    return sorted(
        path
        for path in [*ROOT.iterdir(), *inside]
        if path.is_file() and {path.suffix, path.name} & {*WRITTEN, "Makefile"}
    )


def test_pages_and_headings_are_found_where_a_text_names_them():
    assert named('see docs/answers.md, "Extraction" and\n    # "Comparison"; docs/LOG.md') == [
        ("docs/answers.md", ["Extraction", "Comparison"]),
        ("docs/LOG.md", []),
    ]
    assert lacking('docs/answers.md, "Extraction", "Numbers"') == []
    assert lacking("docs/answers.md, " + '"Nothing"') == ["docs/answers.md, Nothing"]
    assert lacking("docs/" + "nothing.md") == ["docs/nothing.md"]
    assert "on-real-pass-rates" in anchors(ROOT / "docs/plan.md")


def test_every_page_and_heading_that_is_named_is_there():
    texts = {path: path.read_text(encoding="utf-8") for path in written() if path != Path(__file__)}
    assert sum(len(named(text)) for text in texts.values()) > 20
    gone = {str(path.relative_to(ROOT)): lacking(text) for path, text in texts.items()}
    assert {path: names for path, names in gone.items() if names} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page):
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_the_licence_that_is_declared_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")

import re

import pytest
import yaml

from limo.graph import lock, meanings, outs, places, schemas
from limo.graph.page import calls, templates
from tests.docs import graph
from tests.house.floors import FLOORS
from tests.test_docs import PAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
STAGES = list(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])
TERMS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| term |")
]  # the line under the head begins with |-


def linked(page):
    """The pages that a page links to."""
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / target).resolve() for target in targets if target.endswith(".md")}


def test_every_page_is_reached_from_the_readme():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.is_file():
            reached.add(page)
            ahead += linked(page)
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_the_index_has_every_page_with_a_line_of_its_own():
    index = ROOT / "docs/README.md"
    assert [page.name for page in PAGES if page not in {*linked(index), index}] == []
    entries = [line for line in index.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert [line for line in entries if not re.fullmatch(r"- \[[\w ]+\]\(\S+\): \S.*", line)] == []


def test_the_floors_on_the_page_are_those_that_imports_are_held_to():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    lines = re.findall(r"^floor (\d): (.*?) \|", text, re.MULTILINE)
    assert [int(number) for number, _ in reversed(lines)] == list(range(1, len(FLOORS) + 1))
    assert [tuple(packages.split()) for _, packages in reversed(lines)] == list(FLOORS)


def test_every_stage_has_functions_in_bold_that_it_calls_or_starts():
    assert list(meanings.DECIDES) == STAGES
    for stage, functions in meanings.DECIDES.items():
        called = {*calls(ROOT / f"stages/{stage}.py"), *meanings.STARTED.get(stage, [])}
        assert functions
        assert set(functions) <= called, stage
    for function in (function for functions in meanings.STARTED.values() for function in functions):
        module, _, name = function.rpartition(".")
        assert f"\ndef {name}(" in (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")


def test_a_meaning_is_of_a_column_that_is_there():
    tables = {out.path: set(out.schema) for out in templates() if isinstance(out, outs.Table)}
    tables |= {places.plot(name): set(schema) for name, schema in schemas.PLOTS.items()}
    assert {
        path: set(means) - tables[path] for path, means in meanings.OTHERWISE.items() if set(means) - tables[path]
    } == {}
    own = {path: set(meanings.OTHERWISE.get(path, {})) for path in tables}
    assert meanings.COLUMNS.keys() == {name for path, columns in tables.items() for name in columns - own[path]}


def test_the_picture_of_the_graph_is_that_of_dvc():
    assert graph.PLACES.keys() == set(STAGES)
    assert graph.PICTURE.read_text(encoding="utf-8") == graph.svg(graph.edges()), "run python -m tests.docs.graph"
    assert "](docs/graph.svg)" in README


def test_the_picture_marks_the_stages_that_sample_or_train():
    stages = lock.read(ROOT / "dvc.lock")
    assert {stages[name].group for name in lock.of_models(stages)} == {"fetch", *graph.MODELS}


def test_the_readme_has_a_line_for_every_stage():
    assert re.findall(r"^\| \[(\w+)\]\(docs/[\w.#-]+\) \|", README, re.MULTILINE) == STAGES


def test_the_readme_stays_short():
    assert len(README.splitlines()) <= 200


def test_terms_stand_in_alphabetical_order_and_once():
    names = [cells[0] for cells in TERMS]
    assert len(names) > 40
    assert names == sorted(set(names), key=str.casefold)


@pytest.mark.parametrize("cells", TERMS, ids=lambda cells: cells[0])
def test_a_term_has_a_meaning_and_a_page_and_its_package_is_there(cells):
    _, meaning, where, _ = cells
    assert len(meaning) > 15
    assert re.search(r"\]\(\w+\.md(#[\w-]+)?\)", where)
    assert [path for path in re.findall(r"`(limo/[\w/]+)`", where) if not (ROOT / path / "__init__.py").is_file()] == []

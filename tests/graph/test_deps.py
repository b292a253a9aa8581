from pathlib import Path

import pytest
import yaml

from limo.graph.deps import code, reached, written

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "dvc.yaml").read_text(encoding="utf-8")


def test_dvc_yaml_is_what_make_graph_gives():
    assert written(TEXT, ROOT) == TEXT


@pytest.mark.parametrize(
    ("stage", "file"),
    [
        ("rate", "limo/generation/engines/transformers.py"),  # imported inside a function
        ("train", "limo/training/loop.py"),  # started by torchrun
        ("pool", "limo/problems/subject.json"),  # read beside a module
        ("audit", "limo/problems/labelled.jsonl"),
        ("report", "limo/report/page.css"),
        ("release", "limo/release/dataset_card.md.j2"),
    ],
)
def test_the_walk_finds_imports_in_functions_processes_and_data_files(stage, file):
    assert file in reached(f"stages/{stage}.py", ROOT)


@pytest.fixture
def project(tmp_path):
    files = {
        "limo/__init__.py": "import os",
        "limo/whole/__init__.py": '"""Says what it is, and decides nothing."""',
        "limo/whole/one.py": "from limo.whole import two",
        "limo/whole/two.py": "WORDS = 'words.txt'",
        "limo/whole/words.txt": "word",
        "limo/part/used.py": "def use():\n    from limo.part.inner import deep",
        "limo/part/inner/deep.py": "import os",
        "limo/part/idle.py": "import os",
        "limo/params/section.py": "import os",
        "stages/make.py": "from limo.params import section\nfrom limo.part import used\nfrom limo.whole import one",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_stands_for_its_files_only_where_all_of_them_are_reached(project):
    assert code("make", project) == ["stages/make.py", "limo/part/inner", "limo/part/used.py", "limo/whole"]


def test_only_deps_change_and_those_that_are_no_code_stay(project):
    before = """# A comment.
stages:
  make:
    foreach: ${makers}
    do:
      desc: Makes it  # so
      deps:
        - stages/make.py
        - limo/gone
        - data/in/${item}.parquet
      outs: [data/out]
"""
    after = written(before, project)
    entry = '      deps: [stages/make.py, limo/part/inner, limo/part/used.py, limo/whole, "data/in/${item}.parquet"]\n'
    head, tail = before.split("      deps:\n")
    assert after == head + entry + tail[tail.index("      outs") :]
    assert written(after, project) == after


def test_a_long_entry_is_wrapped_and_read_back_the_same(project):
    data = [f"data/a_rather_long_name_of_a_table_{number}.parquet" for number in range(6)]
    text = f"stages:\n  make:\n    deps: [{', '.join(data)}]\n    outs: [data/out]\n"
    after = written(text, project)
    assert max(map(len, after.splitlines())) <= 120
    assert yaml.safe_load(after)["stages"]["make"]["deps"] == [*code("make", project), *data]
    assert written(after, project) == after

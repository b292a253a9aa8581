import re

import pytest

from limo.graph import page
from tests.graph.resolved import ROOT

OTHER = "docs/" + "other.md"  # in two parts: what names a page of ours is searched for as a whole


def test_the_page_of_stages_is_current():
    written = (ROOT / page.STAGES).read_text(encoding="utf-8")
    assert written == page.stages(ROOT), "docs/stages.md is not current: run `make docs`"


def test_the_page_of_tables_is_current():
    assert (ROOT / page.TABLES).read_text(encoding="utf-8") == page.tables(), "run `make docs`"


def test_every_file_that_the_page_of_stages_names_is_there():
    named = re.findall(r"`((?:stages|tests)/[\w/.]+)`", page.stages(ROOT))
    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_a_stage_without_a_test_or_a_page_is_named(tmp_path):
    files = {
        "dvc.yaml": "stages:\n  make: {desc: Makes it, cmd: python -m stages.make}\n",
        "stages/make.py": "from limo.problems import shards\nshards.build()\n",
        OTHER: "# Other\n",
        "tests/test_make.py": "from stages import make\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"stage make needs a test that runs stages/make\.py, and a page"):
        page.stages(tmp_path)
    (tmp_path / OTHER).write_text("# Other\n\n## How we make\n", encoding="utf-8")
    row = page.stages(tmp_path).splitlines()[-1]
    assert row == (
        "| `make` | Makes it | `stages/make.py` | `limo.problems.shards.build` | `tests/test_make.py` "
        "| [other](other.md) |"
    )

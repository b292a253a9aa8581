import json
import random

import polars as pl
import pytest

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.sources import acquire
from limo.sources import rows as sources


@pytest.fixture
def spec(tmp_path):
    order = random.Random(7)
    rows = [{"q": f"What is {number} + 1?", "a": number + 1, "n": f"r{number % 17}"} for number in range(40)]
    rows += [{"q": "", "a": 1, "n": "r3#2"}]
    order.shuffle(rows)
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    fields = params.Fields(question="q", answer="a", solution=None, domain=None, level=None, id="n")
    return params.FileSource(
        kind="files", path=str(path), fields=fields, answer_from="field", where={}, limit=None, licence="MIT"
    )


def test_slices_of_any_size_give_the_same_bytes_and_the_whole_table(spec, tmp_path, monkeypatch):
    whole = sources.rows("s", spec, 1000).sort("source_id")
    written = set()
    for size in (1, 7, 41, 1000):
        monkeypatch.setattr(sources, "SLICE", size)
        out = tmp_path / str(size) / "out.parquet"
        counts = acquire.write("s", spec, 1000, tmp_path / f"scratch-{size}", out)
        assert tables.read(out, schemas.SOURCE).equals(whole)
        assert counts == {"in": 41, "kept": 17, "rejected": 24, "duplicate source id": 23, "empty question": 1}
        written.add(out.read_bytes())
    assert len(written) == 1


def test_a_repeated_id_never_takes_the_name_of_another_row():
    names = sources.separated(pl.Series(["a", "a", "a#2", "a", "b", "a#2"]))
    assert names.to_list() == ["a", "a#3", "a#2", "a#4", "b", "a#2#2"]


def test_an_empty_source_leaves_no_file(spec, tmp_path):
    empty = spec.model_copy(update={"where": {"a": [-1]}})
    with pytest.raises(ValueError, match="source s has no rows"):
        acquire.write("s", empty, 1000, tmp_path / "x", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_a_source_that_keeps_no_row_is_an_error_with_its_reasons(spec, tmp_path):
    path = tmp_path / "bad.jsonl"
    rows = [{"q": "1+1?", "a": answer, "n": str(number)} for number, answer in enumerate(["TBD", "", "notfound"])]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"q": "", "a": 1, "n": "3"}]), encoding="utf-8")
    bad = spec.model_copy(update={"path": str(path)})
    message = r"source s keeps none of its 4 rows \(no answer 3, empty question 1\): the first, 0, .* 'no answer: TBD'"
    with pytest.raises(ValueError, match=message):
        acquire.write("s", bad, 1000, tmp_path / "x", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_levels_that_are_not_stored_as_they_are_published_are_counted(tmp_path):
    levels = [2, 2.0, "Level 3", 4.5, "5.5", "3/8", "hard", None, ""]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"q": f"What is {n} + 1?", "a": n, "l": x}) for n, x in enumerate(levels)))
    fields = params.Fields(question="q", answer="a", solution=None, domain=None, level="l", id=None)
    spec = params.FileSource(
        kind="files", path=str(path), fields=fields, answer_from="field", where={}, limit=None, licence="MIT"
    )
    counts = acquire.write("s", spec, 1000, tmp_path / "scratch", tmp_path / "out.parquet")
    assert counts == {"in": 9, "kept": 9, "rejected": 0, "levels not read": 2, "levels rounded": 2}
    assert tables.read(tmp_path / "out.parquet", schemas.SOURCE)["level"].to_list() == [
        *[2, 2, 3, 5, 6, None, None, None, None]
    ]

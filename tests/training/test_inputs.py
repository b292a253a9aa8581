import json
import re

import polars as pl
import pytest

from limo.base.files import digest
from limo.training.inputs import rows

LESSONS = [{"question": "1 + 1?", "solution": "2"}, {"question": "2 + 2?", "solution": "4"}]


def written(path, lessons):
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(lesson) + "\n" for lesson in lessons), encoding="utf-8")
    else:
        pl.DataFrame(lessons).write_parquet(path)
    return path


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.parquet"])
def test_own_rows_are_read_in_their_order_under_the_digest_of_their_question(name, tmp_path):
    path = written(tmp_path / name, [{**lesson, "note": "kept out"} for lesson in LESSONS])
    assert rows(path) == [{"id": digest(lesson["question"]), **lesson, "thought": None} for lesson in LESSONS]


def test_ids_of_ones_own_stay(tmp_path):
    path = written(tmp_path / "mine.jsonl", [{"id": place, **lesson} for place, lesson in enumerate(LESSONS)])
    assert [row["id"] for row in rows(path)] == ["0", "1"]


def test_how_much_of_a_solution_is_its_thought_is_read_where_the_table_counts_it(tmp_path):
    path = written(
        tmp_path / "mine.jsonl", [{**lesson, "thought": size} for lesson, size in zip(LESSONS, [1, None], strict=True)]
    )
    assert [row["thought"] for row in rows(path)] == [1, None]


@pytest.mark.parametrize(
    ("lessons", "expected"),
    [
        ([{**LESSONS[0], "thought": "Hm."}], "a column 'thought' counts characters of the solution, and is of String"),
        ([{"question": "1 + 1?"}], "training needs a column 'solution' of texts, the columns are ['question']"),
        ([{"question": 1, "solution": "2"}], "training needs a column 'question' of texts"),
        ([*LESSONS, {"question": "3?", "solution": None}], "1 of 3 rows have no solution"),
    ],
)
def test_a_file_that_cannot_be_trained_on_is_refused_by_name(lessons, expected, tmp_path):
    path = written(tmp_path / "mine.jsonl", lessons)
    with pytest.raises(ValueError, match=re.escape(f"{path}: {expected}")):
        rows(path)


def test_a_damaged_or_missing_file_is_refused_by_name(tmp_path):
    (tmp_path / "mine.jsonl").write_text('{"question": ', encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.jsonl cannot be read as \.jsonl"):
        rows(tmp_path / "mine.jsonl")
    with pytest.raises(FileNotFoundError, match="dvc repro"):
        rows(tmp_path / "absent.parquet")

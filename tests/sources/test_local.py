import gzip
import hashlib
import io
import json
import re
import zipfile

import polars as pl
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from limo import params
from limo.lines.packed import unpacked_lines
from limo.sources import rows as sources
from limo.sources.values import nested

ROWS = [
    {
        "key": "p1",
        "problem": "1 + 1?",
        "label": {"value": "2"},
        "proof": "So \\boxed{2}.",
        "topic": "sums",
        "grade": "Level 1",
    },
    {
        "key": "p2",
        "problem": "2 + 2?",
        "label": {"value": "4"},
        "proof": "So \\boxed{4}.",
        "topic": "sums",
        "grade": "Level 2",
    },
    {
        "key": "p3",
        "problem": "3 * 3?",
        "label": {"value": "9"},
        "proof": "Unsure.",
        "topic": "products",
        "grade": "Level 2",
    },
]
FIELDS = {
    "id": "key",
    "question": "problem",
    "answer": "label.value",
    "solution": "proof",
    "domain": "topic",
    "level": "grade",
}


def spec(path, fields=FIELDS, **changes):
    values = {"answer_from": "field", "where": {}, "limit": None, "licence": "MIT", **changes}
    return params.FileSource(kind="files", path=str(path), fields=params.Fields(**{**FIELDS, **fields}), **values)


def read(path, **changes):
    return sources.rows("file", spec(path, **changes), 1000)


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def zipped(rows) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("data.jsonl", lines(rows))
        archive.writestr("__MACOSX/._data.jsonl", b"\x00\x05")
        archive.writestr("readme.md", "rows")
    return content.getvalue()


def parquet(rows) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(rows).write_parquet(content)
    return content.getvalue()


def arrow(rows, kind) -> bytes:
    content = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with kind(content, table.schema) as sink:
        sink.write_table(table, max_chunksize=2)
    return content.getvalue()


FORMATS = {
    ".jsonl": lines,
    ".jsonl.gz": lambda rows: gzip.compress(lines(rows)),
    ".jsonl.zst": lambda rows: b"".join(zstandard.compress(lines([row])) for row in rows),
    ".json": lambda rows: json.dumps(rows).encode(),
    ".json.gz": lambda rows: gzip.compress(json.dumps(rows, indent=1).encode()),
    ".json.zst": lambda rows: zstandard.compress(json.dumps(rows, indent=1).encode()),
    ".jsonl.zip": zipped,
    ".parquet": parquet,
    ".stream.arrow": lambda rows: arrow(rows, pa.ipc.new_stream),
    ".file.arrow": lambda rows: arrow(rows, pa.ipc.new_file),
}


def write(folder, ending, rows=ROWS):
    path = folder / f"train{ending}"
    path.write_bytes(FORMATS[ending](rows))
    return path


@pytest.mark.parametrize("ending", FORMATS)
def test_all_formats_give_the_same_rows(tmp_path, ending):
    path = write(tmp_path, ending)
    table = read(path)
    assert table["source_id"].to_list() == ["p1", "p2", "p3"]
    assert table["answer"].to_list() == ["2", "4", "9"]
    assert table["domain"].to_list() == ["sums", "sums", "products"]
    assert table["level"].to_list() == [1, 2, 2]
    assert table["solutions"].to_list()[0] == [{"style": "official", "text": "So \\boxed{2}."}]
    assert table["source_revision"].unique().to_list() == [hashlib.sha256(path.read_bytes()).hexdigest()]
    assert table["rejected"].null_count() == 3


def test_answers_can_come_from_the_solution(tmp_path):
    table = read(write(tmp_path, ".json"), answer_from="last_boxed", fields={"answer": None})
    assert table["answer"].to_list() == ["2", "4", None]
    assert table["rejected"].to_list() == [None, None, "no answer"]


def test_where_filters_before_limit_counts(tmp_path):
    path = write(tmp_path, ".jsonl")
    assert read(path, where={"grade": ["Level 2", "Level 3"]})["source_id"].to_list() == ["p2", "p3"]
    assert read(path, where={"grade": ["Level 2"]}, limit=1)["source_id"].to_list() == ["p2"]
    assert read(path, where={"label.value": ["9"]})["source_id"].to_list() == ["p3"]
    with pytest.raises(ValueError, match=r"source file has no rows: .*`where`"):
        read(path, where={"grade": ["Level 9"]})


def test_a_prompt_around_a_question_is_not_stored(tmp_path):
    asked = "Solve the following problem.\nHow many twos divide 64?\nPlease put your final answer within \\boxed{}."
    path = write(tmp_path, ".json", [{**ROWS[0], "problem": asked}])
    assert read(path)["question"].to_list() == ["How many twos divide 64?"]


def test_where_tells_true_from_one(tmp_path):
    rows = [{**ROWS[0], "key": str(n), "valid": valid} for n, valid in enumerate([True, False, 1, "true", None])]
    path = write(tmp_path, ".jsonl", rows)
    assert read(path, where={"valid": [True]})["source_id"].to_list() == ["0"]
    assert read(path, where={"valid": [1, "true"]})["source_id"].to_list() == ["2", "3"]


def test_a_column_that_no_row_has_is_an_error_that_says_which_there_are(tmp_path):
    rows = [{**ROWS[0], "turns": [{"text": "a"}, {"text": "b"}]}, {"key": "p2", "problem": "2 + 2?", "label": None}]
    path = write(tmp_path, ".jsonl", rows)
    there = re.escape("The first row has key, problem, label.value, proof, topic, grade, turns.0.text")
    with pytest.raises(ValueError, match=rf"source file: .*fields\.question names 'question'\. {there}"):
        read(path, fields={"question": "question"})
    with pytest.raises(ValueError, match=r"fields\.answer names 'label\.valu'; fields\.level names 'level'"):
        read(path, fields={"answer": "label.valu", "level": "level"})
    with pytest.raises(ValueError, match=r"where\.grad names 'grad'"):
        read(path, where={"grad": ["Level 2"]})
    assert read(path, fields={"domain": "turns.1.text"})["domain"].to_list() == ["b", None]


def test_bad_lines_become_rejected_rows_that_name_file_and_line(tmp_path):
    path = tmp_path / "train.jsonl"
    good = json.dumps(ROWS[0]).encode()
    bad = [
        b"{not json",
        b'["a list"]',
        b'{"key": "nan", "problem": NaN, "label": {"value": "1"}}',
        b'{"key": "bytes", "problem": "\xff?", "label": {"value": "1"}}',
        b'{"key": "lone", "problem": "\\ud800?", "label": {"value": "1"}}',
        b'{"problem": "no id?", "label": {"value": 5}}',
        b"[" * 100_000,
        b"7" * 5000,
        good,
    ]
    path.write_bytes(b"\n".join([good, b"", *bad]))
    table = read(path)
    reasons = table["rejected"].to_list()
    assert table.height == 10
    assert reasons[0] is None
    assert reasons[1].startswith("malformed JSON line: train.jsonl line 3 (")
    assert reasons[2] == "malformed JSON line: train.jsonl line 4 (a list, no object)"
    assert reasons[3:7] == ["not text: question", "invalid UTF-8: question", "invalid UTF-8: question", None]
    assert reasons[7].startswith("malformed JSON line: train.jsonl line 9 (")
    assert reasons[8].startswith("malformed JSON line: train.jsonl line 10 (")
    assert reasons[9] == "duplicate source id: p1"
    assert table["source_id"].to_list() == [
        "p1", "line 3", "line 4", "nan", "bytes", "lone", "line 8", "line 9", "line 10", "p1#2",
    ]  # fmt: skip
    assert table["question"][1] == "{not json"


def test_rows_of_an_array_that_are_no_objects_are_rejected(tmp_path):
    path = tmp_path / "train.json"
    path.write_text(json.dumps([ROWS[0], "text"]), encoding="utf-8")
    assert read(path)["rejected"].to_list() == [None, "malformed row: train.json row 2 (a str, no object)"]


def packed_readme() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.md", "rows")
    return content.getvalue()


def test_an_archive_of_several_files_names_the_file_of_each_row(tmp_path):
    path = tmp_path / "train.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.jsonl", lines(ROWS[:1]) + b"{\n")
        archive.writestr("a.json", json.dumps(ROWS[1:]))
    table = read(path, fields={"id": None})
    assert table["source_id"].to_list() == ["a.json row 1", "a.json row 2", "b.jsonl line 1", "b.jsonl line 2"]
    assert table["rejected"].to_list()[3].startswith("malformed JSON line: train.zip:b.jsonl line 2 (")


def test_tables_with_nested_prompts_are_read_by_dotted_names(tmp_path):
    rows = [
        {
            "prompt": [{"role": "user", "content": "1 + 1?"}],
            "reward_model": {"ground_truth": "2", "style": "rule"},
            "extra_info": {"index": "a-1"},
        }
    ]
    path = tmp_path / "train.parquet"
    pl.DataFrame(rows).write_parquet(path)
    names = {"id": "extra_info.index", "question": "prompt.0.content", "answer": "reward_model.ground_truth"}
    table = read(path, fields={**names, "solution": None, "domain": None, "level": None})
    assert table.select("source_id", "question", "answer").row(0) == ("a-1", "1 + 1?", "2")


@given(blocks=st.lists(st.lists(st.binary(max_size=40), max_size=4), max_size=4), size=st.integers(1, 7))
def test_a_packed_stream_has_the_lines_of_the_plain_one(blocks, size):
    plain = [b"".join(line.replace(b"\n", b"") + b"\n" for line in block) for block in blocks]
    stream = io.BytesIO(b"".join(zstandard.compress(block) for block in plain))
    stream.read = lambda _, read=stream.read: read(size)
    found = list(unpacked_lines(stream))
    assert found == b"".join(plain).split(b"\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.xml", b"<a/>", r"must end in one of \.jsonl"),
        ("train.csv", b'key,problem\n1,"a\n', "is no readable table"),
        ("train.json", b"{", "is no valid JSON"),
        ("train.json", b"{}", "holds a JSON dict, expected an array"),
        ("train.jsonl", b"\n\n", "has no rows"),
        ("train.jsonl.zst", b"no zstd", "is damaged"),
        ("train.jsonl.zst", zstandard.compress(lines(ROWS * 9000))[:-9], "is cut short"),
        ("train.jsonl.gz", b"no gzip", "is damaged"),
        ("train.jsonl.gz", gzip.compress(lines(ROWS * 9000))[:-9], "is cut short"),
        ("train.zip", b"no zip", "is damaged"),
        ("train.zip", packed_readme(), r"holds no \.jsonl or \.json file, only \['readme.md'\]"),
        ("train.arrow", b"no arrow", "is no readable Arrow"),
        ("train.parquet", b"no parquet", "is no readable Parquet"),
    ],
)
def test_a_file_damaged_as_a_whole_is_an_error_that_names_it(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read(tmp_path / name)


def test_missing_files_and_fields_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl is not there: correct the source's `path`"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(ValueError, match=r"answer_from must be field or last_boxed"):
        read(write(tmp_path, ".json"), answer_from=None)
    with pytest.raises(ValueError, match=r"answer_from 'last_boxed' needs a column in fields\.solution"):
        read(write(tmp_path, ".json"), answer_from="last_boxed", fields={"solution": None})


def test_columns_are_found_in_nested_tables_and_lists():
    row = {"prompt": [{"content": "Q"}], "a": {"b": {"c": 1}}}
    assert nested(row, "prompt.0.content") == "Q"
    assert nested(row, "a.b.c") == 1
    assert [nested(row, column) for column in ("prompt.1.content", "prompt.x", "a.x.c", "a.b.c.d", "")] == [None] * 5

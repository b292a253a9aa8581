import json

import polars as pl
import pytest

from limo import params
from limo.base import tables
from limo.graph.schemas import TRACE
from limo.problems.canonical import problem_id
from limo.sources.recorded import table

NONE = dict.fromkeys(("id", "text", "verdict", "stop", "author", "correct", "drawn", "rate"))
SAME = {"kind": "files", "author": "a-model", "author_kind": "model", "where": {}, "limit": None, "licence": "MIT"}
SUM, PRODUCT, OTHER = "What is 3 + 4?", "What is 3 * 4?", "What is 5 - 1?"
KNOWN = pl.DataFrame({"id": [problem_id(SUM), problem_id(PRODUCT), "merged"], "problem": ["sum", "product", "sum"]})


def written(rows, fields, folder, **changes):
    path = folder / "log.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    fields = fields if isinstance(fields, str) else {**NONE, "question": "q", **fields}
    spec = params.TraceFile.model_validate({**SAME, "path": str(path), "fields": fields, "draws": None, **changes})
    counts = table.write("log", spec, KNOWN, folder / "scratch", folder / "out.parquet")
    assert counts["kept"] + counts["rejected"] == counts["in"]
    return tables.read(folder / "out.parquet", TRACE), counts


def test_texts_are_numbered_within_their_question_over_all_rows(tmp_path):
    rows = [
        {"q": SUM, "said": ["So 7.", "So 8."], "right": [True, False]},
        {"q": PRODUCT, "said": ["So 12."], "right": [1]},
        {"q": f" {SUM} ", "said": ["Seven: 7."], "right": [None]},
    ]
    found, _ = written(rows, {"text": "said", "verdict": "right"}, tmp_path)
    assert found.select("id", "sample", "text", "claimed", "author").rows() == [
        ("product", 0, "So 12.", "correct", "a-model"),
        ("sum", 0, "So 7.", "correct", "a-model"),
        ("sum", 1, "So 8.", "wrong", "a-model"),
        ("sum", 2, "Seven: 7.", None, "a-model"),
    ]


def test_counts_stand_alone_and_of_two_for_one_question_the_first_is_used(tmp_path):
    rows = [
        {"q": SUM, "rate": 0.25},
        {"q": SUM, "rate": 0.5},
        {"q": PRODUCT, "rate": 0.3},
        {"q": PRODUCT, "rate": None},
        {"q": OTHER, "rate": 1.0},
    ]
    found, counts = written(rows, {"rate": "rate"}, tmp_path, draws=4)
    kept = tables.kept(found)
    assert kept.select("id", "correct", "drawn", "text").rows() == [("sum", 1, 4, None)]
    assert {name: counts[name] for name in ("no count", "not in the pool", "repeated")} == {
        "no count": 2, "not in the pool": 1, "repeated": 1,
    }  # fmt: skip


def test_a_bad_row_is_rejected_with_its_reason_and_stops_nothing(tmp_path):
    rows = [
        {"q": SUM, "said": "So 7.", "right": "perhaps"},
        {"q": SUM, "said": ["So 7."], "right": [True, False]},
        {"q": SUM, "said": 7},
        {"q": None, "said": "So 7."},
        {"q": SUM, "said": "  "},
        {"q": SUM, "said": "So 7."},
    ]
    found, _ = written(rows, {"text": "said", "verdict": "right"}, tmp_path)
    assert sorted(reason for reason in found["rejected"] if reason) == [
        "empty question",
        "empty text",
        "malformed row: 2 values stand beside 1 texts",
        "malformed row: verdict 'perhaps' is neither correct nor wrong",
        "not text",
    ]
    assert tables.kept(found)["text"].to_list() == ["So 7."]


def test_of_several_models_a_record_is_of_one_and_others_are_named(tmp_path):
    row = {"prompt": [{"content": SUM}], "extra_info": {"model_difficulty": {"small": 12, "large": 1}}}
    found, _ = written([row], "skywork_or1", tmp_path, author="large")
    assert found.select("correct", "drawn", "author").rows() == [(15, 16, "large")]
    with pytest.raises(ValueError, match=r"holds nothing by author 'huge'; there is \{'small': 1, 'large': 1\}"):
        written([row], "skywork_or1", tmp_path, author="huge")


def test_a_file_of_another_publisher_is_refused_as_a_whole(tmp_path):
    with pytest.raises(ValueError, match="none of 1 rows has the layout 'big_math': no column problem"):
        written([{"q": SUM}], "big_math", tmp_path)


def test_champ_gives_one_models_attempts_in_the_settings_that_are_named(tmp_path):
    spec = params.TraceChamp(kind="champ", author="GPT-4", settings=["0-Shot", "5-Shot", "No C w/o H"], licence="other")
    rows = [record for _, _, record in table.READERS["champ"](spec)]
    assert len(rows) == 270
    # The third setting falls back on the first one's prompt, and so on its very text.
    assert all(len(record.said) <= 2 for record in rows)
    assert sum(len(record.said) for record in rows) > 500
    assert all(said.summary or said.stop == "length" for record in rows for said in record.said)
    wrong = spec.model_copy(update={"settings": ["7-Shot"]})
    with pytest.raises(ValueError, match=r"'7-Shot'.*not among the package's"):
        next(table.READERS["champ"](wrong))

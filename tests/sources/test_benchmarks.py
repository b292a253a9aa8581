import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from limo import params
from limo.sources import benchmarks, repairs

LONG = (
    "Let a sequence be given by its first two terms and the rule that each further one is the sum of the two before. "
)


def spec(path, layout, **changes):
    source = params.FileSource(
        kind="files", path=str(path), fields=layout, answer_from=None, where={}, limit=None, licence="MIT"
    )
    values = {"max_characters": 500, "repairs": None, "options": "as_written", "published": None, **changes}
    return params.Benchmark(source=source, **values)


def lines(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path, layout, **changes):
    return benchmarks.read({"exam": spec(path, layout, **changes)}, 7)


def corrections(path, of, **rows):
    sha256 = hashlib.sha256(of.read_bytes()).hexdigest()
    found = {name: {"answer": answer, "reason": "misprint"} for name, answer in rows.items()}
    path.write_text(json.dumps({"revisions": {sha256: "the file"}, "rows": found}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("layout", "row", "expected"),
    [
        ("limo_aime", {"id": 3, "problem": "1+1?", "answer": "2", "url": "u"}, ("3", "2", None, None, "u")),
        ("limo_amc", {"id": 0, "problem": "1+1?", "answer": 2.0, "url": "u"}, ("0", "2.0", None, None, "u")),
        ("limo_chmath", {"id": "1", "problem": "1+1?", "answer": "2"}, ("1", "2", None, None, None)),
        (
            "limo_gaokao",
            {"idx": 4, "question": "1+1? A. 2 B. 3", "answer": "two", "choice_answer": "A"},
            ("4", "A", None, None, None),
        ),
        (
            "limo_gaokao",
            {"idx": 5, "question": "1+1?", "answer": "2", "choice_answer": ""},
            ("5", "2", None, None, None),
        ),
        ("limo_gpqa", {"id": 9, "question": "1+1?", "answer": "A"}, ("9", "A", None, None, None)),
        ("limo_gradeschool", {"problem": "1+1?", "answer": 2}, ("line 1", "2", None, None, None)),
        ("limo_gradeschool", {"problem": "1+1?", "answer": [2, 3]}, ("line 1", "2, 3", None, None, None)),
        ("limo_gradeschool", {"problem": "1+1?", "answer": {"sum": 2, "of": 1}}, ("line 1", "2, 1", None, None, None)),
        (
            "limo_kaoyan",
            {"id": 1, "problem": "1+1?", "answer": "2", "source": "2020 a"},
            ("1", "2", None, None, "2020 a"),
        ),
        (
            "limo_math500",
            {"unique_id": "test/7.json", "problem": "1+1?", "answer": "2", "subject": "Algebra", "level": 5},
            ("test/7.json", "2", "Algebra", 5, None),
        ),
        ("limo_minerva", {"question": "1+1?", "answer": "2e0"}, ("line 1", "2e0", None, None, None)),
        ("limo_olympiadbench", {"id": 1606, "question": "1+1?", "answer": "$2$"}, ("1606", "$2$", None, None, None)),
        ("mlilab", {"id": "AIME/0", "problem": "1+1?", "answer": "2"}, ("AIME/0", "2", None, None, None)),
    ],
)
def test_every_published_layout_gives_id_answer_field_level_and_origin(layout, row, expected, tmp_path):
    table = read(lines(tmp_path / "a.jsonl", row), layout)
    assert table.select("source_id", "answer", "domain", "level", "source").rows() == [expected]


def test_all_faults_of_all_sets_come_in_one_message(tmp_path):
    bad = lines(
        tmp_path / "bad.jsonl",
        {"id": 1, "question": "why?", "answer": None},
        {"id": 2, "question": "1+1?" * 200, "answer": "2"},
        {"id": 3, "question": "1+1?", "answer": "2"},
    )
    choice = lines(tmp_path / "choice.jsonl", {"id": 4, "question": "Which?", "answer": "B"})
    specs = {
        "one": spec(bad, "limo_gpqa"),
        "two": spec(tmp_path / "absent.jsonl", "limo_gpqa"),
        "three": spec(choice, "limo_gpqa", options="shuffle"),
        "four": spec(lines(tmp_path / "fine.jsonl", {"problem": "1+1?", "answer": 2}), "limo_gradeschool"),
    }
    with pytest.raises(ValueError, match="benchmark one: row 1 is unusable") as caught:
        benchmarks.read(specs, 7)
    first, second, third, fourth, remedy = str(caught.value).splitlines()
    assert first == "benchmark one: row 1 is unusable (no answer)"
    assert second == "benchmark one: row 2 is unusable (question longer than 500 characters)"
    assert third.startswith("benchmark two:")
    assert "absent.jsonl is not there" in third
    assert fourth.startswith("benchmark three: row 4: its options cannot be told apart")
    assert "max_characters" in remedy


def test_a_benchmark_has_a_limit_of_its_own(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"problem": "1 + 1? " * 900, "answer": 2})
    assert read(path, "limo_gradeschool", max_characters=8000).height == 1


def test_a_repaired_answer_replaces_the_published_one_and_says_why(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"problem": "1+1?", "answer": 3}, {"problem": "2+2?", "answer": 4})
    table = read(path, "limo_gradeschool", repairs=corrections(tmp_path / "r.json", path, **{"line 1": "2"}))
    assert table.select("answer", "repair").rows() == [("2", "misprint"), ("4", None)]
    assert benchmarks.counts(table)["exam"]["repaired"] == 1


@pytest.mark.parametrize(
    ("rows", "fault"),
    [({"line 1": "3"}, "row line 1 has the repaired answer already"), ({"line 9": "2"}, "no row line 9")],
)
def test_a_repair_that_changes_nothing_is_refused(rows, fault, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"problem": "1+1?", "answer": "3"})
    with pytest.raises(ValueError, match=fault):
        read(path, "limo_gradeschool", repairs=corrections(tmp_path / "r.json", path, **rows))


def test_repairs_of_another_file_are_refused(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"problem": "1+1?", "answer": "3"})
    made = corrections(tmp_path / "r.json", path, **{"line 1": "2"})
    lines(path, {"problem": "1+1?", "answer": "3 "})
    with pytest.raises(ValueError, match=r"benchmark exam: the repairs are for .* not for"):
        read(path, "limo_gradeschool", repairs=made)


@pytest.mark.parametrize("name", repairs.SHIPPED)
def test_the_projects_own_repairs_have_reasons_and_whole_hashes(name):
    shipped = repairs.read(f"limo/sources/{name}")
    assert all(len(revision) == 64 for revision in shipped.revisions)
    assert all(repair.reason for repair in shipped.rows.values())
    assert len(shipped.rows) > 3


def test_a_file_of_repairs_that_is_none_is_refused_by_name(tmp_path):
    (tmp_path / "r.json").write_text('{"rows": {}}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"r\.json is no file of repairs"):
        repairs.read(tmp_path / "r.json")
    with pytest.raises(FileNotFoundError, match=r"repairs_gaokao\.json"):
        repairs.read(tmp_path / "absent.json")


def test_repeated_problems_and_parts_of_one_exercise_make_a_cluster(tmp_path):
    questions = [
        "Find the sum of 17 and 25.",
        LONG + "What is the fifth term of it?",
        "find the sum of  17 and 25",
        "Find the product of 17 and 25.",
        LONG + "What do the first ten terms sum up to?",
    ]
    path = lines(tmp_path / "a.jsonl", *({"problem": question, "answer": "2"} for question in questions))
    table = read(path, "limo_gradeschool")
    assert table["cluster"].to_list() == ["line 1", "line 2", "line 1", "line 4", "line 2"]
    counted = benchmarks.counts(table)["exam"]
    assert (counted["rows"], counted["clusters"], counted["clustered"]) == (5, 3, 4)
    assert counted["answers"] == {"integer": 5}


def test_the_words_that_a_set_asks_in_make_no_cluster(tmp_path):
    asked_in = "State the final answer to the following problem of arithmetic, and nothing else, in digits: "
    path = lines(tmp_path / "a.jsonl", *({"problem": f"{asked_in}{n} + {n + 7} =", "answer": "2"} for n in range(6)))
    table = read(path, "limo_gradeschool")
    assert table["cluster"].to_list() == table["source_id"].to_list()


def test_a_short_common_opening_makes_no_cluster(tmp_path):
    questions = ["Compute the smallest positive integer n such that n is even.", "Compute the smallest prime."]
    path = lines(tmp_path / "a.jsonl", *({"problem": question, "answer": "2"} for question in questions))
    assert read(path, "limo_gradeschool")["cluster"].to_list() == ["line 1", "line 2"]


def merged(whole, part):
    """A mapping with another one's entries, level by level."""
    return {
        **whole,
        **{
            key: merged(whole[key], value) if isinstance(value, dict) and key in whole else value
            for key, value in part.items()
        },
    }


def test_the_set_of_the_page_can_be_added_to_the_profile_and_read(tmp_path, monkeypatch):
    root = Path(__file__).parents[2]
    page = (root / "docs/acquire.md").read_text(encoding="utf-8")
    (snippet,) = (block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "fields: mlilab" in block)
    profile = yaml.safe_load((root / "profiles/limo_v1.yaml").read_text(encoding="utf-8"))
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(merged(profile, yaml.safe_load(snippet))), encoding="utf-8")
    p = params.load(tmp_path / "params.yaml")
    assert {"aime25", "aime25/sober"} < set(params.exams(p.evaluate))
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    row = {"id": "AIME2025/0", "problem": "What is 1 + 1?", "answer": "2"}
    pl.DataFrame([row]).write_parquet(p.benchmarks["aime25"].source.path)
    table = benchmarks.read({"aime25": p.benchmarks["aime25"]}, 7)
    assert table.select("source_id", "answer").rows() == [("AIME2025/0", "2")]

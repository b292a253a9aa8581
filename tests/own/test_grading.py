import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from limo.cli import main
from limo.models.load import fingerprint
from limo.own import grading, judge
from limo.store.request import Completion
from limo.store.store import open_store
from tests import tiny_model

PROFILE = Path(__file__).parents[2] / "profiles" / "tiny.yaml"
ROWS = [
    {"id": 7, "gold": "12", "response": r"3 * 4 = \boxed{12}", "kind": "number"},
    {"id": "ü", "gold": 2.50, "answer": "5/2", "kind": "number"},
    {"id": "x", "gold": "12", "response": r"So it is \boxed{13}.", "kind": "number"},
    {"id": "7", "gold": r"\frac{\sqrt{2}}{2}", "answer": r"\frac{1}{\sqrt{2}}", "kind": "root"},
    {"id": "cut", "gold": 5, "response": "First we count", "stop": "length"},
    {"id": "none", "gold": 5, "response": "", "question": "How many?", "ignored": {"by": ["us"]}},
]
EXPECTED = [
    (7, "correct", "12"),
    ("ü", "correct", "5/2"),
    ("x", "wrong", "13"),
    ("7", "correct", r"\frac{1}{\sqrt{2}}"),
    ("cut", "truncated", None),
    ("none", "wrong", None),
]


def _lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["grade", *map(str, arguments)], input=text, catch_exceptions=False)


def _read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _short(rows: list[dict]) -> list[tuple]:
    return [(row["id"], row["verdict"], row["extracted"]) for row in rows]


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(_lines(ROWS), encoding="utf-8")
    return path


def test_every_row_gets_its_verdict_in_order(source, tmp_path):
    out = tmp_path / "new" / "out.jsonl"
    result = _run(source, "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert _short(_read(out)) == EXPECTED
    assert all(list(row) == ["id", "verdict", "extracted", "rule"] and row["rule"] for row in _read(out))
    assert '{"id":"ü",' in out.read_text(encoding="utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["out.jsonl"]


def test_the_counts_are_shown_and_written(source, tmp_path):
    result = _run(source, "-o", tmp_path / "out.jsonl", "--metrics", tmp_path / "m.json")
    assert result.stderr.startswith("6 rows: correct 3, wrong 2, undecided 0, truncated 1\n")
    assert "  kind number: correct 2, wrong 1\n" in result.stderr
    found = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert (found["rows"], found["judge"]) == (6, None)
    assert found["verdicts"] == {"correct": 3, "wrong": 2, "undecided": 0, "truncated": 1}
    assert found["kinds"] == {
        "": {"truncated": 1, "wrong": 1},
        "number": {"correct": 2, "wrong": 1},
        "root": {"correct": 1},
    }
    assert found["rules"].keys() == {row["rule"] for row in _read(tmp_path / "out.jsonl")}
    assert sum(sum(rule.values()) for rule in found["rules"].values()) == 6


def test_workers_and_chunks_change_no_byte(tmp_path, monkeypatch):
    rows = [{"id": n, "gold": f"\\sqrt{{{n % 5}}}+x", "answer": f"x+\\sqrt{{{n % 4}}}"} for n in range(20)]
    source = tmp_path / "in.jsonl"
    source.write_text(_lines(rows), encoding="utf-8")
    assert _run(source, "-o", tmp_path / "one.jsonl").exit_code == 0
    monkeypatch.setattr(grading, "CHUNK", 3)
    assert _run(source, "-o", tmp_path / "two.jsonl", "--workers", 2).exit_code == 0
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert {verdict for _, verdict, _ in _short(_read(tmp_path / "two.jsonl"))} == {"correct", "wrong"}


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst", "two.jsonl.zst", "bom.jsonl"])
def test_packed_files_are_read(source, tmp_path, ending):
    plain = source.read_bytes() + b"\n  \n"
    packed = {
        "jsonl": plain.rstrip(b"\n "),
        "jsonl.gz": gzip.compress(plain),
        "jsonl.zst": zstandard.compress(plain),
        "two.jsonl.zst": zstandard.compress(plain[:100]) + zstandard.compress(plain[100:]),
        "bom.jsonl": b"\xef\xbb\xbf" + plain,
    }
    path = tmp_path / f"packed.{ending}"
    path.write_bytes(packed[ending])
    assert _run(path, "-o", tmp_path / "out.jsonl").exit_code == 0
    assert _short(_read(tmp_path / "out.jsonl")) == EXPECTED


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst"])
@pytest.mark.parametrize("fault", ["cut", "damaged"])
def test_a_damaged_file_is_named_and_nothing_written(source, tmp_path, ending, fault):
    whole = (gzip.compress if ending == "jsonl.gz" else zstandard.compress)(source.read_bytes())
    path = tmp_path / f"packed.{ending}"
    path.write_bytes(whole[:-3] if fault == "cut" else whole[:40] + b"????" + whole[44:])
    result = _run(path, "-o", tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert f"packed.{ending}" in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_standard_input_to_standard_output(source, tmp_path):
    command = [sys.executable, "-m", "limo.cli", "grade", "-", "-o", "-"]
    result = subprocess.run(command, input=source.read_bytes(), capture_output=True, check=True)
    assert _short([json.loads(line) for line in result.stdout.splitlines()]) == EXPECTED
    # No progress bar where nobody watches it.
    assert result.stderr.startswith(b"6 rows: ")


def test_a_row_without_a_reference_answer_is_undecided_and_counted(tmp_path):
    source, out, counts = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "counts.json"
    golds = ["5", "", " ", None, []]
    rows = [{"id": place, "gold": gold, "response": "It is 5."} for place, gold in enumerate(golds)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert _run(source, "-o", out, "--metrics", counts).exit_code == 0
    assert [row["verdict"] for row in _read(out)] == ["correct", *["undecided"] * 4]
    assert json.loads(counts.read_text())["rules"]["no reference answer"] == {"undecided": 4}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"gold": 1, "answer": 1}', "`id`: Field required"),
        ('{"id": true, "gold": 1, "answer": 1}', "`id`: give text or a whole number (found 'True')"),
        ('{"id": 1.0, "gold": 1, "answer": 1}', "`id`: give text or a whole number (found '1.0')"),
        ('{"id": "", "gold": 1, "answer": 1}', "`id`: give text or a whole number (found '')"),
        ('{"id": "a", "gold": 1, "answer": 1}', '`id`: "a" stands on line 1 already; give every row its own'),
        ('{"id": 1, "answer": 1}', "`gold`: Field required"),
        ('{"id": 1, "gold": [[1]], "answer": 1}', "`gold`: give text, a number, true, false or a list of these"),
        ('{"id": 1, "gold": {"x": 1}, "answer": 1}', "`gold`: give text, a number, true, false or a list of these"),
        ('{"id": 1, "gold": 1}', "give `response` or `answer`"),
        ('{"id": 1, "gold": 1, "answer": null}', "give `response` or `answer`"),
        ('{"id": 1, "gold": 1, "response": 5}', "`response`: Input should be a valid string (found '5')"),
        ('{"id": 1, "gold": 1, "response": 1.5}', "`response`: Input should be a valid string (found '1.5')"),
        ('{"id": 1, "gold": 1, "response": "", "stop": "stop"}', "`stop`: Input should be 'eos' or 'length'"),
        ('{"id": 1, "gold": 1, "answer": 1, "kind": 3}', "`kind`: Input should be a valid string (found '3')"),
        ('{"id": 1, "gold": "\\ud800", "answer": 1}', "`gold` holds half of a character"),
        ('{"id": 1, "gold": NaN, "answer": 1}', "NaN is no JSON number: write it as text"),
        ('{"id": 1, "gold"', "cannot be read ("),
        ("[" * 100_000, "cannot be read ("),
        ("[1]", "Input should be a valid dictionary"),
    ],
)
def test_a_bad_row_stops_the_run_before_anything_is_written(tmp_path, row, message):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{{"id": "a", "gold": 1, "answer": 1}}\n\n{row}\n', encoding="utf-8")
    out.write_text("what was there", encoding="utf-8")
    result = _run(source, "-o", out, "--metrics", tmp_path / "m.json")
    assert result.exit_code == 2
    assert "1 of 2 rows cannot be used, nothing was written:" in result.stderr
    assert f"{source} line 3: " in result.stderr
    assert message in result.stderr
    assert out.read_text(encoding="utf-8") == "what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_the_first_bad_rows_are_listed_and_all_are_counted(tmp_path):
    result = _run("-", "-o", tmp_path / "out.jsonl", text="nonsense\n" * 8 + _lines(ROWS))
    assert result.exit_code == 2
    assert "8 of 14 rows cannot be used" in result.stderr
    assert [f"standard input line {n}:" in result.stderr for n in range(1, 8)] == [True] * 5 + [False] * 2
    assert "and 3 more" in result.stderr


def test_answers_may_be_numbers_truth_values_and_lists(tmp_path):
    found = grading.ResponseRow.model_validate
    read = [
        found(json.loads(f'{{"id": 1, "gold": {gold}, "answer": ""}}', parse_float=grading._Spelt)).gold
        for gold in ("7", "-0.50", "1e-7", "true", '["a", 2, 2.0, false]', '" 1/2 "')
    ]
    assert read == ["7", "-0.50", "1e-7", "true", "a, 2, 2.0, false", " 1/2 "]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.parquet", "-o", "out.jsonl"], "in.parquet: the name must end in .jsonl, .jsonl.gz, .jsonl.zst"),
        (["no.jsonl", "-o", "out.jsonl"], "no.jsonl is no file"),
        (["in.jsonl"], "Missing option '-o'"),
        (["in.jsonl", "-o", "out.csv"], "-o out.csv: the name must end in .jsonl"),
        (["in.jsonl", "-o", "in.jsonl"], "-o in.jsonl is the input as well"),
        (["in.jsonl", "-o", "./in.jsonl"], "-o ./in.jsonl is the input as well"),
        (["in.jsonl", "-o", "folder.jsonl"], "-o folder.jsonl is a folder"),
        (["in.jsonl", "-o", "out.jsonl", "--metrics", "m.csv"], "--metrics m.csv: the name must end in .json"),
        (["in.jsonl", "-o", "out.jsonl", "--timeout", "0"], "Invalid value for '--timeout'"),
        (["in.jsonl", "-o", "out.jsonl", "--judge", "model"], "--judge FOLDER and --judgements FILE go together"),
        (["in.jsonl", "-o", "out.jsonl", "--judge-all"], "--judge FOLDER and --judgements FILE go together"),
        (["in.jsonl", "-o", "o.jsonl", "--judge", "m", "--judgements", "o.jsonl"], "o.jsonl is -o as well"),
        (["in.jsonl", "-o", "o.jsonl", "--judge", "m", "--judgements", "j.jsonl"], "--params params.yaml is no file"),
    ],
)
def test_bad_usage_is_refused(source, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    Path("folder.jsonl").mkdir()
    result = _run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.jsonl", "in.jsonl"]


def test_an_empty_file_has_no_verdicts(tmp_path):
    result = _run("-", "-o", tmp_path / "out.jsonl", text="\n")
    assert (result.exit_code, (tmp_path / "out.jsonl").read_bytes()) == (0, b"")
    assert result.stderr.startswith("0 rows: ")


def test_a_run_that_fails_leaves_what_was_there(source, tmp_path, monkeypatch):
    class BrokenVerifier(grading.Verifier):
        def verify_many(self, cases):
            raise fault

    monkeypatch.setattr(grading, "Verifier", BrokenVerifier)
    (tmp_path / "out.jsonl").write_text("old", encoding="utf-8")
    fault = OSError("no space left")
    result = _run(source, "-o", tmp_path / "out.jsonl")
    assert (result.exit_code, "no space left" in result.stderr) == (2, True)
    # A flaw of our own keeps its traceback: it must not pass for bad input.
    fault = ValueError("a flaw")
    with pytest.raises(ValueError, match="a flaw"):
        _run(source, "-o", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


# --- the judge --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return tiny_model.save(tmp_path_factory.mktemp("judge") / "model")


@pytest.fixture
def judged(tmp_path, model, monkeypatch):
    """Grade rows with a judge: `judged(rows, *options)` gives the result, the verdicts, the judgements, the metrics."""
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    knobs = tmp_path / "params.yaml"
    knobs.write_text(PROFILE.read_text(encoding="utf-8").replace("max_length: 288", "max_length: 4096"), "utf-8")
    out, told, metrics = tmp_path / "out.jsonl", tmp_path / "told.jsonl", tmp_path / "m.json"

    def run(rows, *options):
        files = ["-", "-o", out, "--judge", model, "--judgements", told, "--metrics", metrics]
        result = _run(*files, "--params", knobs, "--tokens", 8, *options, text=_lines(rows))
        if result.exit_code:
            return result, None, None, None
        return result, _read(out), _read(told), json.loads(metrics.read_text(encoding="utf-8"))

    return run


PROSE = {"question": "What is the shape?", "kind": "text"}
TEXTS = [
    {"id": "yes", "gold": "it has equal sides", "answer": "all of its sides are equal", **PROSE},
    {"id": "no", "gold": "it has equal sides", "answer": "its sides are equal", **PROSE},
    {"id": "hm", "gold": "it has equal sides", "answer": "its sides are of equal length", **PROSE},
    {"id": "sum", "gold": 4, "answer": "4"},
    {"id": "off", "gold": 4, "answer": "5"},
    {"id": "mute", "gold": 4, "response": ""},
]


def test_a_judge_without_a_verdict_leaves_the_rules_word_and_is_kept(judged, model):
    _, rows, told, counts = judged(TEXTS)
    assert [row["verdict"] for row in rows] == ["undecided"] * 3 + ["correct", "wrong", "wrong"]
    assert [one["id"] for one in told] == ["yes", "no", "hm"]
    assert list(told[0]) == [
        "id",
        "question",
        "gold",
        "extracted",
        "model",
        "prompt",
        "key",
        "text",
        "judgement",
        "rules",
        "rule",
    ]
    assert told[0]["question"] == "What is the shape?"
    assert told[0]["extracted"] == "all of its sides are equal"
    assert told[0]["model"] == fingerprint(model)
    assert {(one["judgement"], one["rules"]) for one in told} == {("unparsed", "undecided")}
    assert all(one["text"] for one in told)
    assert (counts["judge"]["asked"], counts["judge"]["unparsed"], counts["judge"]["both"]) == (3, 3, 0)


def test_what_the_store_holds_settles_rows_and_is_not_drawn_again(judged, model, tmp_path, monkeypatch):
    _, _, told, _ = judged(TEXTS, "--judge-all")
    assert [one["id"] for one in told] == ["yes", "no", "hm", "sum", "off"]
    said = dict(
        zip(["yes", "no", "hm", "sum", "off"], ["CORRECT", "INCORRECT", "WRONG", "CORRECT", "CORRECT"], strict=True)
    )
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "scripted"))
    with open_store(fingerprint(model)) as store:
        for one in told:
            store.put(one["key"], Completion(f"The correct answer is 5.\nVerdict: {said[one['id']]}", 3, "eos"))
    monkeypatch.setattr(judge, "open_engine", lambda *_: pytest.fail("an engine was opened"))

    result, rows, told, counts = judged(TEXTS, "--judge-all")
    assert [(row["verdict"], row["rule"] == "judge") for row in rows] == [
        ("correct", True),
        ("wrong", True),
        ("undecided", False),
        ("correct", False),
        ("wrong", False),
        ("wrong", False),
    ]
    assert [one["judgement"] for one in told] == ["correct", "wrong", "unparsed", "correct", "correct"]
    assert counts["rules"]["judge"] == {"correct": 1, "wrong": 1}
    assert counts["judge"].pop("model") == fingerprint(model)
    assert counts["judge"] == {
        "asked": 5,
        "correct": 3,
        "wrong": 1,
        "unparsed": 1,
        "too_long": 0,
        "unsafe": 0,
        "both": 2,
        "agree": 1,
    }
    assert "judge, asked 5: correct 3, wrong 1, unparsed 1, too_long 0, unsafe 0; agrees with the rules on 1 of 2" in (
        result.stderr
    )
    # Without --judge-all the same verdicts, from three questions.
    assert (judged(TEXTS)[1], len(judged(TEXTS)[2])) == (rows, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "remote"], "--engine remote: "),
        (["--judge", "nowhere"], "nowhere holds no model"),
        (["--tokens", 4096], "take an engine with a larger max_length"),
    ],
)
def test_a_judge_that_cannot_run_stops_the_run_before_anything_is_written(judged, tmp_path, options, message):
    result, *_ = judged(TEXTS, *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "store") == ["params.yaml"]

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import zstandard
from click.testing import CliRunner, Result

from limo.cli import main
from limo.store.request import Completion
from limo.store.store import open_store

MODEL, OTHER = "ab" * 32, "ac" * 32
TEXTS = ["six", "數 \n 7", '"quoted"', "x" * 500]
ANSWERS = {hashlib.sha256(text.encode()).hexdigest(): Completion(text, 10 + len(text), "eos") for text in TEXTS}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["store", *map(str, arguments)], catch_exceptions=False)


def fill(model: str, answers: dict[str, Completion]) -> None:
    with open_store(model) as store:
        for key, completion in answers.items():
            store.put(key, completion)


def held(model: str) -> dict[str, Completion]:
    with open_store(model) as store:
        return dict(store.items())


def flip(path: Path, offset: int) -> None:
    whole = bytearray(path.read_bytes())
    whole[offset] ^= 1
    path.write_bytes(whole)


def exported(path: Path) -> list[dict]:
    return [
        json.loads(line)
        for line in zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).readall().split(b"\n")[:-1]
    ]


def test_stats_count_what_each_model_has(place):
    assert run("stats", "--json").output == "{}\n"
    fill(MODEL, ANSWERS)
    fill(OTHER, dict(list(ANSWERS.items())[:1]))
    (place / "notes").mkdir()  # no store
    stats = json.loads(run("stats", "--json").output)
    assert list(stats) == [MODEL[:32], OTHER[:32]]
    size = (place / MODEL[:32] / "000001.log").stat().st_size
    tokens = sum(completion.tokens for completion in ANSWERS.values())
    assert stats[MODEL[:32]] == {"answers": 4, "tokens": tokens, "bytes": size, "segments": 1, "garbage_bytes": 0}
    flip(place / MODEL[:32] / "000001.log", 50)
    checked = json.loads(run("stats", "--json", "--check").output)[MODEL[:32]]
    assert (checked["answers"], checked["damaged"], checked["duplicates"]) == (4, 1, 0)
    table = run("stats").output.splitlines()
    assert table[0].split() == ["model", "answers", "tokens", "bytes", "segments", "garbage_bytes"]
    assert table[2].split()[:3] == [OTHER[:32], "1", "13"]


def test_check_names_each_damage_and_gc_drops_it(place):
    fill(MODEL, ANSWERS)
    fill(OTHER, ANSWERS)
    clean = run("check")
    assert clean.exit_code == 0
    assert clean.output.splitlines()[0] == f"{MODEL[:32]}: 4 records, 0 duplicates, 0 torn, 0 damaged"
    first = next(iter(ANSWERS))
    log = place / MODEL[:32] / "000001.log"
    flip(log, 38)  # its length
    with (place / OTHER[:32] / "000001.log").open("ab") as stream:
        stream.write(log.read_bytes()[-300:-260])  # no beginning of a record
    result = run("check")
    assert result.exit_code == 1
    assert f"{log} offset 0: " in result.output
    assert f"key {first}: " in result.output
    assert "40 bytes, key unknown: unknown bytes" in result.output
    assert "Error: 2 damaged: `limo store gc` drops them" in result.output

    dropped = run("gc", MODEL[:6])
    assert dropped.exit_code == 0
    assert f"key {first}: " in dropped.output
    assert f"{MODEL[:32]}: 1 damaged, 0 duplicates, 0 torn; " in dropped.output
    assert held(MODEL) == {key: completion for key, completion in ANSWERS.items() if key != first}
    assert run("check").exit_code == 1  # the other model's is still there
    assert run("gc").exit_code == 0
    assert run("check").exit_code == 0
    assert held(OTHER) == ANSWERS
    assert "0 bytes freed" in run("gc").output


def test_a_torn_end_is_told_and_is_no_damage(place):
    fill(MODEL, ANSWERS)
    log = place / MODEL[:32] / "000001.log"
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:100])
    result = run("check")
    assert result.exit_code == 0
    assert f"{log} offset {len(whole)}: 100 bytes, key {next(iter(ANSWERS))}: torn" in result.output
    assert "100 bytes freed" in run("gc").output
    assert log.parent.joinpath("000002.log").read_bytes() == whole


def test_gc_is_refused_while_a_process_writes(place):
    script = (
        "import sys\nfrom limo.store.store import open_store\nfrom limo.store.request import Completion\n"
        f"with open_store({MODEL!r}) as store:\n"
        "    store.put('0' * 64, Completion('', 0, 'eos'))\n    print(flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        result = run("gc", MODEL)
        assert result.exit_code == 2
        assert f"{place / MODEL[:32] / '000001.log'}: a running process writes to it" in result.output
        writer.communicate()
    assert run("gc", MODEL).exit_code == 0


def test_an_export_imported_elsewhere_is_the_same_store(tmp_path, monkeypatch):
    fill(MODEL, ANSWERS)
    fill(OTHER, ANSWERS)
    out = tmp_path / "answers.jsonl.zst"
    assert run("export", MODEL[:2] + MODEL[2:8], out).output == f"{out}: 4 answers\n"
    rows = exported(out)
    assert rows[0].keys() == {"fingerprint", "key", "text", "tokens", "stop"}
    assert [row["key"] for row in rows] == sorted(ANSWERS)
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "elsewhere"))
    assert run("import", out).output == f"{out}: 4 added, 0 present\n"
    assert held(MODEL) == ANSWERS
    assert run("import", out).output == f"{out}: 0 added, 4 present\n"
    again = tmp_path / "again.jsonl.zst"
    run("export", MODEL, again)
    assert again.read_bytes() == out.read_bytes()


def test_a_damaged_answer_leaves_no_export(tmp_path, place):
    fill(MODEL, ANSWERS)
    flip(place / MODEL[:32] / "000001.log", 60)
    result = run("export", MODEL, tmp_path / "answers.jsonl.zst")
    assert result.exit_code == 1
    assert f"the answer under {next(iter(ANSWERS))} at offset 0 is damaged: `limo store gc " in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def attempts(path: Path, **changes: list) -> Path:
    columns = {
        "id": list("abcd"),
        "fingerprint": [MODEL, MODEL, OTHER, MODEL],
        "key": list(ANSWERS),
        "text": [completion.text for completion in ANSWERS.values()],
        "tokens": [completion.tokens for completion in ANSWERS.values()],
        "stop": [completion.stop for completion in ANSWERS.values()],
        "verdict": ["correct"] * 4,
    }
    pl.DataFrame({**columns, **changes}).write_parquet(path)
    return path


def test_a_table_of_attempts_goes_to_the_stores_of_its_models(tmp_path):
    path = attempts(tmp_path / "rate_attempts.parquet")
    third = list(ANSWERS)[2]
    fill(OTHER, {third: Completion("earlier", 1, "length")})
    assert run("import", path).output == f"{path}: 3 added, 1 present\n"
    assert held(MODEL) == {key: completion for key, completion in ANSWERS.items() if key != third}
    assert held(OTHER) == {third: Completion("earlier", 1, "length")}


@pytest.mark.parametrize(
    ("changes", "row", "fault"),
    [
        ({"tokens": [1, 2, -3, 4]}, 3, "`tokens`"),
        ({"stop": ["eos", "crash", "eos", "eos"]}, 2, "`stop`"),
        ({"text": ["a", "b", "c", None]}, 4, "`text`"),
        ({"fingerprint": [MODEL, MODEL[:31], MODEL, MODEL]}, 2, "`fingerprint`"),
        ({"key": [*list(ANSWERS)[:3], "../../key"]}, 4, "`key`"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_its_file_is_written(tmp_path, place, changes, row, fault):
    good = attempts(tmp_path / "good.parquet", fingerprint=[OTHER] * 4)
    bad = attempts(tmp_path / "bad.parquet", **changes)
    keys = changes.get("key", list(ANSWERS))
    result = run("import", good, bad)
    assert result.exit_code == 2
    assert f"{bad} row {row}, key {keys[row - 1]}: {fault}" in result.output
    assert "1 rows of" in result.output
    assert held(OTHER) == ANSWERS
    assert [path.name for path in place.iterdir()] == [OTHER[:32]]


def test_bad_lines_are_counted_and_the_first_five_quoted(tmp_path, place):
    path = tmp_path / "answers.jsonl"
    row = {"fingerprint": MODEL, "key": "0" * 64, "text": "", "tokens": 1, "stop": "eos"}
    path.write_text(json.dumps(row) + "\n" + "{\n" * 7)
    result = run("import", path)
    assert result.exit_code == 2
    assert f"7 rows of {path} cannot be used, nothing of it was written:\n  {path} row 2, key None: " in result.output
    assert "row 6" in result.output
    assert "row 7" not in result.output
    assert "and 2 more" in result.output
    assert not place.exists()


def test_what_is_no_table_of_answers_is_refused(tmp_path):
    plain = tmp_path / "plain.parquet"
    pl.DataFrame({"key": ["a"]}).write_parquet(plain)
    garbage = tmp_path / "garbage.parquet"
    garbage.write_bytes(b"garbage")
    cut = tmp_path / "cut.jsonl.zst"
    cut.write_bytes(zstandard.compress(b"{}" * 100)[:-4])
    text = tmp_path / "answers.txt"
    text.touch()
    for path, fault in [
        (plain, "has no column fingerprint, text, tokens, stop"),
        (garbage, "is damaged or no table"),
        (cut, "is damaged or cut short"),
        (text, "give a .parquet file, or one of .jsonl, .jsonl.gz, .jsonl.zst"),
        (tmp_path / "missing.jsonl", "does not exist"),
    ]:
        result = run("import", path)
        assert result.exit_code == 2
        assert str(path) in result.output
        assert fault in result.output


def test_a_model_is_named_by_the_beginning_of_one_fingerprint(tmp_path, place):
    out = tmp_path / "answers.jsonl.zst"
    assert "holds: nothing" in run("export", "a", out).output
    fill(MODEL, ANSWERS)
    fill(OTHER, ANSWERS)
    several = run("export", "a", out)
    assert several.exit_code == 2
    assert f"several models; {place} holds:\n  {MODEL[:32]}\n  {OTHER[:32]}\n" in several.output
    unknown = run("gc", "ff")
    assert unknown.exit_code == 2
    assert f"'ff' begins no model's fingerprint; {place} holds:\n  {MODEL[:32]}\n  {OTHER[:32]}\n" in unknown.output
    assert run("export", MODEL, tmp_path / "answers.json").exit_code == 2
    assert run("export", MODEL, out).exit_code == 0  # the whole fingerprint

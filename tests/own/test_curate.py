import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from limo.cli import main

SUM = "Let $a$ and $b$ be positive integers with $a+b=12$. Find the largest value of $ab$."
REWORDED = "If positive integers $a, b$ satisfy $a + b = 12$, what is the maximum value of $ab$?"
OTHER = SUM.replace("12", "14")
ROWS = [
    {"id": "r", "problem": REWORDED},
    {"id": "s", "problem": SUM, "solution": "Take 6 and 6."},
    {"id": 3, "problem": OTHER},
    {"id": 4, "problem": "12. " + SUM.replace("$", "")},
]


def run(command: str, *arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(main, [command, *map(str, arguments)], input=text, catch_exceptions=False)


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_dedup_keeps_one_row_of_a_problem_and_says_why_the_others_go(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = run("dedup", write(tmp_path / "in.jsonl", ROWS), "-o", out, "--metrics", tmp_path / "counts.json")
    assert result.exit_code == 0
    found = read(out)
    assert [(row["id"], row["kept"], row["reason"], row["match"]) for row in found] == [
        ("r", False, "duplicate: near", "s"),
        ("s", True, None, None),
        (3, True, None, None),
        (4, False, "duplicate: exact", "s"),
    ]
    assert found[3]["score"] == 1
    assert json.loads((tmp_path / "counts.json").read_text()) == {
        "rows": 4,
        "kept": 2,
        "duplicate: exact": 1,
        "duplicate: near": 1,
    }


def test_a_lower_rank_survives(tmp_path: Path) -> None:
    rows = [{**row, "rank": 0 if row["id"] == "r" else 1} for row in ROWS]
    run("dedup", write(tmp_path / "in.jsonl", rows), "-o", tmp_path / "out.jsonl")
    assert [row["id"] for row in read(tmp_path / "out.jsonl") if row["kept"]] == ["r", 3]


def test_the_order_of_the_rows_changes_no_verdict(tmp_path: Path) -> None:
    verdicts = []
    for seed in range(3):
        rows = random.Random(seed).sample(ROWS, len(ROWS))
        run("dedup", write(tmp_path / "in.jsonl", rows), "-o", tmp_path / "out.jsonl")
        verdicts.append(sorted(read(tmp_path / "out.jsonl"), key=lambda row: str(row["id"])))
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_decontaminate_names_benchmark_row_rule_and_score(tmp_path: Path) -> None:
    guarded = write(tmp_path / "b.jsonl", [{"id": "x", "problem": "What is 2+2?"}, {"id": "exam-7", "problem": SUM}])
    result = run(
        "decontaminate", write(tmp_path / "in.jsonl", ROWS), "--benchmarks", guarded, "-o", tmp_path / "out.jsonl"
    )
    assert result.exit_code == 0
    assert [(row["id"], row["kept"], row["reason"], row["match"]) for row in read(tmp_path / "out.jsonl")] == [
        ("r", False, "contaminated: reworded", "exam-7"),
        ("s", False, "contaminated: exact", "exam-7"),
        (3, True, None, None),
        (4, False, "contaminated: exact", "exam-7"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1}', "in.jsonl line 5: `problem`: Field required"),
        ('{"id": "s", "problem": "?"}', '`id`: "s" stands on line 2 already; give every row its own'),
        ("nonsense", "line 5: cannot be read"),
    ],
)
def test_a_bad_row_stops_the_command_and_nothing_is_written(tmp_path: Path, line: str, message: str) -> None:
    source = write(tmp_path / "in.jsonl", ROWS)
    source.write_text(source.read_text() + line + "\n")
    result = run("dedup", source, "-o", tmp_path / "out.jsonl")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_wrong_names_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", ROWS)
    for arguments in (
        ("dedup", source, "-o", source),
        ("dedup", tmp_path / "none.jsonl", "-o", tmp_path / "out.jsonl"),
        ("decontaminate", source, "--benchmarks", tmp_path / "b.csv", "-o", tmp_path / "out.jsonl"),
        ("decontaminate", source, "--benchmarks", source, "-o", tmp_path / "out.csv"),
    ):
        assert run(*arguments).exit_code == 2


def test_hostile_rows_are_handled(tmp_path: Path) -> None:
    problems = [
        "",
        "\x00",
        "\ufdfa" * 1000,
        "{" * 100_000,
        r"\frac{" * 20_000,
        "a " * 500_000,
        "אב 12 גד ",
        "\u202eabc 3",
    ]
    rows = [{"id": number, "problem": problem} for number, problem in enumerate(problems * 2)]
    result = run("dedup", write(tmp_path / "in.jsonl", rows), "-o", tmp_path / "out.jsonl")
    assert result.exit_code == 0
    assert [row["id"] for row in read(tmp_path / "out.jsonl") if row["kept"]][:1] == [0]
    assert sum(not row["kept"] for row in read(tmp_path / "out.jsonl")) >= len(problems)

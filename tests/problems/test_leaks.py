"""Many copies of one benchmark problem: every one of them is found, however many there are and whatever is beside."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.own import curate
from limo.problems.decontaminate import contaminated
from limo.problems.distinct import distinct
from tests.problems.rows import POOL_PARAMS, benchmarks, source_row, sources
from tests.problems.whole_pool import build

EXAM = (
    "A club of 9 members chooses a president, a secretary and 2 singers, all of them different persons. "
    "Let $N$ be the number of choices. Find the remainder when $N$ is divided by 50."
)
FIRST = "Amir Bela Chen Dora Emil Faye Gita Hugo Inga Jiro Kofi Lena Milo Nora Omar Pina Quin Rosa Said Tove".split()
LAST = "Abel Bach Cole Diaz Eder Fink Gold Hahn Iyer Jung Kern Lund Moss Nagy Okon Penn Ruiz Saar Toth Vega".split()
PREFACES = [
    "{} asks: {}",
    "Homework for {}. {}",
    "{} wonders about this one. {}",
    "{} reads aloud. {} Who answers first?",
]


def variants(count: int, text: str = EXAM) -> list[str]:
    """Spellings of one problem, no two alike: each has a name and words of its own around it."""
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    return [PREFACES[number % len(PREFACES)].format(names[number], text) for number in range(count)]


def others(count: int) -> list[str]:
    """Problems of one template that no benchmark holds."""
    return [
        f"Shop {FIRST[n % 20]} sells {n} pens on Monday and {7 * n + 3} on Tuesday, at {n % 90 + 5} cents each. "
        "What is the revenue of both days in cents?"
        for n in range(count)
    ]


def found(questions: list[str], exams: list[str]) -> list[bool]:
    ids, problems = distinct(questions, POOL_PARAMS.near, 1, "test")
    _, guarded = distinct(exams, POOL_PARAMS.near, 1, "test")
    hits = contaminated(problems, guarded, POOL_PARAMS.decontamination)
    return [identity in hits for identity in ids]


@pytest.mark.parametrize(
    ("copies", "beside"), [(1, 0), (9, 60), (10, 60), (11, 0), (16, 2_000), (300, 0), (300, 2_000)]
)
def test_every_copy_of_a_leaked_problem_is_found_in_pools_of_every_size(copies: int, beside: int) -> None:
    assert found(variants(copies) + others(beside), [EXAM]) == [True] * copies + [False] * beside


def test_a_benchmark_that_holds_its_problem_hundreds_of_times_finds_it_all_the_same() -> None:
    assert found([EXAM, *variants(20)], variants(300)) == [True] * 21


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 300), st.integers(0, 60), st.integers(0, 60), st.data())
def test_a_verdict_depends_on_no_other_problem(copies: int, beside: int, exams: int, data: st.DataObject) -> None:
    questions = variants(copies) + others(beside) + variants(3, EXAM.replace("9 members", "11 members"))
    guarded = [EXAM, *variants(exams, "How many primes are there below 40?")]
    together = found(questions, guarded)
    assert together == [True] * copies + [False] * (beside + 3)
    start = data.draw(st.integers(0, len(questions)))
    assert found(questions[start:], guarded) == together[start:]


def test_limo_decontaminate_names_every_copy_and_nothing_else(tmp_path: Path) -> None:
    texts = variants(200) + others(300)
    for name, rows in (("in", texts), ("exams", [EXAM])):
        lines = [json.dumps({"id": place, "problem": text}) for place, text in enumerate(rows)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    given_, exams, out = (str(tmp_path / f"{name}.jsonl") for name in ("in", "exams", "out"))
    curate.decontaminate(given_, exams, out, POOL_PARAMS.decontamination, 1, None)
    verdicts = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert [row["kept"] for row in verdicts] == [False] * 200 + [True] * 300


def test_the_pool_keeps_no_copy_and_all_the_rest() -> None:
    texts = variants(200) + others(300)
    rows = sources(*(source_row(text, "1", source_id=str(place)) for place, text in enumerate(texts)))
    kept, rejected = build(rows, benchmarks(EXAM), POOL_PARAMS)
    assert sorted(kept["question"]) == sorted(others(300))
    assert set(rejected["rejected"].str.split(":").list.first()) <= {"duplicate", "contaminated"}


def test_hundreds_of_spellings_of_one_problem_are_one_problem(tmp_path: Path) -> None:
    rows = [{"id": place, "problem": text} for place, text in enumerate(variants(300) + others(100))]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    counts = curate.dedup(str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl"), POOL_PARAMS.near, 1, None)
    assert counts["kept"] == 101

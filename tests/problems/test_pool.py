import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from limo.base import tables
from limo.graph import schemas
from stages import pool as stage
from tests.problems.rows import POOL_PARAMS, benchmarks, source_row, sources
from tests.problems.whole_pool import build

EXAM = (
    "A farmer has 17 sheep on the hill and sells all of them but 9 at the market. How many sheep does the farmer keep?"
)
ROWS = [
    source_row("What is 2 + 3?", "5", source_id="1"),
    source_row("What is $2+3$?", "5", "second", "1", solutions=[{"style": "terse", "text": "5"}]),
    source_row("What is 7 * 8?", "56", source_id="2"),
    source_row("What is 7 * 8?", "54", "second", "2"),
    source_row("Prove that 2 + 2 = 4.", "4", source_id="3"),
    source_row("", None, source_id="4", rejected="empty question"),
    source_row(EXAM, "9", source_id="5"),
    source_row(EXAM.replace("keep", "own"), "9", "second", "5"),
    source_row("Find the area of a square with side 12.", "144", source_id="6"),
]


def test_every_row_is_kept_once_or_rejected_with_its_reason() -> None:
    kept, rejected = build(sources(*ROWS), benchmarks(EXAM), POOL_PARAMS)
    assert kept.schema == schemas.POOL
    assert rejected.schema == schemas.POOL_REJECTED
    assert sorted(kept.select("source", "source_id", "duplicates").rows()) == [
        ("first", "1", ["second:1"]),
        ("first", "6", []),
    ]
    assert rejected.select("source", "source_id", "rejected", "match").rows() == [
        ("first", "2", "conflicting answers: 54 | 56", "second:2"),
        ("first", "3", "unverifiable: proof request", None),
        ("first", "4", "empty question", None),
        ("first", "5", "contaminated: exact", "exam:0"),
        ("second", "1", "duplicate: exact", "first:1"),
        ("second", "2", "conflicting answers: 54 | 56", "first:2"),
        ("second", "5", "duplicate: near", "first:5"),
    ]


def test_a_survivor_is_contaminated_when_a_row_merged_into_it_is() -> None:
    survivor = source_row(EXAM.replace("keep", "own"), "9")
    kept, rejected = build(sources(survivor, source_row(EXAM, "9", "second")), benchmarks(EXAM), POOL_PARAMS)
    assert kept.is_empty()
    assert rejected["rejected"].to_list() == ["contaminated: reworded", "duplicate: near"]


def test_an_empty_pool_keeps_its_columns() -> None:
    kept, rejected = build(sources(), benchmarks(), POOL_PARAMS)
    assert (kept.schema, rejected.schema) == (schemas.POOL, schemas.POOL_REJECTED)


TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "What is 2 + 3?",
        "What is 2+3 ?",
        "What is 2 + 4?",
        "\x00",
        "\u202e12",
        "\\frac{",
        "x" * 5000,
        "Prove that 1 = 1.",
    ]
)
ANSWERS = st.none() | st.text(max_size=8) | st.sampled_from(["5", "5.0", "6", "\\boxed{"])


@given(st.lists(st.tuples(TEXTS, ANSWERS, st.sampled_from(["first", "second"])), max_size=12), st.randoms())
@settings(max_examples=60, deadline=None)
def test_any_rows_are_split_whole_and_in_any_order_alike(given_rows: list[tuple[Any, ...]], random: Any) -> None:
    rows = [source_row(question, answer, source, str(n)) for n, (question, answer, source) in enumerate(given_rows)]
    shuffled = random.sample(rows, len(rows))
    exam = benchmarks("What is 2 + 4?", *(question for question, _, _ in given_rows[:2]))
    kept, rejected = build(sources(*rows), exam, POOL_PARAMS)
    assert kept.height + rejected.height == len(rows)
    assert kept["id"].is_unique().all()
    again = build(sources(*shuffled), exam.reverse(), POOL_PARAMS)
    assert_frame_equal(kept, again[0])
    assert_frame_equal(rejected, again[1])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with the committed params.yaml, one row in each of its sources and an empty benchmark table."""
    shutil.copy("params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(yaml.safe_load(Path("params.yaml").read_text())["sources"]):
        row = source_row(f"What is {number} + 3?", str(number + 3), name)
        tables.write(sources(row), f"data/sources/{name}.parquet", schemas.SOURCE, ["source", "source_id"])
    tables.write(benchmarks(), "data/benchmarks.parquet", schemas.BENCHMARK, ["benchmark", "id"])
    return tmp_path


def test_the_stage_ignores_a_source_that_params_do_not_name(project: Path) -> None:
    stale = source_row("What is 2 + 90?", "92", "stale")
    tables.write(sources(stale), "data/sources/stale.parquet", schemas.SOURCE, ["source", "source_id"])
    result = CliRunner().invoke(stage.main, catch_exceptions=False)
    assert result.exit_code == 0
    pool = tables.read("data/pool.parquet", schemas.POOL)
    assert "stale" not in pool["source"].to_list()
    assert pool.height == len(list(Path("data/sources").iterdir())) - 1
    assert "kept" in result.output


def test_the_stage_writes_the_same_bytes_twice(project: Path) -> None:
    written = []
    for _ in range(2):
        CliRunner().invoke(stage.main, catch_exceptions=False)
        written.append([Path(f"data/{name}.parquet").read_bytes() for name in ("pool", "pool_rejected")])
    assert written[0] == written[1]


def test_pool_rows_are_sorted_by_id() -> None:
    kept, _ = build(sources(*ROWS), benchmarks(), POOL_PARAMS)
    assert kept["id"].is_sorted()
    assert isinstance(kept, pl.DataFrame)


def test_other_languages_and_answer_types_are_kept_out_on_request() -> None:
    rows = sources(
        source_row("What is the sum of 3 and 4?", "7", source_id="en"),
        source_row("求三与五之和。", "8", source_id="zh"),
        source_row("What is half of the number 9?", "9/2", source_id="half"),
    )
    kept, _ = build(rows, benchmarks(), POOL_PARAMS)
    assert dict(kept.select("source_id", "language").rows()) == {"en": "en", "zh": "zh", "half": "en"}
    assert dict(kept.select("source_id", "answer_type").rows()) == {
        "en": "integer",
        "zh": "integer",
        "half": "fraction",
    }
    p = POOL_PARAMS.model_copy(update={"languages": ["en"], "answer_types": ["integer"]})
    kept, rejected = build(rows, benchmarks(), p)
    assert kept["source_id"].to_list() == ["en"]
    assert dict(rejected.select("source_id", "rejected").rows()) == {
        "zh": "language: zh",
        "half": "answer type: fraction",
    }


def test_a_family_is_named_and_capped_on_request() -> None:
    story = "Tom buys %d red apples at the market for %d cents each and pays with a note. How much change does he get?"
    rows = sources(*(source_row(story % (n, n + 2), str(n), source_id=f"{n:02}") for n in range(3, 12)))
    kept, _ = build(rows, benchmarks(), POOL_PARAMS)
    (family,) = set(kept["family"])
    assert family == kept["id"][0]
    cap = POOL_PARAMS.families.model_copy(update={"cap": 4})
    kept, rejected = build(rows, benchmarks(), POOL_PARAMS.model_copy(update={"families": cap}))
    assert kept.height == 4
    assert set(rejected["rejected"]) == {"template: more than 4"}
    assert rejected["match"].str.starts_with("first:").all()

"""The scripts recorded, screen, rate, decide, imported, gather and check on what others made: no model, no torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from limo import params
from limo.base import tables
from limo.generation import rating
from limo.graph import outs
from limo.problems.canonical import problem_id
from tests.chains.world import problem, table, write_params

ROOT = Path(__file__).parents[2]
LOG = {
    "kind": "files", "author": "a-model", "author_kind": "model", "where": {}, "limit": None, "licence": "CC-BY-4.0",
}  # fmt: skip
NONE = dict.fromkeys(("id", "text", "verdict", "stop", "author", "correct", "drawn", "rate"))
BAND = {"kind": "recorded", "engine": "recorded", "sources": None, "draws": 4, "min_correct": 0, "max_correct": 1}
SCRIPTS = [
    ("stages.recorded", "said"),
    ("stages.recorded", "counted"),
    ("stages.screen",),
    ("stages.rate", "log"),
    ("stages.rate", "rates"),
    ("stages.decide",),
    ("stages.imported", "written"),
    ("stages.gather",),
    ("stages.check", "0"),
]
RUN = f"""
import runpy, sys
for name, *arguments in {SCRIPTS}:
    sys.argv = [name, *arguments]
    try:
        runpy.run_module(name, run_name="__main__")
    except SystemExit as ended:
        assert not ended.code, name
loaded = {{"torch", "transformers"}} & set(sys.modules)
assert not loaded, loaded
"""


def _lines(path: Path, rows) -> str:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which a log of texts screens, and the log and pass rates of another model rate."""
    folder = tmp_path_factory.mktemp("project")
    rows = {number: {**problem(number), "question": f"What is {number} + 0?"} for number in range(1, 6)}
    rows = {number: row | {"id": problem_id(row["question"])} for number, row in rows.items()}
    # Two texts of each; the first is right for 2 and more, and both are for 5. The copy of 3 was merged into it.
    asked = {**{number: rows[number]["question"] for number in (1, 2, 4, 5)}, 3: "Find 3 + 0."}
    said = [
        {
            "q": asked[number],
            "said": [f"So {number if number > 1 else 0}.", f"So {5 if number == 5 else 9}."],
            "ok": [True, False],
        }
        for number in asked
    ]
    rates = [{"q": row["question"], "rate": number / 8} for number, row in rows.items() if number < 4]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        texts = {**NONE, "question": "q", "text": "said", "verdict": "ok"}
        write_params(
            engines={"recorded": {"kind": "recorded"}},
            recorded={
                "said": {**LOG, "path": _lines(folder / "said.jsonl", said), "fields": texts, "draws": None},
                "counted": {
                    **LOG,
                    "path": _lines(folder / "rates.jsonl", rates),
                    "fields": {**NONE, "question": "q", "rate": "rate"},
                    "draws": 8,
                },
            },
            screen={**BAND, "path": "data/recorded/said.parquet"},
            rate={
                "rule": "strongest",
                "raters": {
                    "log": {**BAND, "path": "data/recorded/said.parquet"},
                    "rates": {
                        **BAND,
                        "path": "data/recorded/counted.parquet",
                        "draws": 8,
                        "min_correct": 1,
                        "max_correct": 2,
                    },
                },
            },
            imports={
                "written": {
                    **LOG,
                    "path": str(folder / "said.jsonl"),
                    "fields": texts,
                    "draws": None,
                    "author_kind": "human",
                }
            },
            teachers={},
            variants={},
            candidates={},
            evaluate={"benchmarks": {}},
            plan=None,
        )
        outs.write(outs.POOL, table(list(rows.values()), outs.POOL.schema))
        copy = {**rows[3], "id": problem_id("Find 3 + 0."), "source_id": "again"}
        copy |= {
            "rejected": "duplicate: near",
            "match": f"{rows[3]['source']}:{rows[3]['source_id']}",
            "match_score": 0.9,
        }
        outs.write(outs.POOL_REJECTED, table([copy], outs.POOL_REJECTED.schema))
        subprocess.run([sys.executable, "-c", RUN], check=True, env={"PYTHONPATH": str(ROOT), "PATH": ""})
        yield rows


def test_texts_are_judged_by_us_and_the_claim_stands_beside(project):
    attempts = outs.read(outs.SCREEN_ATTEMPTS).join(outs.read(outs.POOL).select("id", "answer"), on="id")
    found = attempts.filter(sample=0).sort("answer").select("answer", "verdict", "claimed", "licence", "numerics")
    assert found.rows() == [
        ("1", "wrong", "correct", "CC-BY-4.0", "recorded"),
        *((answer, "correct", "correct", "CC-BY-4.0", "recorded") for answer in "2345"),
    ]


def test_a_row_merged_into_a_problem_lends_it_its_attempts(project):
    assert project[3]["id"] in outs.read(outs.SCREEN_ATTEMPTS)["id"].to_list()


def test_the_screen_drops_what_its_record_solves(project):
    screened = outs.read(outs.SCREENED)
    assert tables.reasons(screened) == {"too easy": 1}
    assert set(screened["screen_drawn"]) == {2}


def test_raters_of_texts_and_of_counts_decide_together(project):
    rated = {row["answer"]: row for row in outs.read(outs.RATED).to_dicts()}
    assert {answer: (row["rater"], row["rate_claimed"], row["rejected"]) for answer, row in rated.items()} == {
        "1": ("rates", True, None),
        "2": ("log", False, None),
        "3": ("log", False, None),
        "4": ("log", False, None),
    }
    assert rated["4"]["raters"][1] == {
        "rater": "rates", "correct": 0, "drawn": 0, "asked": 8, "stopped": False, "claimed": False,
    }  # fmt: skip


@pytest.mark.usefixtures("project")
def test_a_count_of_more_draws_than_the_band_is_for_is_refused():
    p = params.load()
    few = p.rate.raters["rates"].model_copy(update={"draws": 4})
    wrong = p.model_copy(update={"rate": p.rate.model_copy(update={"raters": {"rates": few}})})
    with pytest.raises(ValueError, match=r"counts 8 draws of problem .*, and the band is for 4"):
        rating.rate(tables.kept(outs.read(outs.SCREENED)), "rates", wrong, Path("attempts.parquet"))


def test_an_imported_chain_keeps_its_author_and_ours_is_the_verdict(project):
    checked = outs.read(outs.checked(0)).filter(id=project[1]["id"]).sort("chain")
    assert checked.select("teacher", "chain", "author_kind", "chain_licence", "claimed", "verdict").rows() == [
        ("written", "So 0.", "human", "CC-BY-4.0", "correct", "wrong"),
        ("written", "So 9.", "human", "CC-BY-4.0", "wrong", "wrong"),
    ]


def test_a_right_attempt_of_a_record_is_a_chain_under_its_licence(project):
    attempts = outs.read(outs.ATTEMPTS)
    assert set(attempts["id"]) == {project[number]["id"] for number in (2, 3, 4)}
    assert set(attempts.select("author", "author_kind", "chain_licence").rows()) == {("a-model", "model", "CC-BY-4.0")}

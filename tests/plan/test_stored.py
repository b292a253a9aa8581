from pathlib import Path

import polars as pl
import pytest

from limo import params
from limo.base import tables
from limo.generation import rating
from limo.graph import schemas
from limo.plan.counted import Rows
from limo.plan.forecast import stages
from limo.plan.stored import held
from tests import tiny_model
from tests.generation.test_attempts import _problems

TINY = params.load(Path(__file__).parents[2] / "profiles/tiny.yaml")


@pytest.fixture
def p(tmp_path, monkeypatch) -> params.Params:
    """The tiny profile in a root that has its model and a pool of six problems."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMO_STORE", str(tmp_path / "store"))
    tiny_model.save(tmp_path / "models/base" / TINY.screen.name)
    tables.write(_problems("abcdef"), tmp_path / "data/pool.parquet", schemas.POOL, ["id"])
    return TINY


def test_what_a_stage_has_drawn_is_found_in_the_store(p, tmp_path):
    draws = p.screen.draws
    planned = stages(p, Rows(pool=6))
    assert held(p, planned, tmp_path) == {"screen": (0, 6 * draws)}
    _, counts = rating.screen(_problems("abcdef"), p, tmp_path / "attempts.parquet")
    assert counts["drawn"] > 0
    assert held(p, planned, tmp_path) == {"screen": (counts["drawn"], 6 * draws)}
    other = p.model_copy(update={"seed": p.seed + 1})
    assert held(other, planned, tmp_path) == {"screen": (0, 6 * draws)}


def test_stages_whose_problems_are_not_there_are_left_out(p, tmp_path):
    assert held(p, stages(p, Rows()), tmp_path) == {}


@pytest.mark.parametrize(("sources", "asked"), [(None, 6), (["sums"], 4), (["sums", "stories"], 6), (["others"], 0)])
def test_only_problems_of_the_sources_that_somebody_is_for_are_reckoned(p, sources, asked, tmp_path):
    named = _problems("abcdef").with_columns(source=pl.Series(["sums"] * 4 + ["stories"] * 2))
    tables.write(named, tmp_path / "data/pool.parquet", schemas.POOL, ["id"])
    teacher = p.teachers["tiny"].model_copy(update={"sources": sources, "questions": "data/pool.parquet"})
    narrowed = p.model_copy(
        update={"screen": p.screen.model_copy(update={"sources": sources}), "teachers": {"tiny": teacher}}
    )
    assert held(narrowed, stages(narrowed, Rows(pool=6, questions={"sums": 4, "stories": 2})), tmp_path) == {
        "screen": (0, asked * p.screen.draws),
        "collect@tiny": (0, asked * teacher.draws),
    }

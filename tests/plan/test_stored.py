from pathlib import Path

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

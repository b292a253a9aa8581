import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from limo import params
from limo.chains import gather
from limo.chains.check import merged
from limo.chains.tiers import tier
from limo.generation.band import settled
from limo.graph import outs, schemas
from limo.problems.canonical import problem_id
from limo.sources.families import drawn
from tests.docs import tour
from tests.docs.blocks import bash, blocks, doctests_fail
from tests.test_docs import ENV, ROOT, examples

PAGE = "tour.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
P = params.load(ROOT / "params.yaml")
GRAPH = outs.followed(P)


def graph_or_skip() -> None:
    absent = [out.path for out in GRAPH if not outs.built(out, ROOT)]
    if absent:
        pytest.skip(f"{absent[0]} is not there: run `dvc repro` or `dvc pull`")


@pytest.fixture(params=["the problem's rows", "the whole graph"])
def world(request, tmp_path, monkeypatch) -> Path:
    """A folder in which the page's commands run: its problem's rows alone, or the graph's outs where it has run."""
    if request.param == "the whole graph":
        graph_or_skip()
        folder = ROOT
    else:
        folder = tmp_path
        tour.make(folder)
    monkeypatch.chdir(folder)
    return folder


def test_a_command_prints_what_the_page_shows(world):
    shown = examples(TEXT)
    assert len(shown) > 4
    assert [bash(command, world, ENV) for command, _ in shown] == [output for _, output in shown]


@pytest.mark.usefixtures("world")
def test_python_prints_what_the_page_shows():
    text = "\n".join(block.text for block in blocks(PAGE) if block.kind == "python")
    assert doctests_fail(text, PAGE) == 0


def test_the_rows_are_those_of_the_graph():
    graph_or_skip()
    assert tour.rows(ROOT) == json.loads(tour.KEPT.read_text(encoding="utf-8"))


def test_the_code_decides_as_the_rows_say(tmp_path, monkeypatch):
    """What needs no model and no other problem is decided anew."""
    monkeypatch.chdir(tmp_path)
    tour.make(tmp_path)
    asked = outs.read(outs.source("families")).row(0, named=True)
    made = next(row for row in drawn.records(P.sources["families"]) if row["source_id"] == asked["source_id"])
    assert {name: asked[name] for name in made} == made
    assert problem_id(asked["question"]) == asked["id"] == tour.ID

    attempts = outs.read(outs.rate_attempts("smollm2"))
    rater = P.rate.raters["smollm2"]
    band = rater.draws, rater.min_correct, rater.max_correct
    over = [settled(attempts["verdict"][:drawn_so_far], *band) for drawn_so_far in range(attempts.height + 1)]
    assert over == [False] * attempts.height + [True]

    pool = outs.read(outs.POOL)
    solutions, correct = (
        gather.from_solutions(pool, pl.DataFrame(schema={**schemas.POOL_REJECTED, "problem": pl.String})),
        gather.from_attempts(attempts),
    )
    taught = outs.read(outs.taught("smollm2", 0))
    collected = [[table.sort("chain_id")] for table in (solutions, correct, taught)]
    checked = pl.concat(merged(collected, pool, P.answers))
    assert checked.equals(outs.read(outs.checked(0)))
    scored = outs.read(outs.SCORED)
    alone = pl.concat(tier(lambda names: [scored.select(names)], outs.read(outs.QUESTIONS), P.tiers, P.gates))
    assert alone.drop("rank").equals(outs.read(outs.TIERS).drop("rank"))  # the rank is among all questions


def test_every_stage_of_the_graph_has_its_place_on_the_tour():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    before_and_beside = {"fetch", "benchmarks", "audit"}  # of no single problem
    assert [stage for stage in stages if stage not in before_and_beside and f"`{stage}" not in TEXT] == []

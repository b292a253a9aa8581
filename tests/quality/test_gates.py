"""Chains of one easy question, all of them with a right answer, that a good score must not let through."""

import polars as pl
import pytest

from limo import params
from limo.base.tables import reasons
from limo.chains.tiers import tier
from limo.graph.schemas import CHECKED, MEASURED, QUESTIONS
from limo.quality.score import score
from limo.quality.table import one
from limo.quality.votes import VOTES
from tests.chains.world import PARAMS, chain, problem, table

QUESTION = "A box has 5 red and 6 blue pens. How many pens are in it?"
GOOD = r"""The box holds red pens and blue pens, 5 red and 6 blue.

All pens of the box are red or blue, so both numbers are added.

5 + 6 = 11 pens.

Taking the blue pens away again leaves 11 - 6 = 5 red pens, as it should.

\boxed{11}"""
CLEAR = "There are 5 red pens.\n\nThere are 6 blue pens.\n\nTogether these are 5 + 6 = 11 pens.\n\n\\boxed{11}"
STUFFED = (
    "Perhaps check, maybe verify, therefore confirm, since we might check, thus perhaps verify, hence maybe confirm, "
    "because we guess and try, so then alternatively check again. \\boxed{11}"
)
PROBES = {
    "good": GOOD,
    "clear": CLEAR,
    "stuffed": STUFFED,
    "claims a check": "I have checked it. \\boxed{11}",
    "sentence 60 times": "Both kinds of pens lie in the box, so we add them up. " * 60 + "\\boxed{11}",
    "two boxes": f"\\boxed{{30}}\n\n{GOOD}",
    "false equality": "5 + 6 = 12 pens, and 12 − 1 = 11. \\boxed{11}",
    "two languages": "The box has red pens 红色的钢笔 and blue pens 蓝色的钢笔, 一共是十一支. \\boxed{11}",
    "good again": GOOD.replace("as it should", "as it really should"),
    "tagged": f"<think>{CLEAR.replace('Together', 'In all')}</think>It has 11 pens. \\boxed{{11}}",
    "end 20 times": CLEAR + "\nSo it is \\boxed{11}" * 20,
}
REFUSED = {
    "sentence 60 times": "loop",
    "two boxes": "conflicting boxes",
    "false equality": "false equality",
    "two languages": "foreign script",
    "good again": "near duplicate",
    "end 20 times": "loop",
}


def words(texts, add_special_tokens):
    return {"input_ids": [text.split() for text in texts]}


def tiered(recipe="v1", **gates):
    stand = params.Gates(**{**PARAMS["gates"], **gates})
    rows = [chain("p01", text, origin=name, extracted="11") for name, text in PROBES.items()]
    measured = [{"chain_id": row["chain_id"], **one((row["chain"], QUESTION, "11", stand.tags))} for row in rows]
    p = params.Score(**{**PARAMS["score"], "recipe": recipe})
    read = [table(rows, CHECKED)]
    scored = pl.concat(score(lambda: read, table(measured, MEASURED), table([], VOTES), p, stand.tags, words))
    limits = params.Tiers(min_chains=5, max_tokens=2000, overlength="refuse")
    questions = table([problem(1, question=QUESTION)], QUESTIONS)
    return pl.concat(tier(lambda columns: [scored.select(columns)], questions, limits, stand))


@pytest.mark.parametrize("recipe", ["v1", "v2"])
def test_what_only_looks_good_is_refused_with_its_reason(recipe):
    found = tiered(recipe)
    named = dict(found.select("origin", "rejected").iter_rows())
    assert {name: str(why).split(":")[0] for name, why in named.items() if why} == REFUSED


def test_the_best_chain_is_a_good_one():
    assert tiered("v1").filter("best")["origin"].to_list() in (["good"], ["tagged"], ["clear"])


def test_a_gate_that_is_open_lets_its_chains_pass():
    open_gates = {"max_false": None, "max_repeats": None, "max_loop": None, "boxes": "any", "max_foreign": None}
    assert reasons(tiered(**open_gates, duplicate=None)) == {}


def test_near_duplicates_leave_the_same_chain_whatever_the_recipe():
    left = [tiered(recipe).filter(pl.col("rejected").is_null())["chain_id"].sort().to_list() for recipe in ("v1", "v2")]
    assert left[0] == left[1]


@pytest.mark.parametrize(("tags", "reason", "marks"), [("strip", None, False), ("keep", None, True)])
def test_the_marks_of_a_thought_are_stripped_or_kept(tags, reason, marks):
    row = tiered(tags=tags).filter(pl.col("origin") == "tagged").row(0, named=True)
    assert row["rejected"] == reason
    assert ("<think>" in row["chain"]) == marks
    assert row["chain"][row["thought"] :].strip().startswith("It has 11 pens")


def test_tags_may_be_refused():
    row = tiered(tags="refuse").filter(pl.col("origin") == "tagged").row(0, named=True)
    assert row["rejected"] == "tags around a thought"

import polars as pl
import pytest
from pydantic import TypeAdapter

from limo import params
from limo.chains.dataset import Material, build
from limo.chains.tiers import tier
from limo.graph.schemas import DATASET, POOL, QUESTIONS, RATED, SCORED, SCREENED
from tests.chains.world import PARAMS, chain, problem, table

SETS = {"easy": params.QuestionSet(levels=[1, 2], sources=None, rows=4)}
PROBLEMS = [problem(number) for number in range(1, 13)]
SELECTED = PROBLEMS[:4]
CHAINS = [
    chain(row["id"], f"{row['id']} chain {n}", score=round((n + place) / 40, 9), tokens=20 + n)
    for place, row in enumerate(PROBLEMS)
    for n in range(7)
]


def spec(**values):
    everywhere = {"path": f"data/{values['rule']}.parquet", "sources": None}
    return TypeAdapter(params.Dataset).validate_python({**everywhere, **values})


def level(number, size=3):
    return spec(rule="level", level=number, rows=size)


def random(size=5, levels=None, like=None):
    return spec(rule="random", rows=size, levels=levels, like=like)


def held_out(size):
    return spec(rule="held_out", rows=size)


def of_set(size, questions="easy"):
    return spec(rule="set", sources=None, questions=questions, rows=size)


def top(size):
    return spec(rule="top", rows=size)


def made(name, specs, chains=None, seed=7):
    rules = params.Tiers(min_chains=5, max_tokens=100, overlength="refuse")
    scored = table(CHAINS if chains is None else chains, SCORED)
    gates = params.Gates(**PARAMS["gates"])
    tiers = pl.concat(tier(lambda columns: [scored.select(columns)], table(SELECTED, QUESTIONS), rules, gates))
    history = table(PROBLEMS, POOL), table(PROBLEMS, SCREENED), table(PROBLEMS[:6], RATED)
    return build(name, specs, Material(tiers, *history, SETS, seed))


def test_top_holds_the_best_ranked_chains_with_their_history():
    found = made("limo", {"limo": top(2)})
    assert found.schema == DATASET
    assert found.sort("rank").select("rank", "id", "solution", "answer", "screen_drawn", "rate_correct").rows() == [
        (1, "p04", "p04 chain 6", "4", 4, 2),
        (2, "p03", "p03 chain 6", "3", 4, 2),
    ]
    assert found["difficulty"].to_list() == [1, 2]
    assert set(found["level"]) == {5}
    assert set(found["decontamination"]) == {"clean"}


def test_smaller_tops_are_nested_and_a_large_one_keeps_all_there_are():
    sizes = {f"k{size}": top(size) for size in (1, 2, 3, 99)}
    found = [set(made(name, sizes)["chain_id"]) for name in sizes]
    assert found[0] < found[1] < found[2] < found[3]
    assert len(found[3]) == len(SELECTED)


def test_all_levels_hold_the_same_questions_and_the_best_chain_of_each_level():
    specs = {f"L{number}": level(number) for number in range(1, 6)}
    found = {name: made(name, specs) for name in specs}
    assert {tuple(rows["id"]) for rows in found.values()} == {("p02", "p03", "p04")}
    # Seven chains: positions 0 and 1 make level 1, 3 and 4 level 3; the higher-scoring one stands for its level.
    assert found["L1"]["solution"].to_list() == ["p02 chain 1", "p03 chain 1", "p04 chain 1"]
    assert found["L3"]["solution"].to_list() == ["p02 chain 4", "p03 chain 4", "p04 chain 4"]
    assert found["L5"]["solution"].to_list() == ["p02 chain 6", "p03 chain 6", "p04 chain 6"]


def test_random_draws_one_chain_of_any_clean_problem_by_seed_and_name():
    specs = {"control": random(8), "other": random(8)}
    found = made("control", specs)
    assert found["id"].n_unique() == found.height == 8
    assert set(found["id"]) - {row["id"] for row in SELECTED}, "only selected questions were drawn"
    assert found.equals(made("control", specs))
    assert not found.equals(made("control", specs, seed=8))
    assert not found.equals(made("other", specs))
    unrated = found.filter(~found["id"].is_in([row["id"] for row in PROBLEMS[:6]]))
    assert unrated.height
    assert unrated["rate_correct"].null_count() == unrated.height
    assert unrated["screen_correct"].null_count() == 0


def test_a_draw_does_not_change_when_other_problems_lose_their_chains():
    drawn = made("control", {"control": random(3)})
    others = [row for row in CHAINS if row["id"] in set(drawn["id"]) or row["id"] == "p12"]
    assert made("control", {"control": random(3)}, others)["chain_id"].to_list() == drawn["chain_id"].to_list()


def test_random_can_be_kept_to_difficulty_levels():
    found = made("easy", {"easy": random(99, levels=[1, 2])})
    assert set(found["difficulty"]) == {1, 2}
    assert found.height == 8


def test_like_copies_the_size_of_another_dataset_as_it_came_out():
    specs = {"limo": top(99), "control": random(1, like="limo")}
    assert made("control", specs).height == made("limo", specs).height == 4


def test_like_of_like_is_refused_by_name():
    specs = {"a": random(like="b"), "b": random(like="a")}
    with pytest.raises(ValueError, match=r"datasets\.a\.like = 'b'"):
        made("a", specs)


def test_held_out_questions_are_in_no_dataset_that_is_trained():
    specs = {"limo": top(3), "L2": level(2), "control": random(4), "apart": held_out(99), "few": held_out(2)}
    trained = {problem for name in ("limo", "L2", "control") for problem in made(name, specs)["id"]}
    apart = made("apart", specs)
    assert set(apart["id"]) == {row["id"] for row in PROBLEMS} - trained
    assert apart["id"].n_unique() == apart.height
    few = made("few", specs)
    assert few.height == 2
    assert set(few["id"]) < set(apart["id"])
    assert few.equals(made("few", specs | {"more": held_out(1)})), "held-out datasets do not keep from each other"


def test_a_dataset_of_a_set_holds_the_best_chain_of_its_questions_selected_or_not():
    found = made("simple", {"simple": of_set(99)})
    assert found.height == 4
    assert set(found["difficulty"]) <= {1, 2}
    assert set(found["id"]) - {row["id"] for row in SELECTED}, "only selected questions were taken"
    assert all(solution.endswith("chain 6") for solution in found["solution"])
    few = made("simple", {"simple": of_set(2)})
    assert few.height == 2
    assert set(few["id"]) < set(found["id"])
    apart = made("apart", {"simple": of_set(99), "apart": held_out(99)})
    assert not set(apart["id"]) & set(found["id"])


@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        (of_set(1), "give the set a teacher"),
        (held_out(1), "make them smaller"),
        (top(1), "teachers"),
        (level(3), "tiers.min_chains"),
        (random(levels=[1]), "widen `levels`"),
    ],
)
def test_an_empty_dataset_is_an_error_with_a_remedy(rule, remedy):
    wrong = [{**row, "verdict": "wrong", "score": None} for row in CHAINS]
    with pytest.raises(ValueError, match=rf"datasets\.x is empty: .*{remedy}"):
        made("x", {"x": rule}, wrong)

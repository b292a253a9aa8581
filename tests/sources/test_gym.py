import subprocess
import sys

import pytest

from limo import params
from limo.base.files import digest
from limo.sources import rows
from limo.sources.gym import boxed
from limo.sources.local import last_boxed


def spec(task="gsm_symbolic", **changes):
    values = {"count": 6, "seed": 3, "level": 2, "domain": "word problems", "config": {}, **changes}
    return params.GymSource(kind="reasoning_gym", task=task, **values)


def test_items_carry_answer_domain_and_worked_solution():
    table = rows.rows("gym", spec(count=20), 2000)
    assert table["rejected"].null_count() == 20
    first = table.row(0, named=True)
    assert (first["source_id"], first["domain"], first["level"]) == ("gsm_symbolic-3-0", "word problems", 2)
    assert first["source_revision"].startswith("reasoning-gym==")
    for row in table.iter_rows(named=True):
        (solution,) = row["solutions"]
        assert float(last_boxed(solution["text"])) == float(row["answer"])
        assert solution["text"].endswith("}.")
        assert "####" not in solution["text"]


def test_tasks_without_worked_solutions_and_with_config():
    table = rows.rows("gym", spec("chain_sum", config={"min_terms": 2, "max_terms": 2, "max_digits": 1}), 2000)
    assert table["solutions"].list.len().to_list() == [0] * 6
    assert table["question"].str.count_matches(r"\d+").to_list() == [2] * 6


def test_the_seed_decides_in_every_process():
    program = """
from limo import params
from limo.base.files import digest
from limo.sources import rows
spec = params.GymSource(
    kind="reasoning_gym", task="gsm_symbolic", count=6, seed=3, level=2, domain="word problems", config={}
)
print(digest(rows.rows("gym", spec, 2000).rows()))
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {digest(rows.rows("gym", spec(), 2000).rows()) + "\n"}


def test_neighbouring_seeds_share_no_item():
    one, two = (rows.rows("gym", spec("gsm_symbolic", seed=seed, count=20), 2000) for seed in (3, 4))
    assert set(one["id"]).isdisjoint(two["id"])


def test_the_box_holds_what_the_solution_itself_reached():
    assert boxed("It is 4.\n#### 4 ") == "It is 4.\nThe answer is \\boxed{4}."


@pytest.mark.parametrize("bad", [{"task": "no_such_task"}, {"config": {"max_term": 3}}, {"config": {"difficulty": -5}}])
def test_unknown_tasks_and_options_are_named(bad):
    with pytest.raises(ValueError, match=r"reasoning-gym refuses task .*(no_such_task|max_term|difficulty)"):
        rows.rows("gym", spec(**bad), 2000)

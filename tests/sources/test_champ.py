import json
from collections import Counter
from importlib.resources import files

import pytest

from limo import params
from limo.problems.answer_type import kind
from limo.sources import rows
from limo.sources.champ import gold
from limo.sources.local import last_boxed


def champ(limit):
    return rows.rows("champ", params.ChampSource(kind="champ", limit=limit), 2000)


def test_all_270_problems_have_answer_and_solution():
    table = champ(1000)
    assert table.height == 270
    assert table["rejected"].null_count() == 270
    assert set(table["domain"]) == {"Number-Theory", "Inequality", "Polynomial", "Sequence", "Combinatorics"}
    assert table["source_revision"].unique().to_list() == ["champ-dataset==1.0.0"]
    for row in table.iter_rows(named=True):
        (solution,) = row["solutions"]
        assert last_boxed(solution["text"]) == row["answer"]
        assert "@@" not in row["question"] + solution["text"]


def test_limit_takes_a_nested_mixed_sample():
    few, more = champ(20), champ(40)
    assert few.equals(more.head(20))
    assert few["domain"].n_unique() >= 3


def sort_of(answer):
    if answer in ("Yes", "No") or answer.startswith(("Yes, ", "The sequence is not")):
        return "yes or no"
    if answer.startswith(("No ", "There are no")) or "not exist" in answer or "not possible" in answer:
        return "nothing exists"
    return "unread" if kind(answer) == "text" else "value"


def test_golds_are_values_where_the_package_states_one():
    # Of 213 values one, a sum over k, is written in a way that the grammar does not read.
    sorts = Counter(sort_of(answer) for answer in champ(1000)["answer"])
    assert sorts == {"value": 212, "yes or no": 35, "nothing exists": 18, "unread": 5}


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("7 (i.e., every one)", "7"),
        ("0 (none of them)", "0"),
        ("2*C(6, 3), or equivalently 40", "40"),
        ("1/3, or approximately 33.3%", "1/3"),
        ("C(k+1, 2)", "\\binom{k+1}{2}"),
        ("At most 3 of them", "3"),
        ("Exactly one line", "1"),
        ("12 pairs", "12"),
        ("5 is the only possible value", "5"),
        ("The limit exists and is equal to 1/2", "1/2"),
        ("No", "No"),
        ("x=2, y=5", "x=2, y=5"),
        ("f(3) (mod 7)", "f(3) (mod 7)"),
    ],
)
def test_a_gold_is_freed_of_the_sentence_around_it(said, value):
    assert gold(said) == value


def test_conversations_fall_back_on_each_other():
    package = json.loads((files("champ_dataset") / "dataset_files" / "v0.json").read_text(encoding="utf-8"))
    equal, distinct = 0, []
    for problem in package["problems"].values():
        texts = {name: asked["messages"][-3]["text"] for name, asked in problem["conversations"].items()}
        for author in ("GPT-3.5", "GPT-4", "GPT-4 Turbo", "PaLM 2 Medium"):
            equal += texts[f"{author}|0-Shot"] == texts[f"{author}|No C w/o H"]
            distinct.append(len({text for name, text in texts.items() if name.startswith(f"{author}|")}))
    assert equal == len(distinct) == 1080
    assert sum(distinct) / len(distinct) == pytest.approx(12.5, abs=0.05)

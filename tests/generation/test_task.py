from pathlib import Path

import polars as pl
import pytest

from limo import params
from limo.generation import attempts
from limo.generation.task import candidate, draws, rate, screen, shares, teacher
from limo.models.load import load_tokenizer
from tests import tiny_model

TINY = params.load(Path(__file__).parents[2] / "profiles/tiny.yaml").model_copy(update={"seed": 7})
TASKS = [screen(TINY), rate(TINY, "tiny"), teacher(TINY, "tiny"), candidate(TINY, "base")]
PROBLEMS = pl.DataFrame(
    {"id": ["sums:1", "stories:2"], "question": ["What is 1 + 1?", "What is 2 + 2?"], "answer": ["2", "4"]}
)
# By stage of the first two draws of stories:2 and of sums:1: their seeds, and the key of the second in the store.
DRAWN = {
    "screen": [
        (932516169329601244, 630207836453012711, "3f8529bddead955e"),
        (1114053260734411470, 480788673781578855, "fb448200aad5221c"),
    ],
    "rate@tiny": [
        (410116249266429133, 917045992063142869, "7ca991f2f5b52bdf"),
        (425848304039476986, 260262071582282904, "f41e03afb001d203"),
    ],
    "collect@tiny": [
        (215940134307963894, 322663359632366188, "0c62c4679ea37e15"),
        (1139722768854011049, 939163478397303191, "2ede9de9cb0c5583"),
    ],
    "answer@base": [
        (723292943388357200, 287477803989050243, "13aaf2c15b863415"),
        (584726188945476121, 1022888121768494416, "6badce4d06554efd"),
    ],
}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.stage)
def test_seeds_and_keys_are_those_of_all_answers_drawn_so_far(task, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(attempts, "numerics", lambda _: "numerics")
    tiny_model.save(tmp_path / "models/base/tiny")
    asked = list(attempts.asked(PROBLEMS, task, TINY, "f" * 64, load_tokenizer(task.folder)))
    assert [problem.id for problem in asked] == ["stories:2", "sums:1"]
    assert [(*problem.seeds[:2], problem.key(1)[:16]) for problem in asked] == DRAWN[task.stage]


def test_stages_are_called_what_dvc_calls_them_and_share_no_seeds():
    assert [task.stage for task in TASKS] == list(DRAWN)
    assert len({task.key for task in TASKS}) == len(TASKS)


def test_all_candidates_share_their_seeds():
    assert candidate(TINY, "limo").key == candidate(TINY, "base").key


def test_a_filter_stops_at_its_verdict_and_the_others_draw_all():
    assert [task.settled(["correct", "wrong"]) for task in TASKS] == [True, False, False, False]
    assert [task.settled(["correct"] * 3) for task in TASKS] == [True, True, False, False]
    assert [task.lookahead for task in TASKS] == [1, 2, 4, 2]


SETTINGS = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 80}


def examined(benchmarks, **protocols):
    """The profile with these protocols beside its own, and these lists of benchmarks."""
    rules = {name: params.Protocol(**rule) for name, rule in protocols.items()}
    asked = {
        "protocols": {**TINY.evaluate.protocols, **rules},
        "benchmarks": {**TINY.evaluate.benchmarks, **benchmarks},
    }
    return TINY.model_copy(update={"evaluate": TINY.evaluate.model_copy(update=asked)})


def test_a_candidate_answers_each_benchmark_under_its_protocol():
    greedy = {**SETTINGS, "draws": 5, "temperature": 0.0, "system": "Be brief."}
    task = candidate(examined({"stories": ["greedy"]}, greedy=greedy), "limo")
    assert (task.model, task.folder, task.lookahead) == ("limo", Path("models/limo"), 5)
    assert task.asks("sums:7:b") == (TINY.prompt.system, 2, params.Sampling(**SETTINGS), "sums:7:b")
    cold = params.Sampling(temperature=0.0, top_p=0.95, max_tokens=80)
    assert task.asks("stories:7") == ("Be brief.", 5, cold, "stories:7")


def test_protocols_of_one_benchmark_share_their_draws_where_they_ask_alike():
    more, hot = {**SETTINGS, "draws": 6, "system": None}, {**SETTINGS, "draws": 3, "temperature": 0.8, "system": None}
    p = examined({"sums": ["sampled", "hot", "more"]}, more=more, hot=hot)
    assert shares(p) == {"sums": "sums", "sums/hot": "sums/hot", "sums/more": "sums", "stories": "stories"}
    assert draws(p) == {"sums": 6, "sums/hot": 3, "stories": 2}
    other = candidate(p, "limo").asks("sums/hot:7")
    assert (other.draws, other.sampling.temperature, other.seeded) == (3, 0.8, "sums:7")


def test_the_order_of_protocols_changes_no_draw():
    more = {**SETTINGS, "draws": 6, "system": None}
    orders = (["sampled", "more"], ["more", "sampled"])
    tasks = [candidate(examined({"sums": names}, more=more), "limo") for names in orders]
    assert tasks[0].asks("sums:7") == tasks[1].asks("sums:7")

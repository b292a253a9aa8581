import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from limo import params

ROOT = Path(__file__).parents[2]
ROUNDS: dict[str, Any] = yaml.safe_load((ROOT / "profiles/tiny_rounds.yaml").read_text(encoding="utf-8"))
OTHER = {"path": "models/base/tiny", "round": 2}
LATER = {"round": 1, "dataset": {"path": "data/rounds/later.parquet", "rule": "top", "sources": None, "rows": 2}}


def loaded(folder: Path, *changes: tuple[str, Any]) -> params.Params:
    values = copy.deepcopy(ROUNDS)
    for key, value in changes:
        *above, last = key.split(".")
        place = values
        for part in above:
            place = place[part]
        place[last] = value
    (folder / "params.yaml").write_text(json.dumps(values), encoding="utf-8")
    return params.load(folder / "params.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("variants.sd.data", "data/limo.parquet")], r"teachers.sd writes in round 1, .*data/limo.* all rounds"),
        (
            [("variants.sd.validation", "data/validation.parquet")],
            r"variants.sd.validation = .* it would wait for itself.* has \['data/rounds/sd_apart.parquet'\]",
        ),
        (
            [("teachers.sd.round", 0), ("rounds", [0])],
            r"teachers.sd writes in round 0, .* made of round 0: .* has \[\]",
        ),
        (
            [("round_datasets.sd_data.round", 1)],
            r"sd_data.parquet' is made of round 1: .* Name one of an earlier round, of which round_datasets has \[\]",
        ),
        ([("rounds", [0, 2])], "is not 0, 1 and so on, without a gap"),
        ([("rounds", [])], "is not 0, 1 and so on"),
        ([("rounds", [0, 1, 2])], "rounds names 2, in which no teacher writes"),
        ([("rounds", [0])], r"teachers.sd.round = 1 is not one of \[0\]"),
        ([("round_datasets.sd_data.dataset.path", "data/sd.parquet")], "is not in data/rounds"),
        ([("round_datasets.limo", LATER)], "the name is taken"),
        ([("round_datasets.later", {**LATER, "round": 7})], "round_datasets.later.round = 7 is not one of"),
        ([("teachers.sd.questions", "data/question_sets/hard.parquet")], "teachers.sd.questions = .* is not one of"),
        ([("teachers.sd.path", "models/other")], "teachers.sd.path = 'models/other' is not one of"),
        ([("question_sets.easy.sources", ["sums", "nowhere"])], "question_sets.easy.sources = 'nowhere' is not one of"),
        ([("datasets.easy.questions", "hard")], "datasets.easy.questions = 'hard' is not one of"),
        (
            [("score.recipe", "custom"), ("score.weights", {"votes": 1.0})],
            "weighs votes, which judges give when all rounds are there",
        ),
    ],
)
def test_what_would_be_a_cycle_or_has_no_place_is_refused_by_name(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        loaded(tmp_path, *changes)


def test_a_dataset_of_one_round_alone_trains_a_teacher_of_the_next(tmp_path):
    third = {**ROUNDS["teachers"]["sd"], "path": "models/again", "round": 2}
    again = {**ROUNDS["variants"]["sd"], "data": LATER["dataset"]["path"]}
    p = loaded(
        tmp_path,
        ("rounds", [0, 1, 2]),
        ("round_datasets.later", LATER),
        ("variants.again", again),
        ("teachers.again", third),
        ("plan.teachers.again", ROUNDS["plan"]["teachers"]["sd"]),
    )
    assert {name: teacher.round for name, teacher in p.teachers.items()} == {"tiny": 0, "easy": 0, "sd": 1, "again": 2}


def test_a_model_as_it_came_may_teach_in_any_round_and_own_data_may_train_a_teacher(tmp_path):
    assert loaded(tmp_path, ("teachers.sd.path", "models/base/tiny")).teachers["sd"].name == "tiny"
    own = {"data": "data/raw/mine.jsonl", "model": "tiny", "validation": "data/raw/apart.jsonl", "train": {}}
    p = loaded(
        tmp_path,
        ("variants", {"sd": own}),
        ("candidates", {}),
        ("datasets", {}),
        ("round_datasets", {}),
        ("evaluate.comparisons", {}),
    )
    assert p.teachers["sd"].path == "models/sd"

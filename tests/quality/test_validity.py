import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from limo import params
from limo.graph import places
from limo.quality.labelled import Labelled
from limo.quality.validity import Pairs, auc, validity
from limo.sources import champ_labels
from stages import validity as stage
from tests import tiny_model
from tests.chains.world import PARAMS, write_params

GOOD = "Take the {0} rows.\n\nEach row has 4 seats.\n\n{0} × 4 = {1} seats.\n\nSo {1} seats are in the rows."
BAD = "Some theatre has chairs.\n\nPeople like 17 films.\n\n{0} × 4 = 99.\n\nHence 31 it is, surely."


def labelled():
    return [
        Labelled(
            *("A" if n % 2 else "B", f"P{n // 2}", f"How many seats have {n} rows of 4?", str(4 * n)),
            chain=(GOOD if n % 3 else BAD).format(n, 4 * n),
            clean=bool(n % 3),
        )
        for n in range(3, 27)
    ]


def words(texts, add_special_tokens):
    return {"input_ids": [text.split() for text in texts]}


def test_auc_is_the_share_of_pairs_within_a_group_with_ties_as_halves():
    pairs = [Pairs(np.array([0, 1]), np.array([2]), np.array([[True], [False]]))]
    values, once = np.array([3.0, 1.0, 1.0, 9.0]), np.ones((1, 4))
    assert auc(values, pairs, once, matched=False) == pytest.approx([0.75])
    assert auc(values, pairs, once, matched=True) == pytest.approx([1.0])
    assert np.isnan(auc(values, pairs, np.array([[1.0, 1.0, 0.0, 1.0]]), matched=False)).all()


def test_rigour_tells_sound_chains_from_unsound_ones():
    p = params.Score(**PARAMS["score"])
    found = validity(labelled(), p, params.Answers(**PARAMS["answers"]), words)
    v1 = found["all"]["recipes"]["v1"]
    assert (found["all"]["chains"], found["all"]["clean"], found["all"]["groups"]) == (24, 16, 2)
    assert v1["auc"] == 1
    assert v1["low"] <= v1["auc"] <= v1["high"]
    assert found["all"]["measures"]["false"]["auc"] < 0.5
    assert found["right_answer"]["clean"] == 16


def test_the_stage_writes_the_same_figures_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(champ_labels, "labelled", labelled)
    write_params()
    tiny_model.save(Path("models/base/tiny"))
    written = []
    for _ in range(2):
        result = CliRunner().invoke(stage.main, [], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        written.append(Path(places.VALIDITY.path).read_bytes())
    assert written[0] == written[1]
    assert set(json.loads(written[0])) == {"all", "right_answer"}


def test_champ_has_540_marked_chains_of_four_models():
    found = list(champ_labels.labelled())
    assert len(found) == 540
    assert sum(row.clean for row in found) == 96
    assert {row.group for row in found} == {"GPT-3.5", "GPT-4", "GPT-4 Turbo", "PaLM 2 Medium"}

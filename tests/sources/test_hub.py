import json

import datasets
import pytest

from limo import params
from limo.sources import rows as sources

REVISION = "0123456789" * 4


def spec(repo, **changes):
    fields = {"id": None, "question": "problem", "answer": "answer", "solution": None, "domain": None, "level": "level"}
    values = {
        "revision": REVISION,
        "config": None,
        "split": "train",
        "fields": params.Fields(**fields),
        "answer_from": "field",
        "where": {},
        "limit": None,
        "licence": "MIT",
        **changes,
    }
    return params.HubSource(kind="hub", repo=str(repo), **values)


@pytest.fixture
def repo(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "repo"
    folder.mkdir()
    rows = [{"problem": f"{n} + 1?", "answer": None if n == 2 else str(n + 1), "level": n} for n in range(5)]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "test.jsonl").write_text(json.dumps({**rows[0], "problem": "other?"}) + "\n", encoding="utf-8")
    return folder


def test_a_split_is_streamed_in_order_and_pinned(repo):
    table = sources.rows("hub", spec(repo), 1000)
    assert table["question"].to_list() == [f"{n} + 1?" for n in range(5)]
    assert table["source_id"].to_list() == [f"row {n}" for n in range(1, 6)]
    assert table["rejected"].to_list() == [None, None, "no answer", None, None]
    assert table["source_revision"].unique().to_list() == [REVISION]
    assert sources.rows("hub", spec(repo, split="test"), 1000)["question"].to_list() == ["other?"]


def test_where_and_limit_work_as_for_files(repo):
    table = sources.rows("hub", spec(repo, where={"level": [1, 3, 4]}, limit=2), 1000)
    assert table["source_id"].to_list() == ["row 2", "row 4"]


def test_an_unpinned_revision_is_refused():
    with pytest.raises(ValueError, match="'owner/data' is unpinned: set `revision` to the 40-digit commit"):
        sources.rows("hub", spec("owner/data", revision="unpinned"), 1000)


def test_without_network_the_message_names_the_dataset_and_the_way_out(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        ConnectionError, match=rf"'owner/data' at {REVISION} cannot be read.*kind: files.*HF_HUB_OFFLINE"
    ):
        sources.rows("hub", spec("owner/data"), 1000)

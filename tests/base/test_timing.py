import json

from limo.base import timing


def test_a_block_without_counts_leaves_the_record_of_the_one_that_did_the_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with timing.record("train@limo") as counts:
        counts["steps"] = 24
    with timing.record("train@limo"):
        pass
    record = json.loads((tmp_path / ".limo/timings/train_limo.json").read_text(encoding="utf-8"))
    assert record["steps"] == 24
    assert capsys.readouterr().out == "train@limo: steps 24 · 0.0 s\ntrain@limo: 0.0 s\n"

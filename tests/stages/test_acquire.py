import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from limo import params
from limo.base import tables
from limo.graph import schemas
from stages import acquire, benchmarks


def family(split):
    families = {"add": params.Family(count=8, low=2, high=40, level=1)}
    return params.FamilySource(kind="families", split=split, seed=1, families=families, styles=["terse"])


def files(path):
    fields = params.Fields(id="id", question="problem", answer="answer", solution=None, domain=None, level=None)
    return params.FileSource(
        kind="files", path=path, fields=fields, answer_from="field", where={}, limit=None, licence="MIT"
    )


def asked(source):
    return params.Benchmark(source=source, max_characters=2000, repairs=None, options="as_written", published=None)


@pytest.fixture
def project(tmp_path, monkeypatch):
    rows = [{"id": "a", "problem": "1 + 1?", "answer": "2"}, {"id": "b", "problem": "1 + 1?", "answer": "2"}]
    good = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "good.jsonl").write_text(good, encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text(good + '{"id": "c", "problem": "why?"}\n', encoding="utf-8")
    options = SimpleNamespace(
        sources={"own": family("train"), "bad": files("bad.jsonl")},
        seed=1,
        benchmarks={"own_test": asked(family("test")), "good": asked(files("good.jsonl"))},
        pool=SimpleNamespace(max_characters=2000),
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(params, "load", lambda: options)
    return options


def test_acquire_writes_the_same_bytes_twice_and_counts_what_it_rejects(project, tmp_path):
    out = tmp_path / "data/sources/bad.parquet"
    written = []
    for _ in range(2):
        assert CliRunner().invoke(acquire.main, ["bad"], catch_exceptions=False).exit_code == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert tables.read(out, schemas.SOURCE)["rejected"].to_list() == [None, None, "no answer"]
    counts = json.loads((tmp_path / ".limo/timings/acquire_bad.json").read_text(encoding="utf-8"))
    assert (counts["in"], counts["kept"], counts["rejected"], counts["no answer"]) == (3, 2, 1, 1)


def test_benchmarks_hold_every_set_and_share_nothing_with_the_sources(project):
    CliRunner().invoke(acquire.main, ["own"], catch_exceptions=False)
    CliRunner().invoke(benchmarks.main, [], catch_exceptions=False)
    table = tables.read("data/benchmarks.parquet", schemas.BENCHMARK)
    assert dict(table["benchmark"].value_counts().rows()) == {"own_test": 8, "good": 2}
    assert table.filter(benchmark="good")["id"].n_unique() == 1
    assert set(table["id"]).isdisjoint(tables.read("data/sources/own.parquet", schemas.SOURCE)["id"])


def test_an_unusable_benchmark_row_stops_the_stage_by_name(project, tmp_path):
    project.benchmarks["broken"] = asked(files("bad.jsonl"))
    result = CliRunner().invoke(benchmarks.main, [])
    assert result.exit_code == 1
    assert "benchmark broken: row c is unusable (no answer)" in str(result.exception)
    assert not (tmp_path / "data/benchmarks.parquet").exists()

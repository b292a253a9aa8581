import copy
import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from limo import params
from limo.base import tables
from limo.cli import main
from limo.explain import changed_files
from limo.graph import outs, schemas
from limo.metrics.figures import funnel as metrics
from tests.chains import world as chains_world
from tests.explain import world

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.make(tmp_path)
    return tmp_path


def run(*options):
    result = CliRunner().invoke(main, ["funnel", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def counted():
    return json.loads(run("--json")[1])


def without_shares(value):
    if not isinstance(value, dict):
        return value
    return {key: without_shares(inner) for key, inner in value.items() if key != "share"}


def test_it_has_the_figures_of_the_metrics():
    filters = {"screen": outs.SCREENED, "rate": outs.RATED, "select": outs.QUESTIONS}
    expected = metrics(
        sources={name: outs.read(table) for name, table in outs.sources(world.P).items()},
        pool=outs.read(outs.POOL),
        pool_rejected=outs.read(outs.POOL_REJECTED),
        filters={stage: outs.read(table) for stage, table in filters.items()},
        tiers=outs.read(outs.TIERS),
        datasets={name: outs.read(table) for name, table in outs.datasets(world.P).items()},
    )
    del expected["by_source"]  # `limo explain` follows single problems
    found = without_shares(counted())
    assert {name: found[name] for name in expected} == expected
    assert found.keys() - expected.keys() == {"check", "score", "stale", "not_built"}


def test_chains_are_counted_from_collection_to_tiers():
    found = counted()
    assert found["check"] == {"in": 9, "kept": 8, "rejected": {"identical": 1}, "share": 8 / 9}
    assert found["score"] == {"in": 8, "kept": 7, "rejected": {"not correct": 1}, "share": 7 / 8}
    assert found["tiers"] == {"in": 8, "kept": 6, "rejected": {"overlength": 1, "wrong answer": 1}, "share": 6 / 8}
    assert (found["stale"], found["not_built"]) == ([], [])


def test_a_missing_stage_is_named_and_the_rest_is_counted():
    Path("data/screened.parquet").unlink()
    found = counted()
    assert "screen" not in found
    assert found["rate"]["kept"] == 2
    assert found["not_built"] == [{"stage": "screen", "out": "data/screened.parquet", "remedy": "dvc repro screen"}]
    assert run()[1].endswith("not built: data/screened.parquet: run dvc repro screen\n")


@pytest.mark.parametrize(
    ("path", "schema", "key", "line"),
    [
        ("rated", schemas.RATED, "id", "data/rated.parquet: 2 rows entered, 3 are there now: run dvc repro decide"),
        (
            "sources/easy",
            schemas.SOURCE,
            "source_id",
            "data/pool.parquet: 10 rows entered, 9 are there now: run dvc repro pool",
        ),
        (
            "scored",
            schemas.SCORED,
            "chain_id",
            "data/tiers.parquet: 8 rows entered, 7 are there now: run dvc repro tiers",
        ),
    ],
)
def test_a_table_of_other_rows_is_stale(path, schema, key, line):
    table = pl.read_parquet(f"data/{path}.parquet")
    tables.write(table.tail(-1), f"data/{path}.parquet", schema, [key])
    assert f"stale: {line}\n" in run()[1]


def own(folder, path, fields):
    """A section of a file of the user's own, and the sha256 of the bytes that it is given here."""
    (folder / path).write_text("first", encoding="utf-8")
    section = {"kind": "files", "path": path, "fields": fields, "where": {}, "limit": None, "licence": "MIT"}
    return section, hashlib.sha256(b"first").hexdigest()


def test_a_table_of_a_file_that_has_other_bytes_now_is_stale(root):
    columns = dict.fromkeys(("id", "answer", "solution", "domain", "level")) | {"question": "q", "answer": "a"}
    source, sha256 = own(root, "mine.jsonl", columns)
    exam, _ = own(root, "exam.jsonl", columns)
    traces, _ = own(root, "traces.jsonl", "s1k")
    answered = {"answer_from": "field"}
    values = copy.deepcopy(chains_world.PARAMS)
    values["sources"]["easy"] = source | answered
    values["benchmarks"]["sums"] = chains_world.BENCHMARK | {"source": exam | answered}
    values["imports"]["told"] = traces | {"author": "a", "author_kind": "model", "draws": None}
    p = params.Params.model_validate(values)
    for out, revision in (
        (outs.source("easy"), "source_revision"),
        (outs.BENCHMARKS, "source_revision"),
        (outs.imported("told"), "chain_revision"),
    ):
        named = {"benchmark": "sums"} if out == outs.BENCHMARKS else {}
        row = {**dict.fromkeys(out.schema), **dict.fromkeys(out.key, "x"), revision: sha256, **named}
        tables.write(tables.frame([row], out.schema), out.path, out.schema, out.key)
    assert changed_files.stale(p, root) == []
    for path in ("mine.jsonl", "exam.jsonl", "traces.jsonl"):
        Path(path).write_text("second", encoding="utf-8")
    assert [tuple(entry.values()) for entry in changed_files.stale(p, root)] == [
        (
            out,
            f"{path} has other bytes than it was made from",
            f"dvc repro --force --single-item {stage}, then dvc repro",
        )
        for out, path, stage in (
            ("data/benchmarks.parquet", "exam.jsonl", "benchmarks"),
            ("data/chains/0/told.parquet", "traces.jsonl", "imported@told"),
            ("data/sources/easy.parquet", "mine.jsonl", "acquire@easy"),
        )
    ]
    Path("traces.jsonl").unlink()
    assert len(changed_files.stale(p, root)) == 2


def test_no_rows_have_no_share():
    tables.write(tables.frame([], schemas.QUESTIONS), "data/questions.parquet", schemas.QUESTIONS, ["id"])
    assert counted()["select"] == {"in": 0, "kept": 0, "rejected": {}, "share": None}
    assert re.search(r"^select +0 +0 +-  -$", run()[1], re.MULTILINE)


def test_no_outs_at_all_is_refused(root):
    for path in root.rglob("*.parquet"):
        path.unlink()
    code, output = run()
    assert (code, output) == (
        2,
        "Error: no out of the graph is here: run `dvc repro` or `dvc pull` in the project's root\n",
    )


def test_the_page_shows_what_the_command_prints():
    page = (ROOT / "docs/explain.md").read_text(encoding="utf-8")
    assert re.findall(r"```text\n\$ limo funnel\n(.*?)```", page, re.DOTALL) == [run()[1]]

from collections import defaultdict

import polars as pl
import pytest

from limo import params
from limo.graph import outs, places, schemas
from tests.graph import resolved


@pytest.mark.parametrize("file", resolved.PARAMS, ids=lambda file: file.stem)
def test_the_registry_has_the_outs_of_every_stage(file, tmp_path):
    registered = defaultdict(set)
    for out in outs.every(params.load(file)):
        registered[out.stage].add(out.path)
    assert registered == resolved.outs(file, tmp_path)


@pytest.mark.parametrize("file", resolved.PARAMS, ids=lambda file: file.stem)
def test_paths_that_params_may_name_are_those_of_the_registry(file):
    """The sections stand below the registry and cannot ask it."""
    p = params.load(file)
    assert p._questions() == {outs.QUESTIONS.path, *(outs.question_set(name).path for name in p.question_sets)}
    assert p._asked() == {places.base_model(name).path for name in p.models}
    assert p._recorded() == {outs.recorded(name).path for name in p.recorded}


def test_a_key_is_of_columns_that_the_table_has():
    tables = [out for out in outs.every(params.load(resolved.ROOT / "params.yaml")) if isinstance(out, outs.Table)]
    assert all(set(table.key) <= set(table.schema.names()) for table in tables)
    assert {table.path for table in tables} >= {table.path for table in outs.followed(params.load())}


def test_what_is_written_is_sorted_by_the_key_and_read_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{**dict.fromkeys(schemas.CHAIN), "chain_id": name} for name in "ba"]
    outs.write(outs.SOLUTIONS, pl.DataFrame(rows, schema=schemas.CHAIN))
    assert outs.read(outs.SOLUTIONS)["chain_id"].to_list() == ["a", "b"]

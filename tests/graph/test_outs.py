from collections import defaultdict

import polars as pl
import pytest

from limo import params
from limo.graph import outs, schemas
from tests.graph import resolved


@pytest.mark.parametrize("file", resolved.PARAMS, ids=lambda file: file.stem)
def test_the_registry_has_the_outs_of_every_stage(file, tmp_path):
    registered = defaultdict(set)
    for out in outs.every(params.load(file)):
        registered[out.stage].add(out.path)
    assert registered == resolved.outs(file, tmp_path)


def test_a_key_is_of_columns_that_the_table_has():
    tables = [out for out in outs.every(params.load(resolved.ROOT / "params.yaml")) if isinstance(out, outs.Table)]
    assert all(set(table.key) <= set(table.schema.names()) for table in tables)
    assert {table.path for table in tables} >= {table.path for table in outs.followed(params.load())}


def test_what_is_written_is_sorted_by_the_key_and_read_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{**dict.fromkeys(schemas.CHAIN), "chain_id": name} for name in "ba"]
    outs.write(outs.SOLUTIONS, pl.DataFrame(rows, schema=schemas.CHAIN))
    assert outs.read(outs.SOLUTIONS)["chain_id"].to_list() == ["a", "b"]

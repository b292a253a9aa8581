from pathlib import Path

import polars as pl
import pytest

from limo.base import parts, tables

SCHEMA = pl.Schema({"key": pl.String, "text": pl.String, "count": pl.UInt64})


def rows(count):
    return pl.DataFrame([(f"k{n:03}", "word " * (n % 5) or None, n) for n in range(count)], SCHEMA, orient="row")


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("count", "size"), [(0, 4), (7, 1), (7, 3), (60, 60)])
def test_rows_written_in_parts_give_the_bytes_of_all_at_once_and_are_read_back(count, size):
    tables.write(rows(count), "whole.parquet", SCHEMA, ["key"])
    parts.write(rows(count).iter_slices(size), "parts.parquet", SCHEMA, "key")
    assert Path("whole.parquet").read_bytes() == Path("parts.parquet").read_bytes()
    read = list(parts.read("parts.parquet", SCHEMA, 5, None))
    assert all(0 < part.height <= 5 for part in read)
    assert pl.concat([rows(0), *read]).equals(rows(count))


def test_columns_are_read_in_the_order_in_which_they_are_asked_for():
    tables.write(rows(3), "table.parquet", SCHEMA, ["key"])
    (part,) = parts.read("table.parquet", SCHEMA, 5, ["count", "key"])
    assert part.equals(rows(3).select("count", "key"))


@pytest.mark.parametrize("order", [[0, 1, 1], [1, 0], [0, 2, 1]])
@pytest.mark.parametrize("size", [1, 3])
def test_rows_that_do_not_come_by_their_key_are_refused_and_nothing_is_written(order, size, tmp_path):
    with pytest.raises(ValueError, match=r"the key k00[01] does not follow"):
        parts.write(rows(3)[order].iter_slices(size), "table.parquet", SCHEMA, "key")
    assert not (tmp_path / "table.parquet").exists()


def test_a_table_that_is_missing_or_has_other_columns_is_refused():
    with pytest.raises(FileNotFoundError, match="dvc repro"):
        list(parts.read("none.parquet", SCHEMA, 5, None))
    tables.write(rows(3).drop("count"), "other.parquet", pl.Schema({"key": pl.String, "text": pl.String}), ["key"])
    with pytest.raises(ValueError, match="expected"):
        list(parts.read("other.parquet", SCHEMA, 5, None))
    with pytest.raises(ValueError, match="expected"):
        parts.write([rows(3).drop("count")], "table.parquet", SCHEMA, "key")

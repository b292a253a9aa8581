from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import save_file

from limo.proof import difference
from limo.proof.cache import on_disk

TABLE = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "sample": [0, 1, 2],
        "text": ["x", None, "z"],
        "notes": [["p"], [], None],
        "mark": [0.5, None, 1.5],
    }
)
TENSORS = {
    "a.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "b.bias": torch.ones(2, dtype=torch.bfloat16),
}


@pytest.fixture
def compare(tmp_path):
    def compared(name: str, committed: str | bytes, rebuilt: str | bytes) -> str:
        for side, content in (("committed", committed), ("rebuilt", rebuilt)):
            (tmp_path / side).mkdir()
            (tmp_path / side / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return first(tmp_path, name)

    return compared


@pytest.fixture
def tables(tmp_path):
    def compared(committed: pl.DataFrame, rebuilt: pl.DataFrame, **options: object) -> str:
        for side in ("committed", "rebuilt"):
            (tmp_path / side).mkdir()
        committed.write_parquet(tmp_path / "committed/t.parquet")
        rebuilt.write_parquet(tmp_path / "rebuilt/t.parquet", **options)
        return first(tmp_path, "t.parquet")

    return compared


@pytest.fixture
def weights(tmp_path):
    def compared(committed: dict[str, torch.Tensor], rebuilt: dict[str, torch.Tensor], **options: object) -> str:
        for side in ("committed", "rebuilt"):
            (tmp_path / side).mkdir()
        save_file(committed, tmp_path / "committed/t.safetensors")
        save_file(rebuilt, tmp_path / "rebuilt/t.safetensors", **options)
        return first(tmp_path, "t.safetensors")

    return compared


def first(folder: Path, name: str) -> str:
    return difference.first(name, on_disk(folder / "committed" / name), on_disk(folder / "rebuilt" / name))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.col("text").replace("z", "y"), "row 2 (id c, sample 2), text: 'z', rebuilt 'y'"),
        (pl.col("text").fill_null("q"), "row 1 (id b, sample 1), text: None, rebuilt 'q'"),
        (pl.col("notes").fill_null(pl.lit(["p"])), "row 2 (id c, sample 2), notes: None, rebuilt ['p']"),
        (pl.col("mark") + 1, "row 0 (id a, sample 0), mark: 0.5, rebuilt 1.5"),
        (pl.col("id").replace("b", "d"), "row 1 (id b, sample 1), id: 'b', rebuilt 'd'"),
    ],
)
def test_the_first_row_and_column_of_a_table_are_named(tables, column, expected):
    assert tables(TABLE, TABLE.with_columns(column)) == expected


def test_the_first_row_counts_before_the_first_column(tables):
    changed = TABLE.with_columns(pl.col("id").replace("c", "d"), pl.col("text").replace("x", "y"))
    assert tables(TABLE, changed) == "row 0 (id a, sample 0), text: 'x', rebuilt 'y'"


def test_a_row_beyond_the_first_part_that_is_read_is_found(tables):
    table = pl.DataFrame({"id": range(30_000)})
    changed = table.with_columns(pl.when(pl.col("id") == 25_001).then(0).otherwise(pl.col("id")).alias("id"))
    assert tables(table, changed) == "row 25001 (id 25001), id: 25001, rebuilt 0"


def test_rows_in_another_order_are_known_as_the_same(tables):
    assert (
        tables(TABLE, TABLE.reverse()) == "the same rows in another order; row 0 (id a, sample 0), id: 'a', rebuilt 'c'"
    )


def test_a_number_of_rows(tables):
    assert tables(TABLE, TABLE.head(2)) == "3 rows, rebuilt 2; the first 2 are equal"


def test_a_row_too_few_in_the_middle(tables):
    found = tables(TABLE, pl.concat([TABLE.head(1), TABLE.tail(1)]))
    assert found == "3 rows, rebuilt 2; row 1 (id b, sample 1), id: 'b', rebuilt 'c'"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (TABLE.select("id", "text", "sample", "notes", "mark"), "column 1 is sample (Int64), rebuilt text (String)"),
        (TABLE.with_columns(pl.col("sample").cast(pl.Int32)), "column 1 is sample (Int64), rebuilt sample (Int32)"),
        (TABLE.drop("mark"), "column 4, mark, is not rebuilt"),
        (TABLE.with_columns(more=1), "column 5, more, is new"),
    ],
)
def test_columns(tables, changed, expected):
    assert tables(TABLE, changed) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"compression": "gzip"}, "compression: ['ZSTD'], rebuilt ['GZIP']"),
        ({"row_group_size": 2}, "rows per group: [3], rebuilt [2, 1]"),
        ({"metadata": {"host": "h"}}, "metadata: "),
    ],
)
def test_a_table_stored_otherwise_has_equal_values(tables, options, expected):
    assert tables(TABLE, TABLE, **options).startswith(f"all values are equal, {expected}")


def test_long_texts_are_cut_to_where_they_differ(tables):
    changed = TABLE.with_columns(text=pl.lit("w" * 900 + "!"))
    found = tables(TABLE.with_columns(text=pl.lit("w" * 900 + "?")), changed)
    assert found == (f"row 0 (id a, sample 0), text: from character 880 {'w' * 20 + '?'!r}, rebuilt {'w' * 20 + '!'!r}")


def test_the_first_tensor_and_element_are_named_and_all_counted(weights):
    changed = {name: tensor.clone() for name, tensor in TENSORS.items()}
    changed["a.weight"][1, 0] = 9
    changed["a.weight"][1, 2] = 9
    changed["b.bias"][1] = 2
    found = weights(TENSORS, changed)
    assert found == "tensor a.weight[1, 0]: 3.0, rebuilt 9.0; 3 of 8 elements differ, in 2 of 2 tensors"


def test_bits_decide_not_values(weights):
    one = {"a": torch.tensor([float("nan"), 0.0]), "s": torch.tensor(1.0)}
    other = {"a": torch.tensor([float("nan"), -0.0]), "s": torch.tensor(1.0)}
    assert weights(one, other) == "tensor a[1]: 0.0, rebuilt -0.0; 1 of 3 elements differ, in 1 of 2 tensors"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"a.weight": TENSORS["a.weight"]}, "tensor b.bias is not rebuilt"),
        ({**TENSORS, "c": torch.ones(1)}, "tensor c is new"),
        ({**TENSORS, "b.bias": torch.ones(2)}, "tensor b.bias is bfloat16 [2], rebuilt float32 [2]"),
        (
            {**TENSORS, "b.bias": torch.ones(3, dtype=torch.bfloat16)},
            "tensor b.bias is bfloat16 [2], rebuilt bfloat16 [3]",
        ),
    ],
)
def test_tensors_of_another_kind(weights, changed, expected):
    assert weights(TENSORS, changed) == expected


def test_a_header_alone(weights):
    assert weights(TENSORS, TENSORS, metadata={"format": "pt"}).startswith("byte ")


@pytest.mark.parametrize(
    ("committed", "rebuilt", "expected"),
    [
        ('{"b": {"x": [1, 2]}, "a": 1}', '{"b": {"x": [1, 3]}, "a": 1}', "b.x[1]: 2, rebuilt 3"),
        ('{"a": 1, "b": 2}', '{"b": 2}', "a is not rebuilt"),
        ('{"b": 2}', '{"b": 2, "c": {}}', "c is new"),
        ('{"a": [1, 2]}', '{"a": [1]}', "a has 2 elements, rebuilt 1"),
        ('{"a": 1}', '{"a": 1.0}', "a: 1, rebuilt 1.0"),
        ('{"a": 1}', '{"a": true}', "a: 1, rebuilt True"),
        ('{"a": 1}', '{"a":1}', "line 1: '{\"a\": 1}', rebuilt '{\"a\":1}'"),
    ],
)
def test_the_first_path_of_json(compare, committed, rebuilt, expected):
    assert compare("t.json", committed, rebuilt) == expected


@pytest.mark.parametrize(
    ("committed", "rebuilt", "expected"),
    [
        ("a\nb\nc\n", "a\nx\ny\n", r"line 2: 'b\n', rebuilt 'x\n'"),
        ("a\nb\n", "a\n", r"line 2 is not rebuilt: 'b\n'"),
        ("a\n", "a\nb", "line 2 is new: 'b'"),
        ("a\n", "a", r"line 1: 'a\n', rebuilt 'a'"),
        ("a\n", "a\r\n", r"line 1: 'a\n', rebuilt 'a\r\n'"),
        (b"\xff\x00\x01", b"\xff\x00\x02\x03", "byte 2 differs (3 bytes, rebuilt 4)"),
        (b"\xff\x00", b"\xff\x00\x02", "byte 2 differs (2 bytes, rebuilt 3)"),
    ],
)
def test_the_first_line_of_text_or_byte_of_anything_else(compare, committed, rebuilt, expected):
    assert compare("t.csv", committed, rebuilt) == expected


def test_the_first_file_of_a_folder(tmp_path):
    for side, texts in (("committed", "abc"), ("rebuilt", "axy")):
        for number, text in enumerate(texts):
            (tmp_path / side / "t/deep").mkdir(parents=True, exist_ok=True)
            (tmp_path / side / f"t/deep/{number}.txt").write_text(text, encoding="utf-8")
    assert first(tmp_path, "t") == "deep/1.txt: line 1: 'b', rebuilt 'x' (2 of 3 files differ)"
    (tmp_path / "rebuilt/t/deep/0.txt").unlink()
    assert first(tmp_path, "t") == "deep/0.txt: is not rebuilt (3 of 3 files differ)"
    (tmp_path / "committed/t/deep/0.txt").unlink()
    (tmp_path / "rebuilt/t/a.txt").touch()
    assert first(tmp_path, "t") == "a.txt: is new (3 of 3 files differ)"


def test_what_git_holds_may_be_ahead_of_dvc_lock(compare):
    assert "git holds what was rebuilt" in compare("t.csv", "a", "a")

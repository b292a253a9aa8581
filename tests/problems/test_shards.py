import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from limo.base import tables
from limo.graph import schemas
from limo.params import Pool
from limo.problems import shards
from tests.problems.rows import POOL_PARAMS, benchmarks, source_row, sources
from tests.problems.whole_pool import build

EXAM = "A farmer has 17 sheep on the hill and sells all of them but 9 at the market. How many sheep are left?"
STORY = "Tom buys %d red apples at the market for %d cents each and pays with a note. How much change does he get?"


def pool_rows() -> list[dict[str, Any]]:
    """Rows of every fate."""
    riper = STORY.replace("red", "ripe red")
    rows = [source_row(STORY % (n, n + 5), str(n), source_id=f"story {n:03}") for n in range(60)]
    rows += [source_row(riper % (n, n + 5), str(n), "second", f"{n}") for n in range(0, 60, 3)]
    rows += [source_row(STORY % (n, n + 5), str(n + 1), "second", f"conflict {n}") for n in range(1, 60, 30)]
    rows += [source_row(f"Find the area of a disc of radius {n}.", None, source_id=f"none {n}") for n in range(5)]
    rows += [source_row(EXAM.replace("farmer", "man"), "9", source_id="exam")]
    rows += [source_row("求 3 与 5 之和。", "8", "second", "zh")]
    rows += [source_row("", "3", source_id="bad", rejected="empty question")]
    return rows


def written(rows: list[dict[str, Any]], files: int, folder: Path) -> list[Path]:
    paths = [folder / f"source{number}.parquet" for number in range(files)]
    for number, path in enumerate(paths):
        sources(*rows[number::files]).write_parquet(path)
    return paths


def sharded(
    rows: list[dict[str, Any]], p: Pool, folder: Path, files: int = 2, run: Any = shards.here
) -> tuple[bytes, ...]:
    folder.mkdir()
    outs = folder / "pool.parquet", folder / "rejected.parquet"
    work = folder / "work"
    work.mkdir()
    counts = shards.build(written(rows, files, folder), benchmarks(EXAM, "What is 1+1?"), p, work, run, outs)
    assert counts["in"] == len(rows) == counts["kept"] + counts["rejected"]
    return tuple(out.read_bytes() for out in outs)


CAPPED = POOL_PARAMS.model_copy(
    update={"families": POOL_PARAMS.families.model_copy(update={"cap": 7}), "languages": ["en"]}
)


@pytest.mark.parametrize("p", [POOL_PARAMS, CAPPED], ids=["default", "capped"])
def test_any_number_of_shards_slices_and_files_gives_the_bytes_of_one(
    p: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pool_rows()
    kept, rejected = build(sources(*rows), benchmarks(EXAM, "What is 1+1?"), p)
    expected = sharded(rows, p, tmp_path / "first", 1)
    assert_frame_equal(tables.read(tmp_path / "first" / "pool.parquet", schemas.POOL), kept)
    assert_frame_equal(tables.read(tmp_path / "first" / "rejected.parquet", schemas.POOL_REJECTED), rejected)
    for count, size, files in ((1, 10, 3), (5, 7, 2), (16, 1000, 4)):
        monkeypatch.setattr(shards, "_SLICE", size)
        shuffled = random.Random(count).sample(rows, len(rows))
        changed = p.model_copy(update={"shards": count, "workers": 1 + count % 3})
        assert sharded(shuffled, changed, tmp_path / f"{count}-{size}", files) == expected


def test_a_pool_that_keeps_no_row_is_an_error_with_its_reasons(tmp_path: Path) -> None:
    p = POOL_PARAMS.model_copy(update={"shards": 3})
    with pytest.raises(ValueError, match="the pool keeps none of 0 rows"):
        sharded([], p, tmp_path / "none")
    rows = [source_row("", "3", rejected="empty question"), source_row(EXAM, "9", source_id="2")]
    with pytest.raises(ValueError, match=r"none of 2 rows \(contaminated 1, empty question 1\): .*rejected.parquet"):
        sharded(rows, p, tmp_path / "two")
    assert tables.read(tmp_path / "two" / "rejected.parquet", schemas.POOL_REJECTED).height == 2


def test_what_is_spilled_comes_back(tmp_path: Path) -> None:
    from limo.problems.distinct import distinct
    from limo.problems.spill import load, save

    texts = [EXAM, STORY % (3, 4), "[asy]draw((0,1));[/asy] What is the area of the figure shown here? ½ é 求", ""]
    _, problems = distinct(texts, POOL_PARAMS.near, 1, "test")
    save(problems, tmp_path / "p.npz")
    back = load(tmp_path / "p.npz")
    assert [back.core(place) for place in range(4)] == [problems.core(place) for place in range(4)]
    assert (back.ids, back.figures) == (problems.ids, problems.figures)
    for name in ("forms", "numbers", "bands"):
        assert (getattr(back, name) == getattr(problems, name)).all()


def test_very_many_copies_of_one_row_are_one_problem(tmp_path: Path) -> None:
    count = 50_000
    row = source_row(STORY % (3, 4), "7")
    copies = sources(row).drop("source_id").join(pl.DataFrame({"source_id": map(str, range(count))}), how="cross")
    copies.select(schemas.SOURCE.names()).write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "spill").mkdir()
    outs = tmp_path / "pool.parquet", tmp_path / "rejected.parquet"
    counts = shards.build([tmp_path / "rows.parquet"], benchmarks(), CAPPED, tmp_path / "spill", shards.here, outs)
    assert (counts["kept"], counts["duplicate"]) == (1, count - 1)
    assert pl.read_parquet(outs[0])["duplicates"].list.len().to_list() == [count - 1]


def test_two_nodes_of_a_ray_cluster_give_the_same_bytes(
    two_nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limo.base.cluster import runner

    rows = pool_rows()
    p = CAPPED.model_copy(update={"shards": 4})
    expected = sharded(rows, CAPPED, tmp_path / "one")
    assert sharded(rows, p, tmp_path / "two", 4, runner(two_nodes.address)) == expected


def test_a_lost_node_loses_nothing(two_nodes: Any, tmp_path: Path) -> None:
    from limo.base.cluster import runner

    extra = two_nodes.add_node(num_cpus=1)
    run = runner(two_nodes.address)
    squares = run(_slow_square, list(range(12)))
    first = next(squares)
    two_nodes.remove_node(extra, allow_graceful=False)
    assert [first, *squares] == [n * n for n in range(12)]


def _slow_square(number: int) -> int:
    import time

    time.sleep(0.3)
    return number * number


def test_frames_are_those_of_the_schemas(tmp_path: Path) -> None:
    sharded(pool_rows(), POOL_PARAMS, tmp_path / "x")
    kept = tables.read(tmp_path / "x" / "pool.parquet", schemas.POOL)
    assert_frame_equal(kept, kept.sort("id"))
    assert kept["family"].null_count() < kept.height
    rejected = pl.read_parquet(tmp_path / "x" / "rejected.parquet")
    assert {reason.split(":")[0] for reason in rejected["rejected"]} == {
        "conflicting answers", "contaminated", "duplicate", "empty question", "unverifiable",
    }  # fmt: skip

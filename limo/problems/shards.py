"""Files of sources → the pool's two tables, one part in memory at a time; used by pool."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow.parquet as pq

from limo.base import tables
from limo.base.files import read_json, write_json
from limo.graph import schemas
from limo.params import Pool
from limo.problems import pool
from limo.problems.distinct import distinct, joined
from limo.problems.spill import load, save
from limo.problems.template_families import families, templates
from limo.problems.template_families import save as save_templates

_SLICE = 50_000  # rows of a source that are worked on at once
_PREFIXES = "0123456789abcdef"  # of ids: the pool is sorted by parts

Function = Callable[..., Any]
Runner = Callable[[Function, Sequence[Any]], Iterator[Any]]


class Slice(NamedTuple):
    """Rows [start, start + _SLICE) of a file of SOURCE rows, and their place among all slices."""

    number: int
    path: Path
    start: int


def build(
    sources: Sequence[Path], benchmarks: pl.DataFrame, p: Pool, folder: Path, run: Runner, outs: tuple[Path, Path]
) -> dict[str, int]:
    """One clean row per problem (POOL) and every other row with its reason (POOL_REJECTED), both sorted, in memory that
    the size of the pool does not set.

    Rows are rejected in this order: malformed (as the source says), unverifiable, duplicate or in conflict with a
    duplicate, contaminated, of another language or answer type than wanted, beyond the cap of its family. A problem is
    contaminated when any row merged into it is. The result does not depend on the order of the rows.

    Near-duplicates have the same numbers, so a shard is all problems whose numbers have the same hash: each is merged
    alone. Every step is a task over slices or shards, and what passes between tasks lies in `folder`; `run` decides
    where they run. One process holds one slice or one shard at a time; the ids of all kept problems and the prose of
    their templates (some 200 bytes each) come together once, for the families.

    Args:
        sources: files of SOURCE rows; (source, source_id) is unique.
        benchmarks: BENCHMARK rows.
        p: `shards` sets how many parts there are; it changes no byte.
        folder: an empty folder that all tasks can reach.
        run: applies a task to items, results in order: `here`, or `cluster.runner`.
        outs: where POOL and POOL_REJECTED are written, the same bytes for any number of shards.

    Returns:
        Rows in, kept, and rejected by reason.

    Raises:
        ValueError: a row's source is missing in `source_rank`, or no row is kept; POOL_REJECTED is there then.
    """
    slices = _slices(sources)
    guard, names = pool.guarded(benchmarks, p)
    save(guard, folder / "guard.npz")
    write_json(names, folder / "names.json")
    rows = sum(run(partial(split, folder=folder, p=p), slices))
    shards = list(range(p.shards))
    for step in (merge, decide):
        list(run(partial(step, folder=folder, p=p), shards))
    within_families(folder, p)
    sort_rejected(folder)
    _write(sorted(folder.glob("kept/*.parquet")), outs[0], schemas.POOL)
    _write(sorted(folder.glob("ordered/*.parquet")), outs[1], schemas.POOL_REJECTED)
    counts = _counts(outs, rows)
    if not counts["kept"]:
        reasons = ", ".join(
            f"{reason} {times}" for reason, times in counts.items() if reason not in ("kept", "rejected")
        )
        raise ValueError(
            f"the pool keeps none of {rows} rows ({reasons or 'its sources are empty'}): see their reasons in {outs[1]}"
        )
    return {"in": rows, **counts}


def here(function: Function, items: Sequence[Any]) -> Iterator[Any]:
    """Run a function on every item, one after the other, in this process."""
    return map(function, items)


def split(part: Slice, folder: Path, p: Pool) -> int:
    """Judge the rows of a slice and put them with the shards of their problems; returns how many there are."""
    rows = pl.scan_parquet(part.path).slice(part.start, _SLICE).collect()
    bad, usable = pool.judged(rows)
    _spill(bad, folder / "bad", f"{part.number:06}")
    ids, problems = distinct(usable["question"].to_list(), p.near, p.workers, "pool")
    usable = usable.with_columns(id=pl.Series(ids, dtype=pl.String))
    shard_of = (problems.numbers % p.shards).astype("int64")
    placed = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String), "shard": shard_of})
    for (shard,), members in usable.join(placed, on="id", maintain_order="left").group_by("shard"):
        where = folder / f"shard-{shard:04}"
        _spill(members.drop("shard"), where / "rows", f"{part.number:06}")
        save(problems.take((shard_of == shard).nonzero()[0]), where / "problems" / f"{part.number:06}.npz")
    return rows.height


def merge(shard: int, folder: Path, p: Pool) -> None:
    """Merge the rows of a shard."""
    where = folder / f"shard-{shard:04}"
    usable = _frame(where.glob("rows/*.parquet"), schemas.SOURCE).sort("source", "source_id")
    problems = joined([load(path) for path in sorted(where.glob("problems/*.npz"))], p.near.bands)
    part = pool.merged(usable, problems, p)
    usable.write_parquet(_made(where / "usable.parquet"))
    save(problems, where / "problems.npz")
    pl.DataFrame({"rows": part.clusters}).write_parquet(where / "clusters.parquet")
    _spill(part.rejected, folder / "merged", f"{shard:04}")


def decide(shard: int, folder: Path, p: Pool) -> None:
    """Look at the benchmarks, and label what is kept of a shard."""
    where = folder / f"shard-{shard:04}"
    clusters = pl.read_parquet(where / "clusters.parquet")["rows"]
    problems = load(where / "problems.npz")
    usable = pl.read_parquet(where / "usable.parquet")
    part = pool.Merged(usable, problems, clusters, usable.clear())
    names = read_json(folder / "names.json")
    kept, rejected = pool.decided(part, (load(folder / "guard.npz"), names), p)
    _spill(rejected, folder / "decided", f"{shard:04}")
    for prefix in _PREFIXES:
        _spill(kept.filter(pl.col("id").str.starts_with(prefix)), folder / "clean" / prefix, f"{shard:04}")
    left = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String)}).with_row_index().join(kept, on="id")["index"]
    remaining = problems.take(left.sort().to_numpy().astype("int64"))
    save_templates(templates(remaining, p.families), where / "templates.npz")


def within_families(folder: Path, p: Pool) -> None:
    """Name the families, and take out what is beyond their cap."""
    membership = families(sorted(folder.glob("shard-*/templates.npz")), p.families)
    clean = sorted(folder.glob("clean/*/*.parquet"))
    if not clean:
        return
    firsts = pool.named_firsts(pl.scan_parquet(clean), membership)
    start = 0
    for prefix in _PREFIXES:
        rows = _frame(folder.glob(f"clean/{prefix}/*.parquet"), schemas.POOL).sort("id")
        kept, over = pool.capped_rows(rows, membership, start, firsts, p)
        _spill(kept, folder / "kept", prefix)
        _spill(over, folder / "over", prefix)
        start += rows.height


def sort_rejected(folder: Path) -> None:
    """Sort all rejected rows by source and source id: part them by their places among all, then sort each part."""
    pieces = [path for name in ("bad", "merged", "decided", "over") for path in folder.glob(f"{name}/*.parquet")]
    key = pl.concat_str("source", "source_id", separator="\0")  # sorted as the two are, since no text holds a NUL
    keys = pl.concat(
        [pl.Series(dtype=pl.String), *(pl.scan_parquet(path).select(key).collect()[:, 0] for path in pieces)]
    )
    bounds = keys.sort().gather_every(_SLICE, offset=_SLICE)
    for number, path in enumerate(sorted(pieces)):
        rows = pl.read_parquet(path)
        part_of = pl.Series("part", bounds.search_sorted(rows.select(key)[:, 0], side="right"))
        for (part,), members in rows.group_by(part_of):
            _spill(members, folder / "rejected" / f"{part:06}", f"{number:06}")
    for part in sorted(folder.glob("rejected/*")):
        rows = _frame(part.glob("*.parquet"), schemas.POOL_REJECTED).sort("source", "source_id")
        _spill(rows, folder / "ordered", part.name)


def _slices(sources: Sequence[Path]) -> list[Slice]:
    places = [(path, start) for path in sources for start in range(0, pq.ParquetFile(path).metadata.num_rows, _SLICE)]
    return [Slice(number, path, start) for number, (path, start) in enumerate(places)]


def _spill(rows: pl.DataFrame, folder: Path, name: str) -> None:
    """Keep rows that there are: a part without any leaves no file."""
    if rows.height:
        rows.write_parquet(_made(folder / f"{name}.parquet"), compression="lz4")


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _frame(paths: Iterable[Path], schema: pl.Schema) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(pl.read_parquet(path) for path in sorted(paths))])


def _write(parts: list[Path], out: Path, schema: pl.Schema) -> None:
    frame = pl.scan_parquet(parts, schema=schema) if parts else pl.LazyFrame(schema=schema)
    tables.sink(frame, out, schema)


def _counts(outs: tuple[Path, Path], rows: int) -> dict[str, int]:
    kept = pq.ParquetFile(outs[0]).metadata.num_rows
    reasons: Counter[str] = Counter()
    for batch in pq.ParquetFile(outs[1]).iter_batches(columns=["rejected"]):
        reasons.update(reason.split(":")[0] for reason in batch.column(0).to_pylist())
    assert kept + reasons.total() == rows
    return {"kept": kept, "rejected": reasons.total(), **{reason: reasons[reason] for reason in sorted(reasons)}}

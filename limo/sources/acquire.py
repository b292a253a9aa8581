"""A source of params.yaml → its table, sorted by source id in little memory; used by acquire."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.sources import rows as sources


def write(name: str, spec: params.Source, max_characters: int, folder: Path, out: Path) -> dict[str, int]:
    """Write the table that `sources.rows` gives to `out`, sorted by source id, in memory for a few slices of it.

    An external sort: slices lie in `folder` as they are read, then parted by the rank of their source ids, and each
    part is sorted alone. Of the whole source only the ids are held (some 50 bytes each).

    Returns:
        Rows in, kept and rejected, how many were rejected for which reason, and how many levels were rounded or could
        not be read, where some were.

    Raises:
        ValueError: every row is rejected; reasons are counted.
        ValueError, OSError: as `sources.rows`.
    """
    read = []
    noted: Counter[str] = Counter()
    for number, part in enumerate(sources.slices(name, spec, max_characters, noted)):
        read.append(_spilled(part, folder / "read" / f"{number:06}.parquet"))
    ids = pl.scan_parquet(read).select("source_id").collect()["source_id"]
    names = sources.separated(ids)
    part_of = np.empty(len(names), dtype=np.int64)
    part_of[names.arg_sort().to_numpy()] = np.arange(len(names)) // sources.SLICE
    counts: Counter[str] = Counter()
    start, first = 0, None
    for path in read:
        unnamed = pl.read_parquet(path)
        end = start + unnamed.height
        named = sources.kept_apart(unnamed, names[start:end])
        counts.update(tables.reasons(named))
        first = first or named["rejected"][0]
        for (part,), rows in named.group_by(pl.Series("part", part_of[start:end]), maintain_order=True):
            _spilled(rows, folder / f"part-{part:06}" / path.name)
        path.unlink()
        start = end
    if counts.total() == len(names):
        reasons = ", ".join(f"{reason} {times}" for reason, times in counts.most_common())
        raise ValueError(
            f"source {name} keeps none of its {len(names)} rows ({reasons}): the first, {names[0]}, is rejected as "
            f"{first!r}"
        )
    parts = [_sorted(path, folder / "sorted" / f"{path.name}.parquet") for path in sorted(folder.glob("part-*"))]
    tables.sink(pl.scan_parquet(parts), out, schemas.SOURCE)
    rejected = counts.total()
    reasons_and_notes = dict(sorted(counts.items())) | {note: times for note, times in sorted(noted.items()) if times}
    return {"in": len(names), "kept": len(names) - rejected, "rejected": rejected, **reasons_and_notes}


def _sorted(part: Path, out: Path) -> Path:
    rows = pl.read_parquet(sorted(part.glob("*.parquet"))).sort("source_id")
    return _spilled(rows, out)


def _spilled(rows: pl.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(path, compression="lz4")
    return path

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from limo.params import Pool
from limo.problems import pool
from limo.problems.distinct import distinct
from limo.problems.template_families import families, save, templates


def build(sources: pl.DataFrame, benchmarks: pl.DataFrame, p: Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `shards.build` writes, made in memory at once: the measure of its files, shards and slices."""
    bad, usable = pool.judged(sources)
    ids, problems = distinct(usable["question"].to_list(), p.near, p.workers, "pool")
    part = pool.merged(usable.with_columns(id=pl.Series(ids, dtype=pl.String)), problems, p)
    guard = pool.guarded(benchmarks, p)
    kept, rejected = pool.decided(part, guard, p)
    places = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String)}).with_row_index("place").join(kept, on="id")
    left = problems.take(places["place"].sort().to_numpy().astype(np.int64))
    with TemporaryDirectory() as folder:
        save(templates(left, p.families), Path(folder) / "whole.npz")
        membership = families([Path(folder) / "whole.npz"], p.families)
    firsts = pool.named_firsts(kept.lazy(), membership)
    kept, over = pool.capped_rows(kept.sort("id"), membership, 0, firsts, p)
    rejected = pl.concat([bad, part.rejected, rejected, over])
    assert kept.height + rejected.height == sources.height
    return kept, rejected.sort("source", "source_id")

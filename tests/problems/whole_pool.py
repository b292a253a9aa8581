import numpy as np
import polars as pl

from limo.params import Pool
from limo.problems import pool
from limo.problems.distinct import distinct


def build(sources: pl.DataFrame, benchmarks: pl.DataFrame, p: Pool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `shards.build` writes, made in memory at once: the measure of its files, shards and slices."""
    bad, usable = pool.judged(sources)
    ids, problems = distinct(usable["question"].to_list(), p.near, p.workers, "pool")
    part = pool.merged(usable.with_columns(id=pl.Series(ids, dtype=pl.String)), problems, p)
    guard = pool.guarded(benchmarks, p)
    kept, rejected = pool.decided(part, guard, p)
    places = pl.DataFrame({"id": pl.Series(problems.ids, dtype=pl.String)}).with_row_index("place").join(kept, on="id")
    membership = pool.families_of(problems.take(places["place"].sort().to_numpy().astype(np.int64)), p)
    kept, over = pool.capped_rows(kept, membership, pool.named_firsts(kept.lazy(), membership), p)
    rejected = pl.concat([bad, part.rejected, rejected, over])
    assert kept.height + rejected.height == sources.height
    return kept.sort("id"), rejected.sort("source", "source_id")

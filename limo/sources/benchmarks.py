"""Section `benchmarks` of params.yaml → BENCHMARK rows, every one of them usable; used by benchmarks."""

from collections.abc import Mapping

import polars as pl

from limo import params
from limo.graph.schemas import BENCHMARK
from limo.sources import rows


def read(specs: Mapping[str, params.Source], max_characters: int) -> pl.DataFrame:
    """The rows of all evaluation sets.

    Args:
        specs: the section, a source each.
        max_characters: the longest question that is accepted.

    Raises:
        ValueError: a row is unusable: a score over the rest would not be comparable. Set, row and reason are named.
        ValueError, OSError: as `rows.rows`.
    """
    return pl.concat(
        _usable(name, rows.rows(name, spec, max_characters, benchmark=True)) for name, spec in specs.items()
    )


def _usable(name: str, table: pl.DataFrame) -> pl.DataFrame:
    refused = table.filter(pl.col("rejected").is_not_null())
    if refused.height:
        first = refused.row(0, named=True)
        raise ValueError(
            f"benchmark {name}: row {first['source_id']} is unusable ({first['rejected']}), one of {refused.height}: "
            "a score over the rest would not be comparable, so correct the data"
        )
    return table.rename({"source": "benchmark"}).select(BENCHMARK.names())

"""Distinct problems → families of one template, and what is beyond their cap; used by pool."""

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from limo.base.files import digest
from limo.params import Families
from limo.problems.arrays import Ragged, windows
from limo.problems.decisive import is_name_token
from limo.problems.distinct import Problems
from limo.problems.groups import grouped, signatures

_SETS = 50_000  # problems whose runs are kept in memory
_FEWEST = 8  # words; a shorter text, or one of formulas, is no template


def families(problems: Problems, p: Families) -> NDArray[np.int64]:
    """Partition problems into families of one template (GSM-Symbolic style): for every place the first of its family.

    A template is the prose of a problem, without numbers, names of variables and formulas. Two problems are of one
    family when their runs of `shingle` words have a Jaccard similarity of `similarity` or more. What pairs connect is
    one family.
    """
    prose = np.array(
        [len(word) > 1 and word.isalpha() and not is_name_token(word) for word in problems.vocabulary], bool
    )
    count = len(problems.ids)
    is_word = prose[problems.tokens.values]
    before = np.append(0, np.cumsum(is_word))
    words = Ragged(problems.tokens.values[is_word], before[problems.tokens.offsets])
    owners, runs = windows(words, problems.hashes, p.shingle)
    bands = signatures(owners, runs, count, p.permutations, p.bands)
    ends = np.searchsorted(owners, np.arange(count + 1))

    @lru_cache(maxsize=_SETS)
    def of(place: int) -> frozenset[int]:
        return frozenset(runs[ends[place] : ends[place + 1]].tolist())

    def alike(one: int, other: int) -> bool:
        shared = len(of(one) & of(other))
        return shared >= p.similarity * (len(of(one)) + len(of(other)) - shared)

    return grouped(bands, np.flatnonzero(np.diff(words.offsets) >= _FEWEST), alike)


def capped(ids: list[str], roots: NDArray[np.int64], cap: int | None) -> pl.DataFrame:
    """Which problems of each family go beyond `cap`: columns id, family (null for one alone) and over.

    A family is called by the id of its first problem. Those that stay are the first by a hash of their ids.
    """
    table = pl.DataFrame({"id": pl.Series(ids, dtype=pl.String), "root": roots}).with_columns(
        order=pl.col("id").map_elements(lambda identity: digest("family", identity), return_dtype=pl.String),
        size=pl.len().over("root"),
    )
    rank = pl.col("order").rank("ordinal").over("root")
    over = pl.lit(False) if cap is None else rank > cap
    return table.select(
        "id", family=pl.when(pl.col("size") > 1).then(pl.Series(ids, dtype=pl.String).gather(roots)), over=over
    )

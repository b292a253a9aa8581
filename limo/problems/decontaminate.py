"""Problems and benchmarks → which problems a benchmark holds; used by pool and `limo decontaminate`."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from limo.params import Decontamination
from limo.problems.arrays import Hashes, windows
from limo.problems.distinct import Problems
from limo.problems.look import same, within

# An n-gram in so few documents is never common: in a small pool one copy of a benchmark problem would make it so.
_RARE = 10
_CHUNK = 100_000  # problems whose n-grams are in memory at once


class Hit(NamedTuple):
    """A benchmark problem that is the same: the rule that says so, its id and the score (0 to 1)."""

    rule: str
    id: str
    score: float


class Frequencies(NamedTuple):
    """In how many of so many texts each of the benchmarks' n-grams is, the n-grams in the order of their hashes."""

    counts: NDArray[np.int64]
    texts: int

    def __add__(self, other: "Frequencies") -> "Frequencies":  # type: ignore[override]
        return Frequencies(self.counts + other.counts, self.texts + other.texts)


def frequencies(problems: Problems, guarded: Problems, p: Decontamination) -> Frequencies:
    """Document frequencies of the benchmarks' n-grams in these problems; those of parts of a pool add up."""
    grams, _ = _grams(guarded, p.ngram)
    rows, _ = _shared(problems, grams, p.ngram)
    return Frequencies(np.bincount(rows["gram"], minlength=len(grams)), len(problems.ids))


def contaminated(problems: Problems, guarded: Problems, p: Decontamination, overall: Frequencies) -> dict[str, Hit]:
    """Ids of problems that a benchmark holds, each with its best match, of equals the lowest id.

    Exact: the same id. Otherwise at least `threshold` of the word n-grams of one text must be in the other, and a
    second look at facts (numbers, operators, variables, asked quantity) tells a reworded, renamed or embedded problem
    from the same template with other numbers (`look.same`, `look.within`). A benchmark's n-grams that are in more than
    `max_document_frequency` of all texts ("how many positive integers are there such that") do not count; a text with
    no other is matched by its id only.

    Args:
        problems: the pool's, or a part's.
        guarded: the benchmarks'.
        overall: `frequencies` of the whole pool.
    """
    best: dict[str, Hit] = {}
    cores = {}
    for place, benchmark in _overlaps(problems, guarded, p, overall):
        if benchmark not in cores:
            cores[benchmark] = guarded.core(benchmark)
        problem, exam = problems.core(place), cores[benchmark]
        looks = (
            same(problem, exam, p.similarity),
            within(exam, problem, p.similarity),
            within(problem, exam, p.similarity),
        )
        if look := next((look for look in looks if look), None):
            hit = Hit(look.rule, guarded.ids[benchmark], look.score)
            known = best.setdefault(problems.ids[place], hit)
            best[problems.ids[place]] = min(known, hit, key=lambda hit: (-hit.score, hit.id))
    exact = set(guarded.ids).intersection(problems.ids)
    return best | {identity: Hit("exact", identity, 1.0) for identity in sorted(exact)}


def reasons(hits: Mapping[str, Hit], names: Mapping[str, str]) -> pl.DataFrame:
    """Hits as columns id, rejected, match and match_score; `names` says what the rows of benchmark ids are called."""
    return pl.DataFrame(
        [(identity, f"contaminated: {hit.rule}", names[hit.id], hit.score) for identity, hit in hits.items()],
        schema={"id": pl.String, "rejected": pl.String, "match": pl.String, "match_score": pl.Float64},
        orient="row",
    )


def _overlaps(problems: Problems, guarded: Problems, p: Decontamination, overall: Frequencies) -> list[tuple[int, int]]:
    """Pairs (place, benchmark), sorted, where the other has at least the threshold of one's countable n-grams."""
    grams, benchmarks = _grams(guarded, p.ngram)
    rows, sizes = _shared(problems, grams, p.ngram)
    limit = max(_RARE, p.max_document_frequency * (overall.texts + len(guarded.ids)))
    frequency = np.bincount(benchmarks["gram"], minlength=len(grams)) + overall.counts
    common = pl.DataFrame({"gram": np.flatnonzero(frequency > limit)})
    size = pl.DataFrame({"place": np.arange(len(sizes)), "size": sizes})
    less = rows.join(common, on="gram").group_by("place").len("common")
    size = size.join(less, on="place", how="left").select("place", size=pl.col("size") - pl.col("common").fill_null(0))
    rows, benchmarks = (table.join(common, on="gram", how="anti") for table in (rows, benchmarks))
    shares = (
        rows.join(benchmarks, on="gram")
        .group_by("place", "benchmark")
        .len("shared")
        .join(size, on="place")
        .join(benchmarks.group_by("benchmark").len("size_benchmark"), on="benchmark")
    )
    pairs = shares.filter(pl.col("shared") >= p.threshold * pl.min_horizontal("size", "size_benchmark"))
    return pairs.select("place", "benchmark").sort("place", "benchmark").rows()


def _grams(guarded: Problems, size: int) -> tuple[Hashes, pl.DataFrame]:
    """The benchmarks' n-grams, ascending, and which problem has which."""
    of_benchmarks, runs = windows(guarded.whole, guarded.hashes, size)
    grams, numbers = np.unique(runs, return_inverse=True)
    return grams, pl.DataFrame({"benchmark": of_benchmarks, "gram": numbers}).unique(maintain_order=True)


def _shared(problems: Problems, grams: Hashes, size: int) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Which of the benchmarks' n-grams (ascending) each problem has, and how many n-grams it has in all."""
    tables, sizes = [], [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(problems.ids), _CHUNK):
        chunk = problems.whole.take(np.arange(start, min(start + _CHUNK, len(problems.ids))))
        places, runs = windows(chunk, problems.hashes, size)
        sizes.append(np.bincount(places))
        positions = np.searchsorted(grams, runs)
        hit = np.flatnonzero(grams[np.minimum(positions, len(grams) - 1)] == runs) if len(grams) else positions[:0]
        tables.append(pl.DataFrame({"place": places[hit] + start, "gram": positions[hit]}).unique(maintain_order=True))
    schema = {"place": pl.Int64, "gram": pl.Int64}
    return pl.concat([pl.DataFrame(schema=schema), *tables]), np.concatenate(sizes)

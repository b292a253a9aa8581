"""Problems and benchmarks → which problems a benchmark holds; used by pool and `limo decontaminate`."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from limo.params import Decontamination
from limo.problems.arrays import Hashes, Ragged, windows
from limo.problems.decisive import is_layout
from limo.problems.distinct import Problems
from limo.problems.leaks import leaked

_CHUNK = 100_000  # problems whose n-grams are in memory at once
_MEETINGS = 20_000_000  # of an n-gram of a problem with one of a benchmark, in memory at once


class Hit(NamedTuple):
    """A benchmark problem that is the same: the rule that says so, its id and the score (0 to 1)."""

    rule: str
    id: str
    score: float


def contaminated(problems: Problems, guarded: Problems, p: Decontamination) -> dict[str, Hit]:
    """Ids of problems that a benchmark holds, each with its best match, of equals the lowest id.

    Exact: the same id. Otherwise at least `threshold` of the word n-grams of one text must be in the other, or they
    must be a pair that the search for duplicates would compare (the same numbers, and a MinHash band); and a second
    look at facts (numbers, operators, variables, asked quantity) tells a reworded, renamed, embedded or extended
    problem from the same template with other numbers (`leaks.leaked`). Every n-gram counts, however often it comes:
    what is common may be a benchmark's own text, leaked many times. So a verdict depends on no other problem.

    Args:
        problems: the pool's, or a part's.
        guarded: the benchmarks'.
    """
    best: dict[str, Hit] = {}
    cores = {}
    for place, benchmark in _proposed(problems, guarded, p):
        if benchmark not in cores:
            cores[benchmark] = guarded.core(benchmark)
        problem, exam = problems.core(place), cores[benchmark]
        if look := leaked(exam, problem, bool(problems.forms[place]), p.similarity):
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


def _proposed(problems: Problems, guarded: Problems, p: Decontamination) -> Iterator[tuple[int, int]]:
    """Pairs (place, benchmark), each once, that share n-grams or a band."""
    banded = {pair for start in range(0, len(problems.ids), _CHUNK) for pair in _banded(problems, guarded, start)}
    yield from sorted(banded)
    yield from (pair for pair in _overlaps(problems, guarded, p) if pair not in banded)


def _banded(problems: Problems, guarded: Problems, start: int) -> Iterator[tuple[int, int]]:
    """Pairs (place, benchmark) of problems from `start` on, a chunk of them, that are equal in a band."""
    for ours, theirs in zip(problems.bands[:, start : start + _CHUNK], guarded.bands, strict=True):
        one = pl.DataFrame({"place": np.arange(start, start + len(ours)), "hash": ours})
        other = pl.DataFrame({"benchmark": np.arange(len(theirs)), "hash": theirs})
        yield from one.join(other, on="hash").select("place", "benchmark").iter_rows()


def _overlaps(problems: Problems, guarded: Problems, p: Decontamination) -> Iterator[tuple[int, int]]:
    """Pairs (place, benchmark), ascending, where the other has at least the threshold of one's n-grams."""
    of_benchmarks, runs = windows(_bare(guarded.whole, guarded), guarded.hashes, p.ngram)
    grams, numbers = np.unique(runs, return_inverse=True)
    benchmarks = pl.DataFrame({"benchmark": of_benchmarks, "gram": numbers}).unique(maintain_order=True)
    lengths = benchmarks.group_by("benchmark").len("grams_benchmark")
    holders = np.bincount(benchmarks["gram"], minlength=len(grams))
    for start in range(0, len(problems.ids), _CHUNK):
        chunk = problems.whole.take(np.arange(start, min(start + _CHUNK, len(problems.ids))))
        rows, sizes = _shared(_bare(chunk, problems), problems.hashes, grams, p.ngram)
        meetings = np.bincount(rows["place"], holders[rows["gram"]], minlength=len(sizes))
        size = pl.DataFrame({"place": np.arange(len(sizes)), "grams": sizes, "part": np.cumsum(meetings) // _MEETINGS})
        for _, part in rows.join(size, on="place", maintain_order="left").group_by("part", maintain_order=True):
            shares = part.join(benchmarks, on="gram").group_by("place", "benchmark", "grams").len("shared")
            least = p.threshold * pl.min_horizontal("grams", "grams_benchmark")
            pairs = shares.join(lengths, on="benchmark").filter(pl.col("shared") >= least)
            yield from pairs.select(pl.col("place") + start, "benchmark").sort("place", "benchmark").iter_rows()


def _bare(texts: Ragged, problems: Problems) -> Ragged:
    """Rows of these problems' codes without brackets and other layout, which would break n-grams."""
    content = np.array([not is_layout(token) for token in problems.vocabulary], dtype=bool)
    return texts.where(content[texts.values])


def _shared(texts: Ragged, hashes: Hashes, grams: Hashes, size: int) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Which of the benchmarks' n-grams (ascending) each text has, by place, and how many n-grams it has in all."""
    places, runs = windows(texts, hashes, size)
    positions = np.searchsorted(grams, runs)
    hit = np.flatnonzero(grams[np.minimum(positions, len(grams) - 1)] == runs) if len(grams) else positions[:0]
    rows = pl.DataFrame({"place": places[hit], "gram": positions[hit]}, schema={"place": pl.Int64, "gram": pl.Int64})
    return rows.unique(maintain_order=True), np.bincount(places, minlength=len(texts.offsets) - 1)

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from limo.params import Decontamination
from limo.problems.core import Core, core
from limo.problems.dedup import Rejection
from limo.problems.look import same, within
from limo.problems.text import canonical

# An n-gram in so few documents is never common: in a small pool one copy of a benchmark problem would make it so.
_RARE = 10
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def contaminated(cores: Mapping[str, Core], benchmarks: pl.DataFrame, p: Decontamination) -> dict[str, Rejection]:
    """Problem ids that some benchmark holds, each with rule, benchmark row ("BENCHMARK:SOURCE_ID") and score.

    Exact: the same id. Otherwise at least `threshold` of the word n-grams of one text must be in the other, and a
    second look at facts (numbers, operators, variables, asked quantity) tells a reworded, renamed or embedded problem
    from the same template with other numbers (`look.same`, `look.within`). N-grams in more than
    `max_document_frequency` of all texts ("how many positive integers are there such that") count nowhere; a text with
    no other is matched by its id only. The best match is reported, ties by name.

    Args:
        cores: `core.core` of each problem id's canonical text.
        benchmarks: BENCHMARK rows.
    """
    names = [f"{row['benchmark']}:{row['source_id']}" for row in benchmarks.iter_rows(named=True)]
    found: dict[str, Rejection] = {}
    for guarded, identity in sorted(zip(names, benchmarks["id"], strict=True)):
        if identity in cores:
            found.setdefault(identity, Rejection("contaminated: exact", guarded, 1.0))
    ids = sorted(cores)
    guarded_cores = [core(canonical(question)) for question in benchmarks["question"]]
    pairs = _overlaps([cores[identity].whole for identity in ids], [one.whole for one in guarded_cores], p)
    best: dict[str, tuple[float, str, str]] = {}
    for row, benchmark in pairs.iter_rows():
        one, other = cores[ids[row]], guarded_cores[benchmark]
        looks = (same(one, other, p.similarity), within(other, one, p.similarity), within(one, other, p.similarity))
        if hit := next((look for look in looks if look), None):
            best[ids[row]] = min(best.get(ids[row], (0.0, "", "")), (-hit.score, names[benchmark], hit.rule))
    near = {key: Rejection(f"contaminated: {rule}", match, -score) for key, (score, match, rule) in best.items()}
    return near | found


def _overlaps(rows: Sequence[list[str]], benchmarks: Sequence[list[str]], p: Decontamination) -> pl.DataFrame:
    """Pairs (row, benchmark), sorted, where the other has at least the threshold of one's countable n-grams."""
    grams = _grams([*rows, *benchmarks], p.ngram)
    limit = max(_RARE, p.max_document_frequency * (len(rows) + len(benchmarks)))
    common = grams.group_by("gram").len("documents").filter(pl.col("documents") > limit)
    grams = grams.join(common, on="gram", how="anti")
    size = grams.group_by("document").len("size")
    of_rows = grams.filter(pl.col("document") < len(rows))
    of_benchmarks = grams.filter(pl.col("document") >= len(rows)).rename({"document": "benchmark"})
    shared = of_rows.join(of_benchmarks, on="gram").group_by("document", "benchmark").len("shared")
    shares = shared.join(size, on="document").join(size, left_on="benchmark", right_on="document", suffix="_benchmark")
    return (
        shares.select(
            row="document",
            benchmark=pl.col("benchmark") - len(rows),
            share=pl.col("shared") / pl.min_horizontal("size", "size_benchmark"),
        )
        .filter(pl.col("share") >= p.threshold)
        .select("row", "benchmark")
        .sort("row", "benchmark")
    )


def _grams(texts: Sequence[list[str]], size: int) -> pl.DataFrame:
    """Distinct (document, gram) pairs; a gram is a 64-bit hash of `size` tokens, and a shorter text is one gram."""
    vocabulary = {token: 0 for text in texts for token in text}
    for token in vocabulary:
        vocabulary[token] = int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little")
    lengths = np.array([max(size, len(text)) for text in texts], dtype=np.int64)
    counts = lengths - size + 1
    starts, offsets = np.cumsum(lengths) - lengths, np.cumsum(counts) - counts
    codes = np.zeros(lengths.sum(), dtype=np.uint64)
    for start, text in zip(starts, texts, strict=True):
        codes[start : start + len(text)] = [vocabulary[token] for token in text]
    documents = np.repeat(np.arange(len(texts)), counts)
    positions = np.arange(documents.size) - offsets[documents] + starts[documents]
    hashes = np.zeros(documents.size, dtype=np.uint64)
    for step in range(size):
        hashes = (hashes ^ (hashes >> np.uint64(29))) * _MULTIPLIER + codes[positions + step]
    return pl.DataFrame({"document": documents, "gram": hashes}).unique(maintain_order=True)

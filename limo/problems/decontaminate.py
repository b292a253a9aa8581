import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from limo.params import Decontamination
from limo.problems.dedup import Rejection
from limo.problems.facts import facts
from limo.problems.text import canonical, words

# An n-gram in so few documents is never common: in a small pool one copy of a benchmark problem would make it so.
_RARE = 10
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def contaminated(tokens: Mapping[str, list[str]], benchmarks: pl.DataFrame, p: Decontamination) -> dict[str, Rejection]:
    """Problem ids that some benchmark holds, each with rule, benchmark row ("BENCHMARK:SOURCE_ID") and score.

    Exact: the same id. Near: at least `threshold` of the word n-grams of one text are in the other, and the facts
    (numbers, operators, variables, asked quantity) of the contained text are a run within those of the containing
    one, so that a reworded, suffixed or embedded problem counts and the same template with other numbers does not.
    N-grams in more than `max_document_frequency` of all texts ("how many positive integers are there such that")
    count nowhere; a text with no other is matched by its id only. The best match is reported, ties by name.

    Args:
        tokens: `text.words` of each problem id's canonical text.
        benchmarks: BENCHMARK rows.
    """
    names = [f"{row['benchmark']}:{row['source_id']}" for row in benchmarks.iter_rows(named=True)]
    found: dict[str, Rejection] = {}
    for guarded, identity in sorted(zip(names, benchmarks["id"], strict=True)):
        if identity in tokens:
            found.setdefault(identity, Rejection("contaminated: exact", guarded, 1.0))
    ids = sorted(tokens)
    guarded_tokens = [words(canonical(question)) for question in benchmarks["question"]]
    pairs = _overlaps([tokens[identity] for identity in ids], guarded_tokens, p)
    guarded_facts = [facts(item) for item in guarded_tokens]
    best: dict[str, tuple[float, str]] = {}
    for row, benchmark, of_row, of_benchmark in pairs.iter_rows():
        one, other = facts(tokens[ids[row]]), guarded_facts[benchmark]
        embedded = of_benchmark >= p.threshold and _is_run(other, one)
        if embedded or (of_row >= p.threshold and _is_run(one, other)):
            best[ids[row]] = min(best.get(ids[row], (0.0, "")), (-max(of_row, of_benchmark), names[benchmark]))
    near = {key: Rejection("contaminated: near", match, -score) for key, (score, match) in best.items()}
    return near | found


def _overlaps(rows: Sequence[list[str]], benchmarks: Sequence[list[str]], p: Decontamination) -> pl.DataFrame:
    """Pairs (row, benchmark) with the shares of each one's countable n-grams that the other has, at least one of
    which reaches the threshold; sorted."""
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
            of_row=(pl.col("shared") / pl.col("size")).round(6),
            of_benchmark=(pl.col("shared") / pl.col("size_benchmark")).round(6),
        )
        .filter(pl.max_horizontal("of_row", "of_benchmark") >= p.threshold)
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


def _is_run(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))

from collections import deque

import polars as pl

from limo.params import Select
from limo.problems.dedup import jaccard, shingles
from limo.problems.text import canonical, words
from limo.tables import digest

SHINGLE = 2  # words; wording, not numbers, makes two questions of this size redundant


def select(rated: pl.DataFrame, p: Select) -> pl.DataFrame:
    """Choose the questions that go on, keeping every row: `rejected` says why one does not (paper 3).

    `all` takes every row (v2). `balance` (v1's strategic sampling) goes round the domain x level bins, one question of
    each in turn, in an order fixed by hash, and passes over a question whose word shingles have a Jaccard similarity
    of at least `max_similarity` with one already chosen, until `size` are chosen.

    Args:
        rated: kept rows of the rated table, with `rejected` null.
        p: the select section.
    """
    if p.rule == "all":
        return rated
    bins: dict[tuple[str, int], deque[tuple[str, str]]] = {}
    rows = rated.select("id", "question", "domain", pl.col("level").fill_null(0)).rows()
    for identity, question, domain, level in sorted(rows, key=lambda row: digest("select", row[0])):
        bins.setdefault((domain or "", level), deque()).append((identity, question))
    turns = deque(bins[key] for key in sorted(bins))
    chosen: dict[str, frozenset[tuple[str, ...]]] = {}
    reasons: dict[str, str] = {}
    while turns:
        queue = turns.popleft()
        identity, question = queue.popleft()
        if queue:
            turns.append(queue)
        found = shingles(words(canonical(question)), SHINGLE)
        similar = [other for other, known in chosen.items() if jaccard(found, known) >= p.max_similarity]
        if len(chosen) >= p.size:
            reasons[identity] = f"beyond size: {p.size} questions are chosen"
        elif similar:
            reasons[identity] = f"redundant: like {similar[0]}"
        else:
            chosen[identity] = found
    assert len(chosen) + len(reasons) == rated.height, "a question was lost in select"
    return rated.with_columns(
        pl.col("id").replace_strict(reasons, default=None, return_dtype=pl.String).alias("rejected")
    )

from collections import defaultdict, deque
from collections.abc import Mapping

import polars as pl

from limo.params import Select
from limo.problems.text import canonical_all, jaccard, shingles, words
from limo.tables import QUESTIONS, digest

_SHINGLE = 3  # words; short, so that a template with other numbers counts as similar


def select(rated: pl.DataFrame, p: Select) -> pl.DataFrame:
    """Which rated questions go on: as many QUESTIONS rows as come in, `rejected` null for the chosen ones.

    `all` takes every row (paper 3, v2's pass through). `balance` is v1's strategic sampling, of which the paper gives
    no details: the bins domain x level take turns, each giving its next question in hash order, until `size` are
    chosen; a question whose word shingles have a Jaccard similarity of `max_similarity` or more with a chosen one is
    redundant. Small bins are used up, large ones share what is left evenly.

    Args:
        rated: the kept rows of RATED, without the column `rejected`.
    """
    reasons = _balance(rated, p) if p.rule == "balance" else {}
    rejected = pl.Series("rejected", [reasons.get(identity) for identity in rated["id"]], dtype=pl.String)
    questions = rated.with_columns(rejected).select(list(QUESTIONS)).sort("id")
    assert questions["rejected"].null_count() + len(reasons) == rated.height
    return questions


def _balance(rated: pl.DataFrame, p: Select) -> dict[str, str]:
    """The reason for each id that is not chosen."""
    reasons: dict[str, str] = {}
    chosen: dict[str, set[str]] = {}
    holders: dict[str, list[str]] = defaultdict(list)

    def choose_from(waiting: deque[tuple[str, str]]) -> None:
        while waiting and len(chosen) < p.size:
            identity, question = waiting.popleft()
            found = shingles(words(question), _SHINGLE)
            similarity, nearest = _nearest(found, chosen, holders)
            if nearest and similarity >= p.max_similarity:
                reasons[identity] = f"redundant: {similarity} to {nearest}"
                continue
            chosen[identity] = found
            for shingle in found:
                holders[shingle].append(identity)
            return

    bins = _bins(rated)
    while len(chosen) < p.size and any(bins):
        for waiting in bins:
            choose_from(waiting)
    return reasons | {identity: f"beyond size: {p.size}" for waiting in bins for identity, _ in waiting}


def _bins(rated: pl.DataFrame) -> list[deque[tuple[str, str]]]:
    """(id, canonical question) pairs of each domain and level, in hash order; a missing value is a bin of its own."""
    bins: dict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
    spelled = rated.select("id", canonical_all(rated["question"]), "domain", "level")
    for identity, question, domain, level in spelled.iter_rows():
        bins[domain or "", -1 if level is None else level].append((identity, question))
    return [deque(sorted(bins[key], key=lambda pair: digest("select", pair[0]))) for key in sorted(bins)]


def _nearest(
    found: set[str], chosen: Mapping[str, set[str]], holders: Mapping[str, list[str]]
) -> tuple[float, str | None]:
    """The highest similarity to a chosen question and that question's id (the lowest of equals)."""
    near = {identity for shingle in found for identity in holders.get(shingle, ())}
    best = min(((-jaccard(found, chosen[identity]), identity) for identity in near), default=(0.0, None))
    return -best[0], best[1]

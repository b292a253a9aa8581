"""Chosen and other questions → coverage and redundancy, beside a random choice; used by select for its metrics."""

import math
from collections import Counter
from collections.abc import Iterable
from statistics import fmean
from typing import Any

import polars as pl

from limo.base.files import digest
from limo.params import Select
from limo.problems.select import Bin, Chosen, Sketches, bins


def diversity(questions: pl.DataFrame, p: Select) -> dict[str, Any]:
    """Coverage and redundancy of the chosen questions, beside as many drawn by hash from all that came in.

    Coverage is the share of bins (subject and level) with a question, and the evenness of subjects and of
    levels: their entropy over that of equal shares. Redundancy is the mean similarity of a question to the
    nearest other one (Jaccard of word shingles), and the share of questions whose template another one has.

    Args:
        questions: QUESTIONS rows, chosen and not.
    """
    sketches = Sketches(questions)
    bin_of = bins(questions, p)
    chosen = questions.filter(pl.col("rejected").is_null())
    drawn = questions.sort(
        pl.col("id").map_elements(lambda identity: digest("random", identity), return_dtype=pl.String)
    ).head(chosen.height)
    return {name: _measured(rows, bin_of, sketches) for name, rows in (("chosen", chosen), ("random", drawn))}


def _measured(rows: pl.DataFrame, bin_of: dict[str, Bin], sketches: Sketches) -> dict[str, Any]:
    ids = rows["id"].to_list()
    if not ids:
        return {"questions": 0}
    held = [bin_of[identity] for identity in ids]
    families = Counter(rows["family"].drop_nulls())
    return {
        "questions": len(ids),
        "bins_covered": round(len(set(held)) / len(set(bin_of.values())), 6),
        "subject_evenness": evenness(subject for subject, _ in held),
        "difficulty_evenness": evenness(level for _, level in held),
        "nearest_similarity": round(fmean(_nearest(ids, sketches)), 6),
        "same_template": round(sum(count for count in families.values() if count > 1) / len(ids), 6),
    }


def evenness(values: Iterable[Any]) -> float:
    """Entropy of the shares over that of equal shares, 0 to 1; 1 where there is one value only."""
    counts = Counter(values)
    shares = [count / counts.total() for count in counts.values()]
    if len(shares) == 1:
        return 1.0
    return round(-math.fsum(share * math.log(share) for share in shares) / math.log(len(shares)), 6)


def _nearest(ids: list[str], sketches: Sketches) -> list[float]:
    """The similarity of each question to the nearest other one."""
    chosen = Chosen(sketches)
    for identity in ids:
        chosen.add(identity)
    return [chosen.nearest(identity)[0] for identity in ids]

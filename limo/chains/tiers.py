"""SCORED and QUESTIONS rows → TIERS rows: what is usable, the best, their rank and quality levels; used by tiers."""

from collections.abc import Callable, Iterable, Iterator

import polars as pl

from limo import params
from limo.base.tables import kept, reasons
from limo.graph.schemas import SCORED, TIERS
from limo.quality import gates, near

LEVELS = 5
BEST_FIRST = ["score", "tokens", "chain_id"]  # highest score; of equal ones the shorter, then the lower id
DESCENDING = [True, False, False]
_READ = ["id", "chain_id", "verdict", "stop", "tokens", "score", *gates.READ]  # what is decided by


def tier(
    read: Callable[[list[str]], Iterable[pl.DataFrame]], questions: pl.DataFrame, p: params.Tiers, stand: params.Gates
) -> Iterator[pl.DataFrame]:
    """SCORED rows to as many TIERS rows: what is usable, best and global rank, quality level (paper 4.1, 5.1).

    A chain is `rejected` when its answer is wrong, undecided or cut off, when it has more than `max_tokens` tokens and
    the gate refuses that, when another gate does (`limo.quality.gates`), or when it is nearly another one. Of the
    usable chains of a selected question the highest-scoring is `best`; `rank` orders the best by score. A question with
    at least `min_chains` usable chains has its chains sorted by score and cut into five levels of equal size, give or
    take one; level 5 holds the best. Of texts those of a part are in memory, and of chains that may be near each other.

    Args:
        read: begins some columns of the SCORED rows anew, in parts.
        questions: QUESTIONS rows; those with no reason for rejection are the selected ones.
        p: the length gate counts the tokens of the chain alone, without its prompt.
        stand: the other gates.
    """
    decided = _decided(pl.concat(read(_READ)), questions, p, stand)
    if stand.duplicate is not None:
        usable = decided.filter(pl.col("rejected").is_null())
        found = near.duplicates(usable, read(["chain_id", "chain"]), stand.duplicate)
        like = pl.col("chain_id").replace_strict(found, default=None, return_dtype=pl.String)
        decided = decided.with_columns(rejected=pl.coalesce("rejected", pl.format("near duplicate: {}", like)))
    decided = _ranked(decided, p).select([name for name in TIERS if name not in SCORED])
    start = 0
    for part in read(SCORED.names()):
        yield part.hstack(decided[start : start + part.height])
        start += part.height


def counts(tiers: pl.DataFrame) -> dict[str, int]:
    """Chains in, kept and rejected by reason, how many are the best of their question, and how many of each level."""
    usable, rejected = kept(tiers), reasons(tiers)
    levels = {f"L{level}": usable.filter(usable["level"] == level).height for level in range(1, LEVELS + 1)}
    return {"in": tiers.height, "kept": usable.height, **rejected, "best": int(tiers["best"].sum()), **levels}


def _decided(scored: pl.DataFrame, questions: pl.DataFrame, p: params.Tiers, stand: params.Gates) -> pl.DataFrame:
    """Rows with `selected`, `truncated`, and why they are rejected but for being near another."""
    selected = questions.filter(pl.col("rejected").is_null())["id"].to_list()
    return scored.with_columns(
        selected=pl.col("id").is_in(selected),
        truncated=pl.col("stop").eq_missing("length") | (pl.col("tokens") > p.max_tokens),
        rejected=pl.coalesce(_rejection(p), gates.reason(stand)),
    )


def _ranked(decided: pl.DataFrame, p: params.Tiers) -> pl.DataFrame:
    """Rows with `level`, `best` and `rank`."""
    candidates = decided.filter(pl.col("selected") & pl.col("rejected").is_null())
    ordered = candidates.sort(["id", *BEST_FIRST], descending=[False, *DESCENDING]).select(
        *["id", *BEST_FIRST],
        position=pl.int_range(pl.len()).over("id"),
        chains=pl.len().over("id"),
    )
    from_worst = pl.col("chains") - 1 - pl.col("position")
    levels = ordered.with_columns(
        level=pl.when(pl.col("chains") >= p.min_chains).then(1 + from_worst * LEVELS // pl.col("chains"))
    )
    best = (
        levels.filter(pl.col("position") == 0)
        .sort(["score", "chain_id"], descending=[True, False])
        .select("chain_id", best=pl.lit(value=True), rank=pl.int_range(1, pl.len() + 1))
    )
    return (
        decided.join(levels.select("chain_id", "level"), on="chain_id", how="left", maintain_order="left")
        .join(best, on="chain_id", how="left", maintain_order="left")
        .with_columns(pl.col("best").fill_null(value=False), pl.col("rank", "level").cast(pl.Int64))
    )


def _rejection(p: params.Tiers) -> pl.Expr:
    overlength = pl.format("overlength: {} tokens > {}", pl.col("tokens"), pl.lit(p.max_tokens))
    return (
        pl.when((pl.col("verdict") == "truncated") | (pl.col("stop") == "length"))
        .then(pl.lit("truncated"))
        .when(pl.col("verdict") == "undecided")
        .then(pl.lit("undecided"))
        .when(pl.col("verdict") != "correct")
        .then(pl.lit("wrong answer"))
        .when((pl.col("tokens") > p.max_tokens) & pl.lit(p.overlength == "refuse"))
        .then(overlength)
        .otherwise(pl.lit(None, dtype=pl.String))
    )

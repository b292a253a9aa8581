"""Verdicts and pass counts → when sampling may stop, and which problems a band keeps; used by screen, rate and plan."""

from collections.abc import Sequence

import polars as pl

from limo import params
from limo.graph.schemas import RATING, SCREENED


def settled(verdicts: Sequence[str], draws: int, low: int, high: int) -> bool:
    """Whether the rest of `draws` ordered draws can no longer change "low <= correct <= high".

    True once there are too many correct, once too few remain to reach `low`, or once both bounds are safe. The keep
    or drop that follows is the one of the full draw; only the counts of a stopped problem are censored.
    """
    correct = list(verdicts).count("correct")
    most = correct + draws - len(verdicts)
    return correct > high or most < low or (correct >= low and most <= high)


def ratings(counts: pl.DataFrame, problems: pl.DataFrame, rater: params.Rater) -> pl.DataFrame:
    """What one rater makes of problems (RATING rows): its counts, and why its band rejects one.

    The band of a recorded rater holds for what was recorded; `drawn` below `asked` says that it was less. A problem of
    which nothing is recorded is rejected, and so is one that could not be asked, for the reason that its counts give.

    Args:
        counts: columns id, correct, drawn, claimed and unasked of every problem that has a draw or could not be asked;
            `unasked` is the reason.
        problems: rows with an id.
        rater: whose counts they are.
    """
    table = problems.select("id").join(counts, on="id", how="left", maintain_order="left")
    # A band that no draw could leave, such as 0 to `draws`, is decided before the first one.
    unasked = settled([], rater.draws, rater.min_correct, rater.max_correct)
    is_asked = isinstance(rater, params.AskedRater)
    assert unasked or not is_asked or table["drawn"].null_count() == 0, f"{rater.name}: a problem has no attempt"
    table = table.with_columns(pl.col("correct", "drawn").fill_null(0), pl.col("claimed").fill_null(value=False))
    unknown = f"not recorded: no attempt of {rater.name}"
    count = pl.format("{} correct of {} drawn", "correct", "drawn")
    return table.with_columns(
        asked=pl.lit(rater.draws, pl.Int64),
        stopped=(pl.col("drawn") < rater.draws) & is_asked,
        rejected=pl.when((pl.col("drawn") == 0) & (not unasked))
        .then(pl.coalesce("unasked", pl.lit(unknown)))
        .when(pl.col("correct") > rater.max_correct)
        .then(pl.format("too easy: {}", count))
        .when(pl.col("correct") < rater.min_correct)
        .then(pl.format("too hard: {}", count)),
    ).select(RATING.names())


def screened(ratings: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """POOL rows as SCREENED rows, with what the one rater of screen makes of those that it is for (paper 2.1)."""
    named = ratings.select(
        "id", "rejected", *(pl.col(name).alias(f"screen_{name}") for name in ("correct", "drawn", "stopped", "claimed"))
    )
    return problems.join(named, on="id", how="left", maintain_order="left").select(SCREENED.names())

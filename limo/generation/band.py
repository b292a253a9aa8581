"""Verdicts and pass counts → when sampling may stop, and which problems the band keeps; used by screen, rate, plan."""

from collections.abc import Sequence

import polars as pl

from limo import params


def settled(verdicts: Sequence[str], draws: int, low: int, high: int) -> bool:
    """Whether the rest of `draws` ordered draws can no longer change "low <= correct <= high".

    True once there are too many correct, once too few remain to reach `low`, or once both bounds are safe. The keep
    or drop that follows is the one of the full draw; only the counts of a stopped problem are censored.
    """
    correct = list(verdicts).count("correct")
    most = correct + draws - len(verdicts)
    return correct > high or most < low or (correct >= low and most <= high)


def band(counts: pl.DataFrame, problems: pl.DataFrame, rule: params.Draws, stage: str) -> pl.DataFrame:
    """Add pass counts to `problems` and reject those outside the band min_correct..max_correct (paper 2.1).

    Adds `STAGE_correct`, `STAGE_drawn`, `STAGE_stopped` (True where sampling ended early, so the counts are censored)
    and `rejected`.

    Args:
        counts: columns id, correct and drawn, as `attempts.draw` returns them.
        problems: POOL or SCREENED rows.
        rule: the band.
        stage: what the columns are called after.
    """
    correct, drawn = f"{stage}_correct", f"{stage}_drawn"
    table = problems.join(
        counts.rename({"correct": correct, "drawn": drawn}), on="id", how="left", maintain_order="left"
    )
    # A band that no draw could leave, such as 0 to `draws`, is decided before the first one.
    unasked = settled([], rule.draws, rule.min_correct, rule.max_correct)
    assert unasked or table[drawn].null_count() == 0, f"{stage}: a problem has no attempt"
    table = table.with_columns(pl.col(correct, drawn).fill_null(0))
    easy = pl.col(correct) > rule.max_correct
    hard = pl.col(correct) < rule.min_correct
    count = pl.format("{} correct of {} drawn", pl.col(correct), pl.col(drawn))
    return table.with_columns(
        (pl.col(drawn) < rule.draws).alias(f"{stage}_stopped"),
        pl.when(easy)
        .then(pl.format("too easy: {}", count))
        .when(hard)
        .then(pl.format("too hard: {}", count))
        .alias("rejected"),
    )

"""A judge's ballots on chains → its agreement with humans, and how position and length move it; used by vote."""

from typing import Any

import polars as pl

from limo.metrics.statistics import share
from limo.quality.votes import OWN, TRIED, accepted, agreement, outcomes

Figures = dict[str, Any]


def figures(ballots: pl.DataFrame, least: float) -> Figures:
    """What a judge of chains is worth.

    Args:
        ballots: BALLOT rows of one judge.
        least: its `min_agreement`.

    Returns:
        `accepted`; of the chains that humans have marked, `labelled`, `agreement` (a pair on which the judge
        contradicts itself counts half), also where the clean chain is the longer and the shorter one; of these and of
        the pool's own `pairs` the counts of what was said, `consistent`, the pairs of which it says the same in both
        orders, `first`, the preferences for the chain that stands first, and `longer`, the consistent ones for the
        longer chain: 0.5 where position and length do not move it. Shares have 95 % intervals by problems, null where
        there is none.
    """
    tried, own = (ballots.filter(asked=name) for name in (TRIED, OWN))
    pairs = outcomes(tried).with_columns(agrees=pl.Series(agreement(tried), dtype=pl.Float64))
    longer, shorter = (
        pairs.filter(pl.col("longer") == pl.col("clean")),
        pairs.filter(pl.col("longer") != pl.col("clean")),
    )
    return {
        "accepted": accepted(ballots, least),
        "min_agreement": least,
        "labelled": {
            "agreement": _share(pairs, "agrees"),
            "agreement_clean_longer": _share(longer, "agrees"),
            "agreement_clean_shorter": _share(shorter, "agrees"),
            **_bias(tried),
        },
        "pairs": _bias(own),
    }


def _bias(ballots: pl.DataFrame) -> Figures:
    pairs = outcomes(ballots).with_columns(
        consistent=pl.col("winner").is_not_null(), longest=pl.col("winner") == pl.col("longer")
    )
    parsed = ballots.filter(pl.col("said").is_in(["first", "second"])).with_columns(leads=pl.col("said") == "first")
    return {
        "said": dict(ballots["said"].value_counts().sort("said").iter_rows()),
        "consistent": _share(pairs, "consistent"),
        "first": _share(parsed, "leads"),
        "longer": _share(pairs.drop_nulls(["winner", "longer"]), "longest"),
    }


def _share(rows: pl.DataFrame, column: str) -> Figures | None:
    counted = "pairs" if "one" in rows.columns else "ballots"
    return share(rows[column].cast(pl.Float64).to_list(), rows["id"].to_list(), counted)

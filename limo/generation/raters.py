"""The counts of several raters and a rule → which problems stay; used by decide."""

from collections.abc import Mapping

import polars as pl

from limo import params
from limo.graph.schemas import COUNTS, RATED

_DECIDES = ("correct", "drawn", "stopped", "claimed")


def decide(screened: pl.DataFrame, ratings: Mapping[str, pl.DataFrame], p: params.Rate) -> pl.DataFrame:
    """Every problem that screen kept as a RATED row: all raters' counts, and what they decide together (paper 2.1).

    `only` and `strongest` go by the band of one rater, the latter by that of the rater who solves the largest share of
    the problem's draws; `every` rejects what one band rejects; `mean` compares the mean share of correct draws with the
    means of the bands' edges, over those raters who have a draw. `rater` is the one that decided, or the strongest;
    of equal ones the first by name.

    Args:
        screened: the kept rows of SCREENED, without the column `rejected`.
        ratings: RATING rows by rater, each of the problems that it is for; every problem has one.
        p: the rule and the raters.
    """
    each = pl.concat(_shared(name, ratings[name], p.raters[name]) for name in sorted(p.raters))
    strongest = (
        each.sort("id", "share", "rater", descending=[False, True, False], nulls_last=True)
        .unique("id", keep="first", maintain_order=True)
        .with_columns(rejected=_by("rejected", p))
    )
    decided = {"every": _every, "mean": _mean}[p.rule](each, strongest, p) if p.rule in ("every", "mean") else strongest
    listed = each.sort("id", "rater").group_by("id", maintain_order=True).agg(raters=pl.struct("rater", *COUNTS))
    assert decided.height == screened.height, "a problem has no rater"  # params see to it
    named = decided.select("id", "rater", "rejected", *(pl.col(name).alias(f"rate_{name}") for name in _DECIDES))
    return (
        screened.join(named, on="id", how="left", maintain_order="left")
        .join(listed, on="id", how="left", maintain_order="left")
        .select(RATED.names())
    )


def counts(rated: pl.DataFrame) -> dict[str, int]:
    """Problems of which a rater has fewer draws recorded than its band is for."""
    short = pl.col("raters").list.eval(
        (pl.element().struct["drawn"] < pl.element().struct["asked"]) & ~pl.element().struct["stopped"]
    )
    found = int(rated.select(short.list.any().sum()).item() or 0)
    return {"fewer recorded than asked": found} if found else {}


def _shared(name: str, rows: pl.DataFrame, rater: params.Rater) -> pl.DataFrame:
    return rows.with_columns(
        rater=pl.lit(name),
        share=pl.when(pl.col("drawn") > 0).then(pl.col("correct") / pl.col("drawn")),
        low=pl.lit(rater.min_correct / rater.draws),
        high=pl.lit(rater.max_correct / rater.draws),
    )


def _by(column: str, p: params.Rate) -> pl.Expr:
    """A reason with the rater whose band gave it, where there are several."""
    return pl.col(column) if p.rule == "only" else pl.format("{} by {}", column, "rater")


def _every(each: pl.DataFrame, strongest: pl.DataFrame, p: params.Rate) -> pl.DataFrame:
    """The first rater whose band rejects a problem speaks for it, or else the strongest."""
    against = (
        each.filter(pl.col("rejected").is_not_null())
        .sort("id", "rater")
        .unique("id", keep="first", maintain_order=True)
        .with_columns(rejected=_by("rejected", p))
    )
    return pl.concat([against, strongest.join(against, on="id", how="anti")])


def _mean(each: pl.DataFrame, strongest: pl.DataFrame, _: params.Rate) -> pl.DataFrame:
    """The strongest rater's rows, judged by the mean share of those that have a draw; without any, why."""
    means = (
        each.filter(pl.col("drawn") > 0)
        .group_by("id")
        .agg(pl.col("share", "low", "high").mean().round(9), raters=pl.len())
    )
    said = pl.format("mean share {} of {} raters", pl.col("share"), pl.col("raters"))
    verdicts = means.select(
        "id",
        reason=pl.when(pl.col("share") > pl.col("high"))
        .then(pl.format("too easy: {}", said))
        .when(pl.col("share") < pl.col("low"))
        .then(pl.format("too hard: {}", said)),
    )
    return strongest.join(verdicts.with_columns(drew=True), on="id", how="left", maintain_order="left").with_columns(
        rejected=pl.when(pl.col("drew").is_null()).then(pl.col("rejected")).otherwise(pl.col("reason"))
    )

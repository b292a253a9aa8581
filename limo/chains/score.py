"""CHECKED rows → SCORED rows, the correct ones with scaled traits and rule score; used by score."""

from collections.abc import Callable
from typing import Any

import polars as pl

from limo import params
from limo.chains.features import TRAITS, measure
from limo.graph import outs
from limo.graph.schemas import SCORED

DIGITS = 9
WINSOR = (0.05, 0.95)  # the winsorised scaler pulls what lies outside these quantiles onto them
NEUTRAL = 0.5  # z of every chain where all have the same value: the trait then tells nothing


def scale(values: pl.Series, scaler: str) -> pl.Series:
    """Scale finite values to [0, 1], never reversing an order; equal values stay equal (paper 4.1).

    `rank` is the percentile of the average rank, `minmax` the place between the extremes, `winsorised` the same after
    pulling the outer 5 % on each side in. Rounded to 9 decimals.
    """
    values = values.cast(pl.Float64)
    if scaler == "rank":
        values = values.rank("average")
    if scaler == "winsorised":
        values = values.clip(*(values.quantile(share, interpolation="linear") for share in WINSOR))
    low, high = (1.0, float(values.len())) if scaler == "rank" else (min(values), max(values))
    if low == high:
        return pl.Series(values.name, [NEUTRAL] * values.len(), dtype=pl.Float64)
    return ((values - low) / (high - low)).round(DIGITS)


def score(checked: pl.DataFrame, p: params.Score, tokenizer: Callable[..., Any]) -> pl.DataFrame:
    """CHECKED rows to as many SCORED rows: raw counts for all, scaled traits and score for the correct ones.

    The traits are length in tokens and the frequency (count per token) of each keyword list. One scaler per trait is
    fitted on all correct chains together, since ranking compares across questions (paper 4.1). The score is the
    weighted sum of the rounded scaled traits, rounded to 9 decimals, so that it can be recomputed from its row.

    Raises:
        ValueError: no chain is correct, so no scaler can be fitted.
    """
    measured = checked.hstack(measure(checked["chain"].to_list(), p, tokenizer))
    correct = measured.filter(pl.col("verdict") == "correct")
    if correct.is_empty():
        raise ValueError(
            f"none of {checked.height} chains is correct: nothing can be scored; look at the verdicts in "
            f"{outs.CHECKED.path} and raise teachers.*.draws or widen the band of rate"
        )
    raw = {
        "length": correct["tokens"],
        **{key: correct[f"{key}_count"] / correct["tokens"] for key in TRAITS[1:]},
    }
    scaled = pl.DataFrame([correct["chain_id"], *(scale(raw[trait], p.scaler).alias(f"{trait}_z") for trait in TRAITS)])
    weighted = pl.lit(0.0)
    for trait in TRAITS:
        weighted += getattr(p.weights, trait) * pl.col(f"{trait}_z")
    scaled = scaled.with_columns(score=weighted.round(DIGITS))
    return measured.join(scaled, on="chain_id", how="left", maintain_order="left").select(SCORED.names())

"""CHECKED and MEASURED rows → SCORED rows, the correct ones with scaled measures and score; used by score, validity."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from tqdm import tqdm

from limo import params
from limo.graph import places
from limo.graph.schemas import CHECKED, MEASURED, SCORED
from limo.params.score import MEASURES as WEIGHED
from limo.quality import form
from limo.quality.features import COUNTED, COUNTS, counted
from limo.quality.recipes import weights

DIGITS = 9
WINSOR = (0.05, 0.95)  # the winsorised scaler pulls what lies outside these quantiles onto them
NEUTRAL = 0.5  # z where all chains have the same value, and of a chain that has none: the measure then tells nothing


def scale(values: pl.Series, scaler: str) -> pl.Series:
    """Scale values to [0, 1], never reversing an order; equal values stay equal (paper 4.1), null becomes 0.5.

    `rank` is the percentile of the average rank, `minmax` the place between the extremes, `winsorised` the same after
    pulling the outer 5 % on each side in. Rounded to 9 decimals.
    """
    values = values.cast(pl.Float64)
    if scaler == "rank":
        values = values.rank("average")
    if scaler == "winsorised":
        values = values.clip(*(values.quantile(share, interpolation="linear") for share in WINSOR))
    given = values.drop_nulls()
    if given.is_empty():
        return pl.Series(values.name, [NEUTRAL] * values.len(), dtype=pl.Float64)
    listed = given.to_list()
    low, high = (1.0, float(len(listed))) if scaler == "rank" else (min(listed), max(listed))
    if low == high:
        return pl.Series(values.name, [NEUTRAL] * values.len(), dtype=pl.Float64)
    return ((values - low) / (high - low)).round(DIGITS).fill_null(NEUTRAL)


def score(
    read: Callable[[], Iterable[pl.DataFrame]],
    measured: pl.DataFrame,
    votes: pl.DataFrame,
    p: params.Score,
    tags: str,
    tokenizer: Callable[..., Any],
) -> Iterator[pl.DataFrame]:
    """CHECKED rows to as many SCORED rows: measures for all, scaled measures and score for the correct ones.

    One scaler per measure is fitted on all correct chains together, since ranking compares across questions (paper
    4.1). The score is the weighted sum of the rounded scaled measures, rounded to 9 decimals, so that it can be
    recomputed from its row. Numbers of all chains are in memory, of texts those of a part.

    Args:
        read: begins the CHECKED rows anew, in parts; once to count and once to write.
        measured: MEASURED rows of the same chains.
        votes: VOTES rows of those that judges have compared.
        p: recipe, scaler and words.
        tags: `gates.tags`; the text of a chain is stored in that form.
        tokenizer: counts lengths.

    Raises:
        ValueError: no chain is correct, so no scaler can be fitted; a chain was not measured; or the recipe weighs
            votes, and there are none.
    """
    if "votes" in weights(p) and votes.is_empty():
        raise ValueError(
            "score.weights weighs votes, and no judge of chain_judges has voted: add one, or look in metrics/votes at "
            "the agreement for which it was refused"
        )
    numbers = _scored(_counted(read(), p, tags, tokenizer), measured, votes, p)
    start = 0
    for part in read():
        of_part = numbers[start : start + part.height]
        start += part.height
        yield _stored(part, tags).hstack(of_part).select(SCORED.names())


def counts(path: str) -> dict[str, int]:
    """Chains in, those with a score, and those that are not correct, of the SCORED table at `path`."""
    scores = pl.read_parquet(path, columns=["score"])["score"]
    return {"in": scores.len(), "scored": scores.count(), "not correct": scores.null_count()}


def _stored(checked: pl.DataFrame, tags: str) -> pl.DataFrame:
    """CHECKED rows in the form in which chains are stored."""
    texts = [form.stored(text, tags).text for text in checked["chain"]]
    return checked.with_columns(chain=pl.Series(texts, dtype=pl.String))


def _counted(parts: Iterable[pl.DataFrame], p: params.Score, tags: str, tokenizer: Callable[..., Any]) -> pl.DataFrame:
    """Id and verdict of CHECKED rows, with what is counted in their texts."""
    rows = [pl.DataFrame(schema={"chain_id": pl.String, "verdict": pl.String, **COUNTS})]
    with tqdm(desc="score", unit="chain") as progress:
        for part in parts:
            texts = _stored(part, tags)["chain"].to_list()
            rows.append(part.select("chain_id", "verdict").hstack(counted(texts, p, tokenizer)))
            progress.update(part.height)
    return pl.concat(rows)


def _scored(counted: pl.DataFrame, measured: pl.DataFrame, votes: pl.DataFrame, p: params.Score) -> pl.DataFrame:
    """The columns that SCORED has beyond CHECKED, a row per chain that was counted, in their order."""
    unmeasured = counted.join(measured, on="chain_id", how="anti")
    if unmeasured.height:
        chain = str(unmeasured["chain_id"].min())
        raise ValueError(f"chain {chain} is not in {places.MEASURED.path}: run `{places.MEASURED.remedy}`")
    joined = counted.join(measured, on="chain_id", how="left", maintain_order="left")
    joined = joined.join(votes, on="chain_id", how="left", maintain_order="left")
    correct = joined.filter(pl.col("verdict") == "correct")
    if correct.is_empty():
        raise ValueError(
            f"none of {counted.height} chains is correct: nothing can be scored; look at the verdicts in "
            f"{places.CHECKED.path} and raise teachers.*.draws or widen the band of rate"
        )
    scaled = weighed(scales(correct, p.scaler), weights(p)).with_columns(correct["chain_id"])
    joined = joined.join(scaled, on="chain_id", how="left", maintain_order="left")
    return joined.select([name for name in SCORED if name not in CHECKED])


def scales(rows: pl.DataFrame, scaler: str) -> pl.DataFrame:
    """Every measure that may have a weight, scaled over all rows, in a column `NAME_z` each.

    Words count per token and false equalities per step, so that a longer chain has no more of them for its length.
    """
    raw = {"length": rows["tokens"]}
    raw |= {name: rows[f"{name}_count"] / rows["tokens"] for name in COUNTED}
    raw |= {name: rows[name] for name in WEIGHED if name in MEASURED or name == "votes"}
    raw["false"] = rows["false"] / rows["steps"].replace(0, None)
    return pl.DataFrame([scale(raw[name], scaler).alias(f"{name}_z") for name in WEIGHED])


def weighed(scaled: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """Scaled measures with the column `score`, their weighted sum; a negative weight counts the reversed measure."""
    total = pl.lit(0.0)
    for name in WEIGHED:
        if weight := weights.get(name):
            total += weight * pl.col(f"{name}_z") if weight > 0 else -weight * (1 - pl.col(f"{name}_z"))
    return scaled.with_columns(score=total.round(DIGITS))

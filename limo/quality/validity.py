"""Chains that humans have judged → how well each measure and recipe tells clean from faulty ones; used by validity."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from limo import params
from limo.answers.verify import Case, verify_many
from limo.graph.schemas import MEASURES
from limo.params.score import MEASURES as WEIGHED
from limo.quality.features import counted
from limo.quality.labelled import Labelled
from limo.quality.measures import measure, rank_correlation
from limo.quality.recipes import RECIPES, weights
from limo.quality.score import scales, weighed

Figures = dict[str, Any]

DIGITS = 4
RESAMPLES = 1_000
SEED = 7  # of the resampling alone, so that the seed of a run moves no interval
NEAR = 1.2  # chains of matched length differ by this factor at most


class Pairs(NamedTuple):
    """Of one group the numbers of its clean and faulty chains, and which pairs of them are of matched length."""

    clean: Any
    faulty: Any
    matched: Any


def validity(
    labelled: Sequence[Labelled], p: params.Score, answers: params.Answers, tokenizer: Callable[..., Any]
) -> Figures:
    """How often a clean chain stands above a faulty one of its group, by each measure and each recipe.

    Args:
        labelled: chains with their marks.
        p: scaler and words; the recipe counts beside v1 and v2 where it is custom, votes being the same for all.
        answers: how answers are read, which says whose final answer is right.
        tokenizer: counts lengths.

    Returns:
        `all` and `right_answer`, the chains whose final answer is right too: chains, clean, groups, and per name under
        `measures` and `recipes` auc (0.5 is blind, below it the faulty chain is preferred), its 95 % interval low and
        high over resampled problems, the same among chains of matched length, and the rank correlation with tokens;
        of recipes also with the same score under minmax. A figure is null where it is not defined.
    """
    verdicts = verify_many([Case(row.answer, response=row.chain, question=row.question) for row in labelled], answers)
    rows = _measured(labelled, [judged.extracted for judged in verdicts], p, tokenizer)
    right = [judged.verdict == "correct" for judged in verdicts]
    return {"all": _figures(rows, p), "right_answer": _figures(rows.filter(pl.Series(right)), p)}


def auc(values: Any, pairs: Sequence[Pairs], drawn: Any, *, matched: bool) -> Any:
    """The share of pairs of a group whose clean chain has the higher value, ties as halves, once per resample.

    Args:
        values: one of each chain.
        pairs: by group.
        drawn: resamples × chains, how often a chain is in the resample.
        matched: whether only pairs of matched length count.

    Returns:
        A share per resample, not a number where it has no pair.
    """
    won, all_pairs = np.zeros(len(drawn)), np.zeros(len(drawn))
    for group in pairs:
        clean, faulty = values[group.clean][:, None], values[group.faulty][None, :]
        counts = group.matched.astype(float) if matched else np.ones(group.matched.shape)
        wins = ((clean > faulty) + 0.5 * (clean == faulty)) * counts
        won += ((drawn[:, group.clean] @ wins) * drawn[:, group.faulty]).sum(axis=1)
        all_pairs += ((drawn[:, group.clean] @ counts) * drawn[:, group.faulty]).sum(axis=1)
    return np.divide(won, all_pairs, out=np.full(len(drawn), np.nan), where=all_pairs > 0)


def _measured(
    labelled: Sequence[Labelled], read: Sequence[str | None], p: params.Score, tokenizer: Callable[..., Any]
) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in MEASURES.items() if name != "thought"}
    found = [measure(row.chain, row.question, answer) for row, answer in zip(labelled, read, strict=True)]
    rows = pl.DataFrame(found, schema=schema)
    who = pl.DataFrame(
        {"group": [row.group for row in labelled], "problem": [row.problem for row in labelled],
         "clean": [row.clean for row in labelled]}
    )  # fmt: skip
    nobody = pl.Series("votes", [None] * len(labelled), dtype=pl.Float64)
    return who.hstack(rows).hstack([nobody]).hstack(counted([row.chain for row in labelled], p, tokenizer))


def _figures(rows: pl.DataFrame, p: params.Score) -> Figures:
    tokens, clean = rows["tokens"].to_numpy(), rows["clean"].to_numpy()
    pairs = _pairs(rows["group"].to_list(), clean, tokens)
    drawn = _resampled(rows["problem"].to_list())
    scaled = scales(rows, p.scaler)
    recipes: Mapping[str, Mapping[str, float]] = RECIPES | ({"custom": weights(p)} if p.recipe == "custom" else {})

    def told(values: pl.Series) -> Figures:
        array = values.to_numpy()
        return {
            **_interval(auc(array, pairs, drawn, matched=False), ""),
            **_interval(auc(array, pairs, drawn, matched=True), "matched_"),
            "length_correlation": _rounded(rank_correlation(array.tolist(), tokens.tolist())),
        }

    scores = {name: weighed(scaled, of)["score"] for name, of in recipes.items()}
    minmax = scales(rows, "minmax")
    return {
        "chains": rows.height,
        "clean": int(clean.sum()),
        "groups": rows["group"].n_unique(),
        "measures": {name: told(scaled[f"{name}_z"]) for name in WEIGHED if name != "votes"},
        "recipes": {
            name: {
                **told(score),
                "minmax_correlation": _rounded(
                    rank_correlation(score.to_list(), weighed(minmax, recipes[name])["score"].to_list())
                ),
            }
            for name, score in scores.items()
        },
    }


def _pairs(groups: Sequence[str], clean: Any, tokens: Any) -> list[Pairs]:
    found = []
    for group in sorted(set(groups)):
        inside = np.array([name == group for name in groups])
        good, bad = np.flatnonzero(inside & clean), np.flatnonzero(inside & ~clean)
        long, short = (side(tokens[good][:, None], tokens[bad][None, :]) for side in (np.maximum, np.minimum))
        found.append(Pairs(good, bad, long <= NEAR * short))
    return found


def _resampled(problems: Sequence[str]) -> Any:
    """How often each chain is drawn: all once, then RESAMPLES times those of as many drawn problems as there are."""
    names = {name: place for place, name in enumerate(sorted(set(problems)))}
    place = np.array([names[name] for name in problems])
    picked = np.random.default_rng(SEED).integers(0, len(names), size=(RESAMPLES, len(names)))
    times = np.stack([np.bincount(row, minlength=len(names)) for row in picked])
    return np.vstack([np.ones(len(problems)), times[:, place]]).astype(float)


def _interval(shares: Any, prefix: str) -> Figures:
    """The share of the whole and the 2.5 % and 97.5 % quantiles of the resampled ones."""
    if np.isnan(shares[0]):
        return {f"{prefix}{name}": None for name in ("auc", "low", "high")}
    low, high = np.nanquantile(shares[1:], (0.025, 0.975))
    return {
        f"{prefix}{name}": _rounded(value)
        for name, value in zip(("auc", "low", "high"), (shares[0], low, high), strict=True)
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)

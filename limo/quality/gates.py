"""SCORED rows → why a right chain may stand in no dataset, before any weight is looked at; used by tiers."""

from collections.abc import Sequence

import polars as pl

from limo import params
from limo.quality.likeness import alike, shingles, words


def reason(p: params.Gates) -> pl.Expr:
    """The first gate that a chain does not pass, null where it passes all but `duplicates`."""
    checks: list[tuple[str, pl.Expr]] = []
    if p.tags == "refuse":
        checks.append(("tags around a thought", pl.col("thought").is_not_null()))
    if p.boxes == "one":
        checks.append(("conflicting boxes: {} answers", pl.col("boxes") > 1))
    checks += [
        (f"{said}: {{}} > {limit:g}", pl.col(column) > limit)
        for column, said, limit in (
            ("loop", "loop", p.max_loop),
            ("repeats", "repeats", p.max_repeats),
            ("false", "false equality", p.max_false),
            ("foreign", "foreign script", p.max_foreign),
        )
        if limit is not None
    ]
    return pl.coalesce(*(pl.when(fails).then(_said(text, fails)) for text, fails in checks), pl.lit(None, pl.String))


def duplicates(usable: pl.DataFrame, threshold: float) -> dict[str, str]:
    """Of each question's chains those that are near another one, with the id of the one that stays.

    Chains are taken shortest first, of equal ones the lower id, whatever their score, so that every recipe chooses
    among the same ones; one that is at least `threshold` similar to one that stays does not.

    Args:
        usable: rows with `id`, `chain_id`, `chain` and `tokens` that pass every other gate.
        threshold: Jaccard similarity of word 5-grams.
    """
    near: dict[str, str] = {}
    for _, chains in usable.sort("id", "tokens", "chain_id").group_by("id", maintain_order=True):
        near |= _within(chains.select("chain_id", "chain").rows(), threshold)
    return near


def _within(chains: Sequence[tuple[str, str]], threshold: float) -> dict[str, str]:
    near: dict[str, str] = {}
    stay: list[tuple[str, frozenset[tuple[str, ...]]]] = []
    for chain_id, text in chains:
        grams = shingles(words(text))
        like = next((other for other, kept in stay if _alike(grams, kept, threshold)), None)
        if like is None:
            stay.append((chain_id, grams))
        else:
            near[chain_id] = like
    return near


def _alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]], threshold: float) -> bool:
    small, large = sorted((len(one), len(other)))
    return small >= threshold * large and alike(one, other) >= threshold


def _said(text: str, fails: pl.Expr) -> pl.Expr:
    """A reason with the value of the column that the condition reads."""
    return pl.format(text, pl.col(fails.meta.root_names()[0]).round(3)) if "{}" in text else pl.lit(text)

"""Usable chains and their texts → those that are nearly another one of their question; used by tiers."""

from collections.abc import Iterable, Sequence

import polars as pl

from limo.base.scratch import scratch
from limo.quality.likeness import alike, shingles, words

_TEXT = 4  # bytes of a token, about
_HELD = 1 << 28  # bytes of texts that are in memory, about


def duplicates(usable: pl.DataFrame, texts: Iterable[pl.DataFrame], threshold: float) -> dict[str, str]:
    """Of each question's chains those that are near another one, with the id of the one that stays.

    Chains are taken shortest first, of equal ones the lower id, whatever their score, so that every recipe chooses
    among the same ones; one that is at least `threshold` similar to one that stays does not. Texts that
    memory does not hold lie in the scratch folder, a folder for as many questions as it holds.

    Args:
        usable: `id`, `chain_id` and `tokens` of chains that pass every other gate.
        texts: `chain_id` and `chain` of all chains, in parts.
        threshold: Jaccard similarity of word 5-grams.
    """
    several = usable.select("id", "chain_id", "tokens").filter(pl.len().over("id") > 1)
    shares = 1 + _TEXT * int(several["tokens"].sum()) // _HELD
    placed = several.with_columns(share=pl.col("id").rank("dense") % shares)
    if shares == 1:
        return _near(pl.concat(list(_held(texts, placed))), threshold) if several.height else {}
    near: dict[str, str] = {}
    with scratch() as folder:
        for number, held in enumerate(_held(texts, placed)):
            for (share,), rows in held.group_by("share"):
                (folder / f"{share}").mkdir(exist_ok=True)
                rows.write_parquet(folder / f"{share}" / f"{number:06}.parquet", compression="lz4")
        for path in sorted(folder.iterdir()):
            near |= _near(pl.read_parquet(path / "*.parquet"), threshold)
    return near


def _held(texts: Iterable[pl.DataFrame], placed: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """The rows of `placed` with their texts, as many at a time as memory holds."""
    held: list[pl.DataFrame] = []
    size = 0
    for part in texts:
        held.append(placed.join(part, on="chain_id"))
        size += int(held[-1].estimated_size())
        if size > _HELD:
            yield pl.concat(held)
            held, size = [], 0
    if held:
        yield pl.concat(held)


def _near(chains: pl.DataFrame, threshold: float) -> dict[str, str]:
    near: dict[str, str] = {}
    for _, of_question in chains.sort("id", "tokens", "chain_id").group_by("id", maintain_order=True):
        near |= _within(of_question.select("chain_id", "chain").rows(), threshold)
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

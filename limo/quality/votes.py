"""Chains → the pairs that judges compare; ballots on them → a vote for each chain; used by pair, vote and score."""

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from limo import params
from limo.base.files import by_digest
from limo.base.tables import frame
from limo.graph.schemas import PAIR
from limo.quality import gates

DIGITS = 9
VOTES = pl.Schema({"chain_id": pl.String, "votes": pl.Float64})
OWN, TRIED = "pairs", "labelled"  # what a ballot is about: the pool's chains, or those that humans have marked
_SPLIT = 0.5  # of a comparison, to each of both, where the judge does not say the same in both orders


def pairs(checked: pl.DataFrame, measured: pl.DataFrame, p: params.Params) -> pl.DataFrame:
    """The pairs of correct chains of a question, that pass the gates, which any judge of `chain_judges` compares.

    A hash puts a question's chains into a ring, in which each meets its neighbours: the comparisons of n chains are at
    most n times `neighbours`, and a judge of fewer neighbours makes some of those of one with more.

    Args:
        checked: CHECKED rows, their text is not read.
        measured: MEASURED rows of the same chains.
        p: seed, gates and judges.

    Returns:
        PAIR rows; none where there is no judge.
    """
    farthest = max((judge.neighbours for judge in p.chain_judges.values()), default=0)
    if not farthest:
        return frame([], PAIR)
    standing = checked.join(measured, on="chain_id").filter(
        pl.col("verdict") == "correct", gates.reason(p.gates).is_null()
    )
    rings: dict[str, list[str]] = defaultdict(list)
    for identity, chain in standing.select("id", "chain_id").iter_rows():
        rings[identity].append(chain)
    rows = []
    for identity, chains in rings.items():
        ring = by_digest(chains, p.seed, "pair")
        for turn in range(1, min(farthest, len(ring) // 2) + 1):
            met = turn if 2 * turn == len(ring) else len(ring)  # opposite chains meet once
            for place in range(met):
                one, other = sorted((ring[place], ring[(place + turn) % len(ring)]))
                rows.append({"id": identity, "one": one, "other": other, "turn": turn})
    return frame(rows, PAIR)


def outcomes(ballots: pl.DataFrame) -> pl.DataFrame:
    """BALLOT rows to a row per pair: `winner`, the chain that the judge prefers in both orders, null where none is.

    `longer` is the chain with more characters, null of equal ones.
    """
    chosen = pl.when(said="first").then(pl.col("first")).when(said="second").then(pl.col("second"))
    longer = (
        pl.when(pl.col("first_characters") > pl.col("second_characters"))
        .then(pl.col("first"))
        .when(pl.col("first_characters") < pl.col("second_characters"))
        .then(pl.col("second"))
    )
    placed = ballots.with_columns(
        one=pl.min_horizontal("first", "second"),
        other=pl.max_horizontal("first", "second"),
        chosen=chosen,
        longer=longer,
    )
    return placed.group_by("asked", "id", "one", "other", maintain_order=True).agg(
        winner=pl.when(pl.col("chosen").n_unique() == 1).then(pl.col("chosen").first()),
        longer=pl.col("longer").first(),
        clean=pl.col("clean").first(),
    )


def agreement(ballots: pl.DataFrame) -> list[float]:
    """Of every pair that humans have marked 1 where the judge prefers the clean chain, 0 the faulty one, else 0.5."""
    tried = outcomes(ballots.filter(asked=TRIED))
    return tried.select((pl.col("winner") == pl.col("clean")).cast(pl.Float64).fill_null(_SPLIT)).to_series().to_list()


def accepted(ballots: pl.DataFrame, least: float) -> bool:
    """Whether a judge agrees with the humans in the share `least` of their pairs; never where there is no pair."""
    shares = agreement(ballots)
    return bool(shares) and sum(shares) / len(shares) >= least


def votes(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """A chain's share of the comparisons with others of its question, of all judges together.

    A comparison counts 1 for the chain that a judge prefers in both orders, 0 for the other, and half for each where it
    does not say the same twice. A judge that was refused has compared no chain of the pool, so that it has no vote.

    Args:
        tables: BALLOT rows of each judge.

    Returns:
        VOTES rows, of the chains that some judge has compared.
    """
    if not tables:
        return frame([], VOTES)
    compared = [outcomes(table.filter(asked=OWN)) for table in tables]
    sides = [
        table.select(chain_id=side, vote=(pl.col("winner") == pl.col(side)).cast(pl.Float64).fill_null(_SPLIT))
        for table in compared
        for side in ("one", "other")
    ]
    shares = pl.concat(sides).group_by("chain_id").agg(votes=pl.col("vote").mean().round(DIGITS))
    return shares.sort("chain_id").cast(VOTES)

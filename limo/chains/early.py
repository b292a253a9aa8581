"""Measured chains of one round → a dataset of `round_datasets`; used by round_dataset."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from limo import params
from limo.chains import dataset, tiers
from limo.quality import score, votes

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def build(
    name: str, p: params.Params, tables: Mapping[str, pl.DataFrame], tokenizer: "PreTrainedTokenizerBase"
) -> tuple[pl.DataFrame, dict[str, int | str]]:
    """The rows of dataset `name` of `round_datasets` as a DATASET frame, and the counts for the stage's line.

    Scores, rank and levels are those among the chains of the round, and a held-out dataset keeps from those of its
    round alone.

    Args:
        name: the dataset's key.
        p: all parameters.
        tables: CHECKED and MEASURED rows of the round, QUESTIONS, POOL, SCREENED and RATED rows (`outs.of_round`).
        tokenizer: that of `score.tokenizer`.

    Raises:
        ValueError: as `score.score` and `dataset.build`.
    """
    number = p.round_datasets[name].round
    specs = {key: spec.dataset for key, spec in p.round_datasets.items() if spec.round == number}
    said = votes.votes([])
    parts = score.score(lambda: [tables["checked"]], tables["measured"], said, p.score, p.gates.tags, tokenizer)
    scored = pl.concat(parts)
    tiered = pl.concat(tiers.tier(lambda columns: [scored.select(columns)], tables["questions"], p.tiers, p.gates))
    history = {key: tables[key] for key in ("pool", "screened", "rated")}
    built = dataset.build(name, specs, dataset.Material(tiered, **history, sets=p.question_sets, seed=p.seed))
    return built, dataset.counts(specs[name], tiered, built)

"""Answers → the verdict on each if it had been cut after fewer tokens, from the same text; used by answer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from limo import params
from limo.answers.verify import Case, Verifier

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PIECE = 500  # answers whose cut texts are in memory at once


def cuts(
    answers: pl.DataFrame, tokenizer: "PreTrainedTokenizerBase", budgets: Sequence[int], p: params.Answers
) -> list[list[dict[str, Any]]]:
    """For every answer its verdict under every smaller budget of tokens, ascending.

    A text is cut where its token number `budget` ends, by the model's own tokenizer, and judged as one that met its
    limit: what the model had said by then counts, whatever it said later. An answer that fits keeps its verdict.

    Args:
        answers: columns text, tokens, verdict, and of the problem question and answer.
        tokenizer: of the model that answered.
        budgets: in tokens.
        p: how answers are read and compared.
    """
    told: list[list[dict[str, Any]]] = []
    with Verifier(p) as verifier:
        for piece in answers.iter_slices(_PIECE):
            rows = piece.to_dicts()
            ends = [_ends(row, tokenizer, budgets) for row in rows]
            wanted = [(place, budget) for place, found in enumerate(ends) for budget in found]
            verdicts = verifier.verify_many(_case(rows[place], ends[place][budget]) for place, budget in wanted)
            cut = {key: verdict.verdict for key, verdict in zip(wanted, verdicts, strict=True)}
            told += [
                [{"tokens": budget, "verdict": cut.get((place, budget), row["verdict"])} for budget in sorted(budgets)]
                for place, row in enumerate(rows)
            ]
    return told


def _case(row: Mapping[str, Any], end: int) -> Case:
    return Case(row["answer"], response=row["text"][:end], question=row["question"], stop="length")


def _ends(row: Mapping[str, Any], tokenizer: "PreTrainedTokenizerBase", budgets: Sequence[int]) -> dict[int, int]:
    """The character after which a text is cut, by the budgets that cut it."""
    smaller = [budget for budget in budgets if budget < row["tokens"]]
    if not smaller:
        return {}
    places = tokenizer(row["text"], add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return {budget: int(places[budget - 1][1]) for budget in smaller if budget < len(places)}

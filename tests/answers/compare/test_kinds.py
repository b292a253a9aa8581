"""Kinds of answers that real responses get wrong: each pair was labelled by its mathematics, before the code was."""

import json
from pathlib import Path

import pytest

from limo.answers.compare.decide import compare

PAIRS = [json.loads(line) for line in (Path(__file__).parent / "kinds.jsonl").read_text(encoding="utf-8").splitlines()]
KINDS = sorted({pair["kind"] for pair in PAIRS})
RIGHT = {
    "correct": {"correct"},
    "wrong": {"wrong"},
    "not correct": {"wrong", "undecided"},
    "not wrong": {"correct", "undecided"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_pair_of_a_kind_is_judged_by_its_mathematics(kind: str) -> None:
    pairs = [pair for pair in PAIRS if pair["kind"] == kind]
    assert [pair for pair in pairs if compare(pair["gold"], pair["answer"], {})[0] not in RIGHT[pair["verdict"]]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_exchanging_the_two_answers_of_a_kind_changes_no_verdict(kind: str) -> None:
    pairs = [(pair["gold"], pair["answer"]) for pair in PAIRS if pair["kind"] == kind]
    assert [pair for pair in pairs if compare(*pair, {})[0] != compare(*pair[::-1], {})[0]] == []


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("A", "it rises, then it falls", "correct"),
        ("A", "It rises then it falls.", "correct"),
        ("A", "it falls, then it rises", "wrong"),
        ("A", "it rises", "wrong"),
        ("it rises, then it falls", "it rises", "wrong"),
        ("D", "still", "undecided"),
        ("A", "then it falls", "undecided"),
    ],
)
def test_a_part_of_an_options_text_or_another_order_of_it_is_not_that_option(gold, answer, verdict) -> None:
    options = {"A": "it rises, then it falls", "B": "it falls, then it rises", "C": "it rises", "D": "it is still"}
    assert compare(gold, answer, options)[0] == verdict

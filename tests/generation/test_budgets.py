import polars as pl
import pytest

from limo import params
from limo.generation.budgets import cuts
from limo.models.load import load_tokenizer
from tests import tiny_model

ANSWERS = params.Answers(extraction="flexible", workers=1, timeout_s=5.0, memory_mb=2048)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return load_tokenizer(tiny_model.save(tmp_path_factory.mktemp("model")))


def table(tokenizer, *texts):
    rows = [
        {"text": text, "tokens": len(tokenizer(text, add_special_tokens=False)["input_ids"]), "verdict": verdict}
        for text, verdict in texts
    ]
    return pl.DataFrame(rows).with_columns(question=pl.lit("What is 2 + 2?"), answer=pl.lit("4"))


def test_what_was_boxed_by_then_counts_and_what_came_later_does_not(tokenizer):
    early = r"It is \boxed{4}."
    rows = table(tokenizer, (early + " And so on, for long.", "correct"), ("Let me think. " + early, "correct"))
    boxed = len(tokenizer(early, add_special_tokens=False)["input_ids"])
    first, second = cuts(rows, tokenizer, [10**6, boxed, 2], ANSWERS)
    assert [cut["tokens"] for cut in first] == [2, boxed, 10**6]
    assert [cut["verdict"] for cut in first] == ["truncated", "correct", "correct"]
    assert [cut["verdict"] for cut in second] == ["truncated", "truncated", "correct"]


def test_an_answer_that_fits_keeps_its_verdict_whatever_it_is(tokenizer):
    (only,) = cuts(table(tokenizer, ("It is odd.", "undecided")), tokenizer, [100], ANSWERS)
    assert only == [{"tokens": 100, "verdict": "undecided"}]


def test_without_budgets_there_is_nothing_to_judge(tokenizer):
    assert cuts(table(tokenizer, ("It is 4.", "correct")), tokenizer, [], ANSWERS) == [[]]

import pytest

from limo.problems.audit import Pair, audit, labelled
from tests.problems.rows import POOL_PARAMS


def test_both_decisions_do_well_on_the_labelled_pairs() -> None:
    figures = audit(labelled(), POOL_PARAMS)
    assert figures["deduplication"]["precision"] == figures["decontamination"]["precision"] == 1
    assert figures["deduplication"]["recall"] >= 0.97
    assert figures["decontamination"]["recall"] >= 0.97


def test_the_labelled_pairs_have_both_labels_in_every_row_and_no_pair_twice() -> None:
    pairs = labelled()
    assert len({(pair.problem, pair.other) for pair in pairs}) == len(pairs)
    assert {pair.problem for pair in pairs if pair.label == "same"} == {
        pair.problem for pair in pairs if pair.label == "other"
    }


def test_wrong_verdicts_lower_the_figures_and_are_listed() -> None:
    problem = "A tank holds 40 litres and loses 3 litres a day. How much is left after 5 days?"
    pairs = [
        Pair(problem, problem + " Think step by step.", "same", "right"),
        Pair(problem, "Compute 2+2.", "same", "mislabelled"),
        Pair(problem, problem.replace("40", "50"), "other", "numbers"),
        Pair(problem, problem, "other", "mislabelled"),
    ]
    figures = audit(pairs, POOL_PARAMS)["decontamination"]
    assert (figures["pairs"], figures["precision"], figures["recall"]) == (4, 0.5, 0.5)
    assert figures["missed"] == ["mislabelled: Compute 2+2."]
    assert len(figures["false_alarms"]) == 1


def test_pairs_of_one_label_are_refused() -> None:
    with pytest.raises(ValueError, match="both labels"):
        audit([Pair("a", "b", "same", "k")], POOL_PARAMS)

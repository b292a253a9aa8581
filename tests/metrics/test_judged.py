import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limo.graph.schemas import ANSWER, BENCHMARK, JUDGED
from limo.metrics.judged import agreement, figures, kappa
from tests.asked import asked, sampled
from tests.chains.world import attempt, table

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


def judgement(problem, sample, rules, said, *, shared=True):
    row = {"candidate": "limo", "benchmark": "sums", "protocol": "sampled", "source_id": problem, "sample": sample}
    row |= {
        "shared": shared,
        "extracted": "5",
        "rules": rules,
        "rule": "prose",
        "judgement": said,
        "text": "So.",
        "model": "tiny",
    }
    return {**row, "fingerprint": "f", "prompt": "p", "key": f"{problem}{sample}"}


def test_what_the_judge_settles_counts_and_what_the_rules_decide_stands():
    drawn = [("a", 0, "undecided"), ("a", 1, "wrong"), ("b", 0, "correct"), ("b", 1, "undecided")]
    answers = table([attempt(problem, sample, "5", verdict) for problem, sample, verdict in drawn], ANSWER)
    judged = [
        judgement("a", 0, "undecided", "correct", shared=False),
        judgement("a", 1, "wrong", "correct"),
        judgement("b", 0, "correct", "wrong"),
        judgement("b", 1, "undecided", "unparsed", shared=False),
    ]
    exam = table([asked("sums", name, "What?", "4") for name in "ab"], BENCHMARK)
    found = figures(table(judged, JUDGED), {"limo": answers}, exam, sampled(sums=2))
    scores = found["candidates"]["limo"]["sums"]
    assert (scores["rules"]["pass_at_1"], scores["judged"]["pass_at_1"]) == (0.25, 0.5)
    assert (scores["undecided"], scores["settled"]) == (2, 1)
    assert found["judgements"] == {"correct": 2, "unparsed": 1, "wrong": 1}
    assert found["agreement"]["answers"] == 2
    assert found["agreement"]["agree"]["share"] == 0
    assert found["agreement"]["kappa"]["value"] == -1


def test_false_accepts_are_of_wrong_answers_and_false_rejects_of_correct_ones():
    pairs = [(False, True), (False, False), (False, False), (True, False), (True, True)]
    found = agreement(pairs, list("abcde"))
    assert (found["false_accepts"]["share"], found["false_accepts"]["answers"]) == (pytest.approx(1 / 3), 3)
    assert (found["false_rejects"]["share"], found["false_rejects"]["answers"]) == (0.5, 2)
    assert found["agree"]["share"] == 0.6
    assert found["agree"]["low"] < 0.6 < found["agree"]["high"]


def test_without_a_shared_answer_nothing_is_claimed():
    assert agreement([], []) == {
        "answers": 0,
        "agree": None,
        "false_accepts": None,
        "false_rejects": None,
        "kappa": None,
    }


@given(PAIRS)
def test_kappa_is_that_of_statsmodels(pairs):
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    counts = [[pairs.count((one, other)) for other in (False, True)] for one in (False, True)]
    expected = inter_rater.cohens_kappa(counts, return_results=False) if kappa(pairs) is not None else None
    assert kappa(pairs) == pytest.approx(expected) if expected is not None else kappa(pairs) is None


@given(PAIRS)
def test_related_answers_make_kappas_interval_no_surer(pairs):
    doubled = [pair for pair in pairs for _ in range(2)]
    once = agreement(pairs, [str(n) for n in range(len(pairs))])["kappa"]
    twice = agreement(doubled, [str(n) for n in range(len(pairs)) for _ in range(2)])["kappa"]
    if once is None or once["low"] is None:
        assert twice is None or twice["low"] is None
    else:
        assert math.isclose(once["low"], twice["low"], abs_tol=1e-9)
        assert math.isclose(once["high"], twice["high"], abs_tol=1e-9)

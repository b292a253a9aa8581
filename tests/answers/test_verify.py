import multiprocessing
import threading
import time

import pytest

from limo.answers import Verdict, Verifier, verify, verify_many
from limo.params import Answers

BOXED = Answers(extraction="boxed", workers=2, timeout_s=1.5, memory_mb=2048)
FLEXIBLE = Answers(extraction="flexible", workers=2, timeout_s=1.5, memory_mb=2048)
BOMBS = ["9^{9^{9^9}}", r"\cos(9^{9^{9^{9}}})", "(" * 2000 + "1" + ")" * 2000]


def test_a_verdict_names_the_answer_that_was_read() -> None:
    assert verify("1/2", r"So \boxed{0.5}", "eos", BOXED) == Verdict("correct", "0.5")
    assert verify("1/2", r"So \boxed{2}", "eos", BOXED) == Verdict("wrong", "2")


def test_no_answer_is_wrong_when_finished_and_truncated_when_cut() -> None:
    texts = ["The sum is 12", r"\boxed{12", "Step 1: 3 + 9 = 12", "The answer is 12"]
    finished, cut = (verify_many([("12", text, stop) for text in texts], BOXED) for stop in ("eos", "length"))
    assert finished == [Verdict("wrong", None)] * 4
    assert cut == [Verdict("truncated", None)] * 4


def test_a_stray_number_scores_only_in_a_finished_response() -> None:
    assert verify("12", "3 + 9 = 12", "eos", FLEXIBLE) == Verdict("correct", "12")
    assert verify("12", "3 + 9 = 12", "length", FLEXIBLE) == Verdict("truncated", None)
    assert verify("12", "The answer is 12. Let me check: 3 +", "length", FLEXIBLE) == Verdict("correct", "12")
    assert verify("12", r"\boxed{12} is 3 +", "length", BOXED) == Verdict("correct", "12")


def test_easy_answers_start_no_worker() -> None:
    before = set(multiprocessing.active_children())
    with Verifier(BOXED) as verifier:
        verifier.verify_many([("5", rf"\boxed{{{n}}}", "eos") for n in range(100)])
        assert set(multiprocessing.active_children()) == before


def test_bombs_end_undecided_in_bounded_time_and_leave_no_worker() -> None:
    before, threads = set(multiprocessing.active_children()), threading.active_count()
    start = time.monotonic()
    with Verifier(BOXED) as verifier:
        verifier.verify("x+1", r"\boxed{1+x}", "eos")
        found = verifier.verify_many([("5", rf"\boxed{{{bomb}}}", "eos") for bomb in BOMBS])
        assert verifier.verify("5", r"\boxed{(1+x)^{200000}}", "eos").verdict == "wrong"
        # The pool still works after its workers were killed.
        after = verifier.verify("x^2-1", r"\boxed{(x-1)(x+1)}", "eos")
    assert [verdict.verdict for verdict in found] == ["undecided"] * len(BOMBS)
    assert after.verdict == "correct"
    assert time.monotonic() - start < 60
    assert set(multiprocessing.active_children()) == before
    assert threading.active_count() == threads


def test_out_of_memory_is_undecided() -> None:
    # Math-Verify takes its own MemoryError for a difference; the two powers are equal.
    small = Answers(extraction="boxed", workers=1, timeout_s=30, memory_mb=500)
    assert verify("2^{2000000000}", r"\boxed{4^{1000000000}}", "eos", small).verdict == "undecided"


@pytest.mark.parametrize("workers", [1, 2])
def test_verdicts_do_not_depend_on_workers_or_order(workers: int) -> None:
    p = Answers(extraction="boxed", workers=workers, timeout_s=5, memory_mb=2048)
    asked = [
        ("x^2-1", r"\boxed{(x-1)(x+1)}", "eos"),
        ("x^2-1", r"\boxed{(x-1)^2}", "eos"),
        (r"\sqrt{8}", r"\boxed{2\sqrt{2}}", "eos"),
        ("no solution", r"\boxed{x>0}", "eos"),
    ]
    expected = ["correct", "wrong", "correct", "undecided"]
    assert [found.verdict for found in verify_many(asked, p)] == expected
    assert [found.verdict for found in verify_many(asked[::-1], p)] == expected[::-1]

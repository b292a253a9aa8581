import multiprocessing
import random
import subprocess
import sys
import threading
import time

import pytest

from limo.answers.verify import Case, Verdict, Verifier, verify, verify_many
from limo.params import Answers

BOXED = Answers(extraction="boxed", workers=2, timeout_s=1.5, memory_mb=2048)
FLEXIBLE = Answers(extraction="flexible", workers=2, timeout_s=1.5, memory_mb=2048)
ALGEBRA = [  # pairs that only computer algebra decides
    Case(r"\int_0^1 x\,dx", answer=r"\frac{1}{2}"),
    Case(r"\sum_{k=1}^{4} k", answer="11"),
    Case(r"\sum_{k=1}^{5} k^2", answer="55"),
    Case(r"\int_0^{\pi} \sin x\,dx", answer="3"),
]


def test_a_verdict_names_the_answer_that_was_read_and_the_rule() -> None:
    assert verify("1/2", r"So \boxed{0.5}", stop="eos", settings=BOXED) == Verdict("correct", "0.5", "value")
    assert verify("1/2", r"So \boxed{2}", stop="eos", settings=BOXED) == Verdict("wrong", "2", "value")
    assert verify("1/2", answer="$0.5$") == Verdict("correct", "$0.5$", "value")


def test_no_answer_is_wrong_when_finished_and_truncated_when_cut() -> None:
    texts = ["The sum is 12", r"\boxed{12", "Step 1: 3 + 9 = 12", "The answer is 12"]
    finished, cut = (
        verify_many([Case("12", response=text, stop=stop) for text in texts], BOXED) for stop in ("eos", "length")
    )
    assert [verdict.verdict for verdict in finished] == ["wrong"] * 4
    assert [verdict.verdict for verdict in cut] == ["truncated"] * 4
    assert {verdict.extracted for verdict in finished + cut} == {None}


def test_a_stray_number_scores_only_in_a_finished_response() -> None:
    assert verify("12", "3 + 9 = 12", stop="eos", settings=FLEXIBLE).verdict == "correct"
    assert verify("12", "3 + 9 = 12", stop="length", settings=FLEXIBLE).verdict == "truncated"
    said = "The answer is 12. Let me check: 3 +"
    assert verify("12", said, stop="length", settings=FLEXIBLE).verdict == "correct"
    assert verify("12", r"\boxed{12} is 3 +", stop="length", settings=BOXED).verdict == "correct"


def test_a_case_needs_a_response_or_an_answer() -> None:
    for case in (Case("1"), Case("1", response="1", answer="1")):
        with pytest.raises(ValueError, match="needs a response or an answer"):
            verify_many([case])


def test_usual_answers_start_no_worker() -> None:
    before = set(multiprocessing.active_children())
    with Verifier(BOXED) as verifier:
        verifier.verify_many([Case(r"\frac{5}{2}", response=rf"\boxed{{\sqrt{{{n}}}}}") for n in range(100)])
        assert set(multiprocessing.active_children()) == before


def test_algebra_gives_the_same_verdicts_in_any_order_with_any_worker_count() -> None:
    wanted = ["correct", "wrong", "correct", "wrong"]
    for workers, seed in ((1, 0), (2, 1), (3, 2)):
        order = random.Random(seed).sample(range(4), 4)
        settings = BOXED.model_copy(update={"workers": workers, "timeout_s": 20.0})
        verdicts = verify_many([ALGEBRA[k] for k in order], settings)
        assert [verdict.verdict for verdict in verdicts] == [wanted[k] for k in order]
        assert {verdict.rule for verdict in verdicts} == {"algebra"}


def test_a_busy_machine_changes_no_verdict() -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        assert [verdict.verdict for verdict in verify_many(ALGEBRA, BOXED.model_copy(update={"timeout_s": 10.0}))] == [
            "correct",
            "wrong",
            "correct",
            "wrong",
        ]
    finally:
        for process in busy:
            process.kill()
            process.wait()


def test_a_stuck_comparison_ends_undecided_and_leaves_no_worker() -> None:
    before, threads = set(multiprocessing.active_children()), threading.active_count()
    stuck = Case(r"\int_0^1 e^{\sin(x^{x^x})}\,dx", answer=r"\int_0^1 e^{\cos(x^{x^x})}\,dx")
    start = time.monotonic()
    with Verifier(BOXED) as verifier:
        verdicts = verifier.verify_many([stuck, *ALGEBRA[:2]])
    assert verdicts[0].verdict in {"undecided", "wrong"}
    assert [verdict.verdict for verdict in verdicts[1:]] == ["correct", "wrong"]
    assert time.monotonic() - start < 60
    assert set(multiprocessing.active_children()) == before
    assert threading.active_count() == threads


def test_a_worker_that_is_killed_is_replaced() -> None:
    with Verifier(BOXED.model_copy(update={"workers": 1, "timeout_s": 20.0})) as verifier:
        assert verifier.verify(ALGEBRA[0]).verdict == "correct"
        for child in multiprocessing.active_children():
            child.kill()
        verdicts = verifier.verify_many([ALGEBRA[1], ALGEBRA[2]])
        assert verdicts[-1].verdict == "correct"


def test_workers_that_cannot_start_are_an_error_and_no_verdict() -> None:
    script = r"from limo.answers.verify import verify; verify(r'\int_0^1 x\,dx', answer='1/2')"
    # A program on standard input cannot be imported by a spawned process.
    run = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "die at their start" in run.stderr

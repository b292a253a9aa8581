"""Cases → verdicts, in workers that can be killed; used by screen, rate, collect, check, answer and `limo grade`."""

import multiprocessing
import signal
from collections.abc import Iterable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from limo import params
from limo.answers.compare.decide import EXCEPTION, Outcome, compare
from limo.answers.compare.restated import RULES, restated, unfinished
from limo.answers.compare.symbolic import admissible
from limo.answers.extract import Extracted, extract, gold_answer
from limo.answers.hints import hints_of
from limo.answers.parse.exceptions import granted
from limo.answers.worker import PROBE, algebra, limit

# A stuck worker ends by its own processor-time limit; this many times that limit in wall time ends one that sleeps.
PATIENCE = 30
_UNGRADED = Extracted(None, "no reference answer", finished=True, sure=False)
DEFAULTS = params.Answers(extraction="flexible", workers=1, timeout_s=10.0, memory_mb=2048)


@dataclass(frozen=True)
class Case:
    """One answer to judge: a whole `response`, or an `answer` that was extracted before.

    `question` helps to read multiple choice and lists of values, `kind` (choice, text, interval, set, ...) says the
    answer's form, and `stop` why the response ended: `eos`, `length` (cut by the token limit) or None if unknown.
    `opened` says that the prompt opened a thought in which the response begins (its template ends in `<think>`).
    """

    gold: str
    response: str | None = None
    answer: str | None = None
    question: str = ""
    kind: str = ""
    stop: str | None = None
    opened: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a response is worth, the answer that was read in it (None: it gives none), and the rule that decided."""

    verdict: Literal["correct", "wrong", "undecided", "truncated"]
    extracted: str | None
    rule: str


class Verifier:
    """Judges answers; the few that need computer algebra go to worker processes that can be killed.

    A comparison gets `timeout_s` seconds of processor time (not of wall time, so that a busy machine changes no
    verdict) and `memory_mb` MiB of address space. Running out of either, or taking its worker down, makes it
    `undecided`, never `wrong`. The workers start with the first such comparison and end with the `with` block; each
    (reference answer, extracted answer) pair is compared once.
    """

    def __init__(self, p: params.Answers):
        self._p = p
        self._pool: ProcessPool | None = None
        self._symbolic: dict[tuple[str, str], tuple[Outcome, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def verify(self, case: Case) -> Verdict:
        """Judge one case: `verify_many` of one."""
        return self.verify_many([case])[0]

    def verify_many(self, cases: Iterable[Case]) -> list[Verdict]:
        """Judge cases; the verdicts come in their order.

        A response that was cut before it stated an answer is `truncated`; one that ended by itself without an answer
        is `wrong`. Without a reference answer every response is `undecided`.

        Raises:
            ValueError: a case with both a response and an answer, or neither.
            RuntimeError: the worker processes cannot start.
        """
        readings = [self._read(case) for case in cases]
        pairs = dict.fromkeys(
            (gold, extracted.answer)
            for gold, extracted, (_, rule) in readings
            if rule == "" and extracted.answer is not None
        )
        self._decide([(gold, answer) for gold, answer in pairs if (gold, answer) not in self._symbolic])
        verdicts = []
        for gold, extracted, decided in readings:
            if extracted.answer is None:
                verdicts.append(Verdict(_unanswered(extracted), None, extracted.how))
                continue
            settled, rule = decided if decided[1] else self._symbolic[gold, extracted.answer]
            if settled == "wrong" and not extracted.sure:  # another value of the text may have been meant
                settled = "undecided"
            verdicts.append(Verdict(settled, extracted.answer, rule))
        return verdicts

    def _read(self, case: Case) -> tuple[str, Extracted, tuple[Outcome, str]]:
        """Reference answer, extracted answer, and the decision; its rule is "" where algebra has to decide."""
        if (case.response is None) == (case.answer is None):
            raise ValueError(f"gold {case.gold!r}: a case needs a response or an answer, and not both")
        gold = gold_answer(case.gold)
        if not gold:
            return gold, _UNGRADED, ("undecided", _UNGRADED.how)
        hints = hints_of(case.question, gold, case.kind)
        if case.response is not None:
            extracted = extract(case.response, self._p.extraction, hints, case.stop, opened=case.opened)
        else:
            answer = gold_answer(case.answer or "")
            extracted = Extracted(answer or None, "given", finished=True)
        if extracted.answer is None:
            return gold, extracted, ("undecided", extracted.how)
        settled, rule = compare(gold, extracted.answer, hints.options)
        if rule == EXCEPTION and settled == "undecided" and (said := granted(extracted.answer, case.question)):
            settled, rule = compare(gold, said, hints.options)
        if settled == "correct" and rule in RULES and restated(case.question, extracted.answer):
            settled, rule = "wrong", "question restated"
        if extracted.how == "last value" and rule != "question restated" and unfinished(gold, extracted.answer):
            settled, rule = "undecided", "computation"  # prose may say it before it comes to its value
        elif settled == "undecided" and rule != EXCEPTION and admissible(gold) and admissible(extracted.answer):
            rule = ""
        return gold, extracted, (settled, rule)

    def _decide(self, pairs: list[tuple[str, str]]) -> None:
        lost = self._run(pairs)
        if lost:  # their workers were killed from outside, which says nothing of the answers
            self._stop()
            lost = self._run(list(lost))
        if lost:
            self._stop()
        if lost and self._run([PROBE]):
            raise RuntimeError(
                "the worker processes for computer algebra die at their start: call this under `if __name__ == "
                "'__main__':` in a script that can be imported, and see that answers.memory_mb is enough"
            )

    def _run(self, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], Exception]:
        """Compare pairs in the workers; returns those whose worker died of something else than its own limits."""
        lost: dict[tuple[str, str], Exception] = {}
        futures: dict[tuple[str, str], ProcessFuture] = {}
        for pair in pairs:
            try:
                futures[pair] = self._schedule(*pair)
            except RuntimeError as death:  # the pool broke while it was filled
                self._symbolic[pair], lost[pair] = ("undecided", "algebra"), death
        for pair, future in futures.items():
            self._symbolic[pair] = "undecided", "algebra"
            try:
                self._symbolic[pair] = future.result(), "algebra"
            except ProcessExpired as death:
                if death.exitcode != -signal.SIGPROF:
                    lost[pair] = death
            except BrokenProcessPool as death:
                lost[pair] = death
            except Exception:  # noqa: BLE001, S112 - limits, a crash, the parser: it stays undecided
                continue
        return lost

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _schedule(self, gold: str, answer: str) -> ProcessFuture:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._p.workers,
                initializer=limit,
                initargs=(self._p.memory_mb,),
                context=multiprocessing.get_context("spawn"),
            )
        arguments = (gold, answer, self._p.timeout_s)
        return self._pool.schedule(algebra, args=arguments, timeout=PATIENCE * self._p.timeout_s)


def verify(
    gold: str,
    response: str | None = None,
    *,
    answer: str | None = None,
    question: str = "",
    kind: str = "",
    stop: str | None = None,
    settings: params.Answers = DEFAULTS,
) -> Verdict:
    """Judge one response, or one answer that was extracted before.

    For more than one, `verify_many` or a `Verifier` keeps its workers and remembers what it compared.
    """
    return verify_many([Case(gold, response, answer, question, kind, stop)], settings)[0]


def verify_many(cases: Iterable[Case], settings: params.Answers = DEFAULTS) -> list[Verdict]:
    """Judge cases, in order; see `Verifier`."""
    with Verifier(settings) as verifier:
        return verifier.verify_many(cases)


def _unanswered(extracted: Extracted) -> Literal["wrong", "undecided", "truncated"]:
    if not extracted.finished:
        return "truncated"
    return "wrong" if extracted.sure else "undecided"

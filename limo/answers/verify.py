import logging
import multiprocessing
import resource
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from pebble import ProcessFuture, ProcessPool

from limo import params
from limo.answers.compare import quick, symbolic
from limo.answers.extract import extract, extract_cut

# A stuck worker ends by its own processor-time limit; this many times that limit in wall time ends one that sleeps.
PATIENCE = 30

Decision = Literal["correct", "wrong", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What a response is worth, and the answer that was read in it (None where it gives none)."""

    verdict: Literal["correct", "wrong", "undecided", "truncated"]
    extracted: str | None


class Verifier:
    """Judges responses; what needs computer algebra runs in worker processes that can be killed.

    A comparison gets `timeout_s` seconds of processor time (not of wall time, so that a busy machine changes no
    verdict) and `memory_mb` MiB of address space. Running out of either, or taking its worker down, makes it
    `undecided`, never `wrong`. The workers start with the first such comparison and end with the `with` block; each
    (reference answer, extracted answer) pair is compared once.
    """

    def __init__(self, p: params.Answers):
        self._p = p
        self._pool: ProcessPool | None = None
        self._decided: dict[tuple[str, str], Decision] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def verify(self, gold: str, response: str, stop: str) -> Verdict:
        """Judge one response: `verify_many` of one."""
        return self.verify_many([(gold, response, stop)])[0]

    def verify_many(self, triples: Iterable[tuple[str, str, str]]) -> list[Verdict]:
        """Judge (reference answer, response, stop reason) triples; the verdicts come in their order.

        A response that stopped by "length" before it stated an answer is `truncated`; one that ended by itself
        without an answer is `wrong`.
        """
        read = [(gold, self._read(response, stop), stop) for gold, response, stop in triples]
        self._decide((gold, found) for gold, found, _ in read if found is not None)
        return [self._verdict(gold, found, stop) for gold, found, stop in read]

    def _read(self, response: str, stop: str) -> str | None:
        return (extract_cut if stop == "length" else extract)(response, self._p.extraction)

    def _verdict(self, gold: str, found: str | None, stop: str) -> Verdict:
        if found is None:
            return Verdict("truncated" if stop == "length" else "wrong", None)
        return Verdict(self._decided[gold, found], found)

    def _decide(self, pairs: Iterable[tuple[str, str]]) -> None:
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._decided]
        rules = {pair: quick(*pair) for pair in new}
        self._decided.update({pair: decision for pair, decision in rules.items() if decision is not None})
        futures = {pair: self._schedule(*pair) for pair, decision in rules.items() if decision is None}
        for pair, future in futures.items():
            try:
                self._decided[pair] = "correct" if future.result() else "wrong"
            except Exception:  # noqa: BLE001 - whatever stops a comparison (limits, crash, parser) leaves it undecided
                self._decided[pair] = "undecided"

    def _schedule(self, gold: str, found: str) -> ProcessFuture:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._p.workers,
                initializer=_limit,
                initargs=(self._p.memory_mb,),
                context=multiprocessing.get_context("spawn"),
            )
        arguments = (gold, found, self._p.timeout_s)
        return self._pool.schedule(_compare, args=arguments, timeout=PATIENCE * self._p.timeout_s)


def verify(gold: str, response: str, stop: str, p: params.Answers) -> Verdict:
    """Judge one response; for more than one, a `Verifier` keeps its workers and remembers what it compared."""
    with Verifier(p) as verifier:
        return verifier.verify(gold, response, stop)


def verify_many(triples: Iterable[tuple[str, str, str]], p: params.Answers) -> list[Verdict]:
    """Judge (reference answer, response, stop reason) triples, in order; see `Verifier`."""
    with Verifier(p) as verifier:
        return verifier.verify_many(triples)


def _limit(memory_mb: int) -> None:
    # The warm-up loads parser and algebra before the first limited comparison.
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    symbolic(r"\frac{x}{2}+\sqrt{2}", r"\sqrt{2}+0.5x")
    # Default action: the kernel ends the process, even inside one long operation on huge integers.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _compare(gold: str, found: str, seconds: float) -> bool:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return symbolic(gold, found)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)

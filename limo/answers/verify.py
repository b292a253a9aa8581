import logging
import multiprocessing
import resource
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from pebble import ProcessPool

from limo import params
from limo.answers.compare import quick, symbolic
from limo.answers.extract import boxed, extract, stated


@dataclass(frozen=True)
class Verdict:
    """What was found in a response and what it is worth."""

    verdict: Literal["correct", "wrong", "undecided", "truncated"]
    extracted: str | None


class Verifier:
    """Judges responses; what needs computer algebra runs in worker processes with limits on time and memory.

    A comparison that runs out of either, or takes its worker down, is `undecided`, never `wrong`. The workers start
    when the first such comparison comes, and end with the `with` block.
    """

    def __init__(self, settings: params.Answers):
        self.settings = settings
        self.pool: ProcessPool | None = None
        self.known: dict[tuple[str, str], Literal["correct", "wrong", "undecided"]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pool is not None:
            self.pool.stop()
            self.pool.join()

    def verify(self, gold: str, response: str, stop: str) -> Verdict:
        """Judge one response that ended by `stop` ("eos" or "length") against the reference answer."""
        return self.verify_many([(gold, response, stop)])[0]

    def verify_many(self, items: Iterable[tuple[str, str, str]]) -> list[Verdict]:
        """Judge (gold, response, stop) triples, in order; comparisons run side by side in the workers."""
        found = [(gold, self._extract(response, stop), stop) for gold, response, stop in items]
        self._compare(sorted({(gold, answer) for gold, answer, _ in found if answer is not None}))
        verdicts = []
        for gold, answer, stop in found:
            if answer is None:
                verdicts.append(Verdict("truncated" if stop == "length" else "wrong", None))
            else:
                verdicts.append(Verdict(self.known[gold, answer], answer))
        return verdicts

    def _extract(self, response: str, stop: str) -> str | None:
        if stop == "length" and boxed(response) is None:
            # The last number of a text cut short is a stray one: only a stated answer counts.
            return stated(response) if self.settings.extraction == "flexible" else None
        return extract(response, self.settings.extraction)

    def _compare(self, pairs: list[tuple[str, str]]) -> None:
        hard = []
        for pair in pairs:
            if pair in self.known:
                continue
            verdict = quick(*pair)
            if verdict is None:
                hard.append(pair)
            else:
                self.known[pair] = verdict
        if not hard:
            return
        if self.pool is None:
            self.pool = ProcessPool(
                max_workers=self.settings.workers,
                initializer=_limit_memory,
                initargs=(self.settings.memory_mb,),
                context=multiprocessing.get_context("spawn"),
            )
        futures = [(pair, self.pool.schedule(symbolic, args=pair, timeout=self.settings.timeout_s)) for pair in hard]
        for pair, future in futures:
            try:
                self.known[pair] = future.result()
            except Exception:  # noqa: BLE001 - time, memory, a dead worker or a parser's own error on hostile text
                self.known[pair] = "undecided"


def verify(gold: str, response: str, stop: str, settings: params.Answers) -> Verdict:
    """Judge one response (see `Verifier`)."""
    with Verifier(settings) as verifier:
        return verifier.verify(gold, response, stop)


def verify_many(items: Iterable[tuple[str, str, str]], settings: params.Answers) -> list[Verdict]:
    """Judge (gold, response, stop) triples, in order (see `Verifier`)."""
    with Verifier(settings) as verifier:
        return verifier.verify_many(items)


def _limit_memory(megabytes: int) -> None:
    import math_verify  # noqa: F401, PLC0415 - import before the first timed comparison, not within it

    # It warns on every call that its own timer is off; the pool's timer is the one that counts.
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))

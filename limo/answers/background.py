"""Cases as they come → their verdicts, in a thread beside the sampler; used by screen, rate, collect and answer."""

from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from limo.answers.verify import Case, Verdict, Verifier

_BATCH = 256  # cases judged at once


class BackgroundVerifier:
    """Judges cases in a thread beside the caller's work; comparisons that need algebra go to the verifier's processes.

    Leaving the `with` block waits for what has been submitted.
    """

    def __init__(self, verifier: Verifier):
        self._verifier = verifier
        self._cases: SimpleQueue[tuple[Case, Future[Verdict]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="verifier", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._cases.put(None)
        self._thread.join()

    def submit(self, case: Case) -> "Future[Verdict]":
        """The verdict of a case, when it is reached; whatever the verifier raises is raised by its `result`."""
        future: Future[Verdict] = Future()
        self._cases.put((case, future))
        return future

    def _work(self) -> None:
        while (submitted := self._cases.get()) is not None:
            batch = [submitted]
            while len(batch) < _BATCH and not self._cases.empty():
                if (another := self._cases.get()) is None:
                    self._cases.put(None)
                    break
                batch.append(another)
            self._judge(batch)

    def _judge(self, batch: "list[tuple[Case, Future[Verdict]]]") -> None:
        try:
            verdicts = self._verifier.verify_many([case for case, _ in batch])
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), verdict in zip(batch, verdicts, strict=True):
            future.set_result(verdict)

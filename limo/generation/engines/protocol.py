"""What the sampler asks of every engine, and the errors with which one gives up."""

from collections.abc import Iterable
from typing import Protocol

from limo.store.request import Completion, Request


class Engine(Protocol):
    """What the sampler needs of an engine: queue named requests, take back those that have ended.

    `capacity` is how many requests run side by side.
    """

    capacity: int

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's.

        Raises:
            ValueError: a request does not fit the engine; the message names it.
        """

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """Run until at least one request has ended, or for some `patience` seconds, and return those that have ended;
        empty when none has, or nothing is under way.

        Raises:
            RequestError: one request cannot be answered; those that had ended before have been returned, others go on.
            EngineError: none can.
        """

    def close(self) -> None:
        """Let go of memory, processes and connections; requests under way are dropped."""


class EngineError(Exception):
    """An engine gave up: the message says on what, and the remedy."""


class RequestError(EngineError):
    """An engine gave up one request, `name`; others under way go on. `text` says on what, and the remedy."""

    def __init__(self, name: str, text: str):
        super().__init__(f"{name}: {text}")
        self.name, self.text = name, text

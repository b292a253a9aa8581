"""Coroutines → their results, run in the event loop of one thread; used by the engines openai and vllm."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Other = TypeVar("Other")


class Background(Generic[Result]):
    """Named coroutines in the event loop of one daemon thread; their results are fetched from the caller's thread."""

    def __init__(self, thread: str):
        self.loop = asyncio.new_event_loop()
        self.ended: queue.SimpleQueue[tuple[str, Future[Result]]] = queue.SimpleQueue()
        self.failures: deque[BaseException] = deque()
        self.under_way = 0
        self.thread = threading.Thread(target=self.loop.run_forever, name=thread, daemon=True)
        self.thread.start()

    def start(self, name: str, work: Coroutine[Any, Any, Result]) -> None:
        """Let `work` run under `name`; returns at once."""
        self.under_way += 1
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        future.add_done_callback(lambda done: self.ended.put((name, done)))

    def call(self, work: Coroutine[Any, Any, Other]) -> Other:
        """Run `work` in the loop's thread and wait for what it returns or raises."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def results(self, patience: float | None) -> list[tuple[str, Result]]:
        """Wait until something has ended, or for `patience` seconds unless None, and return all that has ended.

        Empty when nothing has, or nothing is under way.

        Raises:
            BaseException: what a coroutine raised, one per call, after the results that were there before it.
        """
        if self.failures:
            raise self.failures.popleft()
        if not self.under_way:
            return []
        try:
            batch = [self.ended.get(timeout=patience)]
        except queue.Empty:
            return []
        while not self.ended.empty():  # nobody else takes from it
            batch.append(self.ended.get())
        self.under_way -= len(batch)
        results = []
        for name, future in batch:
            error = future.exception()
            if error is None:
                results.append((name, future.result()))
            else:
                self.failures.append(error)
        if not results:
            raise self.failures.popleft()
        return results

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Drop what is under way, run `last` in the loop and end the thread. A second call does nothing."""
        if self.loop.is_closed():
            return
        self.call(_cancel_others())
        self.call(last())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.under_way = 0
        self.failures.clear()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

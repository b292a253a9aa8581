"""Problems and an engine → the same problems with their judged draws; used by all stages that sample."""

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from tqdm import tqdm

from limo.generation.engines.protocol import Engine, RequestError
from limo.generation.in_flight import InFlight, ProblemDraws

_PATIENCE = 0.05  # seconds that the engine may run on before a verdict is looked at


def run(
    problems: Iterable[ProblemDraws], total: int, open_engine: Callable[[], Engine], work: InFlight
) -> Iterator[ProblemDraws]:
    """Draw answers for every problem, in order, until its task's `settled(judged prefix)` or its draws are used up;
    yield each problem as it ends.

    Answers already stored are used and never asked for again; a new one is stored the moment it ends. At most the
    task's `lookahead` draws of a problem beyond its judged prefix are under way at once: those drawn beyond the
    stopping point stay in the store and change nothing. Verdicts are reached beside the engine, which never waits for
    one: so many problems are under way that it has twice the requests it can run. `open_engine` is called only when
    something must be drawn. Memory is that of the problems under way.

    Args:
        problems: those to draw for; the next one is taken when there is room for it.
        total: how many there are, for the progress bar.
        open_engine: loads the model.
        work: takes the problems up; nothing is under way in it yet.

    Raises:
        WasteError: more answers are cut, or hold no answer, than the limits allow.
        RequestError: the engine gave up a request; those beside it were awaited and are stored.
        EngineError: it gave up; what had ended is stored.
    """
    label = work.task.stage
    waiting = iter(problems)
    engine: Engine | None = None
    more = True
    started = perf_counter()
    bar: tqdm[Any] = tqdm(total=total, desc=label, unit="problem", mininterval=2, disable=None)
    try:
        while more or work.active:
            while more and not work.is_full(engine):
                if (problem := next(waiting, None)) is None:
                    more = False
                else:
                    work.begin(problem)
                    yield from _ended(work, bar)
            if work.names:
                if engine is None:
                    engine, started = open_engine(), perf_counter()
                    continue  # now that its capacity is known
                engine.submit(work.take())
                patience = _PATIENCE if work.judging else None
                try:
                    arrived = engine.finished(patience)
                except RequestError:
                    _save_others(engine, work)
                    raise
                if not arrived and patience is None:
                    raise RuntimeError(
                        f"{label}: the engine has lost {len(work.names)} requests, {min(work.names)} first"
                    )
                work.arrived(arrived)
                work.tally.seconds = perf_counter() - started
            elif work.judging:
                work.wait()
            yield from _ended(work, bar)
    finally:
        bar.close()
        if engine is not None:
            engine.close()


def _save_others(engine: Engine, work: InFlight) -> None:
    """Store what the requests beside a failed one have cost already, to their end."""
    while True:
        try:
            arrived = engine.finished()
        except RequestError:
            continue
        if not arrived:
            return
        work.arrived(arrived)


def _ended(work: InFlight, bar: "tqdm[Any]") -> Iterator[ProblemDraws]:
    for problem in work.settle():
        bar.update()
        yield problem
    counts = work.tally.counts()
    shown: dict[str, Any] = {name: counts[name] for name in ("drawn", "stored", "tokens", "tokens_per_second", "cut")}
    if money := work.tally.money():
        shown |= {"money": f"{money:.2f}", "to_come": f"{money / max(1, bar.n) * ((bar.total or 0) - bar.n):.2f}"}
    bar.set_postfix({"running": len(work.names), **shown, "correct": counts.get("correct", 0)}, refresh=False)

"""Requests → answers of the engines that actors of a Ray cluster hold; opened by `engines.choose`."""

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from limo import params
from limo.base.cluster import connect
from limo.generation.engines import single
from limo.generation.engines.protocol import EngineError, RequestError
from limo.store.request import Completion, Request

log = logging.getLogger("limo.ray")

_SLICE = 0.5  # seconds after which an actor takes new requests, although none of its own has ended
_ROOM_S = 300.0  # seconds that a cluster has to grow a node with the devices that are asked for
_LOOK_S = 5.0
_LOSSES = 10  # actors that may be lost one after the other while not one answer comes back


def numerics(settings: params.RayEngine) -> str:
    """See `choose.numerics`: those of the engine that the actors hold, asked where it will run.

    Raises:
        ConnectionError: there is no such cluster.
        ValueError: none of its nodes has the devices of a copy, or gets them within _ROOM_S seconds.
    """
    import ray  # noqa: PLC0415 - an extra

    connect(settings.address)
    _await_node(settings)
    there = ray.remote(single.numerics).options(num_cpus=settings.cpus, num_gpus=settings.gpus)
    return str(ray.get(there.remote(settings.holds)))


def _await_node(settings: params.RayEngine) -> None:
    """Wait until a node of the cluster could hold a copy, were it idle: a task that fits none waits without a word."""
    import ray  # noqa: PLC0415 - an extra

    wanted = {"CPU": settings.cpus, "GPU": settings.gpus}
    until, told = perf_counter() + _ROOM_S, False
    while True:
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        if any(all(node.get(name, 0.0) >= count for name, count in wanted.items()) for node in nodes):
            return
        there = ", ".join(sorted(f"{node.get('CPU', 0):g} CPUs and {node.get('GPU', 0):g} GPUs" for node in nodes))
        lack = f"no node of the cluster has {settings.cpus:g} CPUs and {settings.gpus:g} GPUs; they have {there}"
        if perf_counter() >= until:
            raise ValueError(f"{lack}: set engines.*.cpus and gpus to what one node has, or add such a node")
        if not told:
            log.warning("%s; waiting up to %.0f s for one", lack, _ROOM_S)
        told = True
        sleep(_LOOK_S)


class Held:
    """An engine inside an actor."""

    def __init__(self, folder: str, settings: params.RayEngine):
        self.unit = single.numerics(settings.holds)
        self.engine = single.open_engine(folder, settings.holds)

    def opened(self) -> tuple[int, str]:
        """Requests that run side by side, and what decides their bits."""
        return self.engine.capacity, self.unit

    def exchange(
        self, requests: list[tuple[str, Request]], patience: float
    ) -> tuple[list[tuple[str, Completion]], list[tuple[str, str]]]:
        """Queue requests, and run until one has ended or for `patience` seconds: answers, and what was given up."""
        self.engine.submit(requests)
        try:
            return self.engine.finished(patience), []
        except RequestError as error:
            return [], [(error.name, error.text)]


@dataclass
class Place:
    """One actor: what it was given and has not brought back, and the call that it is busy with."""

    actor: Any
    call: Any
    capacity: int = 0  # 0 until its engine is open
    held: dict[str, Request] = field(default_factory=dict)


class RaySampler:
    """Samples on `actors` copies of another engine across a Ray cluster.

    Each actor is given twice what it can run, so that none waits. When an actor or its node dies, what it had not
    brought back goes to the others, and a new actor starts as soon as the cluster has room for one.
    """

    def __init__(self, folder: str | Path, settings: params.RayEngine):
        """Start the actors and wait for the first engine.

        Raises:
            ConnectionError: there is no such cluster.
            ValueError: the cluster's devices are of several kinds or too few, or the engine refuses its settings.
        """
        import ray  # noqa: PLC0415 - an extra

        self.ray = ray
        self.unit = numerics(settings)
        self.folder, self.settings = str(Path(folder).resolve()), settings
        self.waiting: deque[tuple[str, Request]] = deque()
        self.refused: deque[tuple[str, str]] = deque()
        self.losses = 0
        options = {"num_cpus": settings.cpus, "num_gpus": settings.gpus, "scheduling_strategy": "SPREAD"}
        self.actors: Any = ray.remote(Held).options(**options)
        self.places = [self._start() for _ in range(settings.actors)]
        while not any(place.capacity for place in self.places):
            self._wait(None)
        self.capacity = settings.actors * max(place.capacity for place in self.places)

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's; the engines check them when they get them."""
        self.waiting.extend(requests)

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """See `Engine`."""
        if self.refused:
            raise RequestError(*self.refused.popleft())
        until = None if patience is None else perf_counter() + patience
        done: list[tuple[str, Completion]] = []
        while not done and not self.refused and (self.waiting or any(place.held for place in self.places)):
            self._hand_out()
            left = None if until is None else max(0.0, until - perf_counter())
            done = self._wait(left)
            if left == 0.0:
                break
        if self.refused and not done:
            raise RequestError(*self.refused.popleft())
        return done

    def close(self) -> None:
        """End the actors; requests under way are dropped."""
        for place in self.places:
            self.ray.kill(place.actor)
        self.places = []

    def _start(self) -> Place:
        actor = self.actors.remote(self.folder, self.settings)
        return Place(actor, actor.opened.remote())

    def _hand_out(self) -> None:
        """Give every idle actor its share of what waits, and let those with work go on."""
        for place in self.places:
            if place.call is not None:
                continue
            room = 2 * place.capacity - len(place.held)
            given = [self.waiting.popleft() for _ in range(min(room, len(self.waiting)))]
            place.held.update(given)
            if place.held:
                place.call = place.actor.exchange.remote(given, _SLICE)

    def _wait(self, seconds: float | None) -> list[tuple[str, Completion]]:
        """Wait until an actor has something to say, and return the answers that it brings."""
        busy = {place.call: place for place in self.places if place.call is not None}
        ready, _ = self.ray.wait(list(busy), timeout=seconds)
        done: list[tuple[str, Completion]] = []
        for call in ready:
            place = busy[call]
            place.call = None
            try:
                said = self.ray.get(call)
            except self.ray.exceptions.RayActorError as death:
                self._replace(place, death)
                continue
            if not place.capacity:
                place.capacity = self._opened(*said)
                continue
            answers, refused = said
            for name, _ in [*answers, *refused]:
                del place.held[name]
            done += answers
            self.refused += refused
        self.losses = 0 if done else self.losses
        return done

    def _opened(self, capacity: int, unit: str) -> int:
        if unit != self.unit:
            raise ValueError(
                f"the cluster's devices differ ({unit} beside {self.unit}), so answers would depend on where they are "
                "drawn: give engines.*.address a cluster of one kind"
            )
        return capacity

    def _replace(self, place: Place, death: Exception) -> None:
        self.losses += 1
        if self.losses > _LOSSES:
            raise EngineError(
                f"{self.losses} Ray actors died one after the other without an answer, the last one so: {death}. "
                "Finished answers are stored: see the cluster's log, then start the stage again"
            ) from death
        log.warning("a Ray actor died; its %d requests go to others: %s", len(place.held), str(death).split("\n")[0])
        self.waiting.extendleft(reversed(place.held.items()))
        self.places[self.places.index(place)] = self._start()

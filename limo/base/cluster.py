"""A function and its items → results in order, on a Ray cluster; used by pool, and by stages that sample with Ray."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

Function = Callable[..., Any]


def runner(address: str, waiting: int = 64) -> Callable[[Function, Sequence[Any]], Iterator[Any]]:
    """Run a function on many items on a Ray cluster: returns what takes both and yields the results in order.

    It must be a function of a module, with paths that every node can reach; a lost one is started again by Ray.

    Args:
        address: of the cluster, such as `auto` or `ray://HOST:PORT`.
        waiting: tasks that are under way at once.

    Raises:
        ConnectionError: there is no such cluster.
    """
    import ray  # noqa: PLC0415  (an extra)

    connect(address)
    remote = ray.remote(max_retries=3, scheduling_strategy="SPREAD")(_apply)

    def run(function: Function, items: Sequence[Any]) -> Iterator[Any]:
        rest = iter(items)
        under_way = [remote.remote(function, item) for item in islice(rest, waiting)]
        while under_way:
            yield ray.get(under_way.pop(0))
            under_way += [remote.remote(function, item) for item in islice(rest, 1)]

    return run


def connect(address: str) -> None:
    """Join the Ray cluster at `address`, unless one is joined already.

    Raises:
        ConnectionError: there is no such cluster.
    """
    import ray  # noqa: PLC0415

    if not ray.is_initialized():
        ray.init(address=address, log_to_driver=False)


def _apply(function: Function, item: Any) -> Any:
    return function(item)

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from limo.base import numerics

# As the stages of the default do, and like them before torch computes.
numerics.settle("portable")

# `make test` tries the same examples every time, so that a green suite stays green; `make test-slow` seeks new ones,
# and more of them.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("search", print_blob=True, deadline=None, max_examples=600)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Any]:
    """A Ray cluster of two nodes with one processor each, which every process here joins."""
    cluster_utils = pytest.importorskip("ray.cluster_utils", reason="Ray is an extra")
    import ray

    before = signal.getsignal(signal.SIGTERM)  # Ray puts its own in place and leaves it there
    nodes = None
    try:
        nodes = _patiently(lambda: cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1}))
        _patiently(lambda: nodes.add_node(num_cpus=1))
        yield nodes
    finally:
        ray.shutdown()
        if nodes is not None:
            nodes.shutdown()
        signal.signal(signal.SIGTERM, before)


def _patiently(start: Callable[[], Any]) -> Any:
    """Ray gives a node half a minute to start, which a busy machine may not have: asked up to five times."""
    for _ in range(4):
        try:
            return start()
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    return start()

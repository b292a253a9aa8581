"""An empty folder for the time of a block; used by acquire, pool and the stages that sample."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder that goes with the block, in .limo/scratch: where every node of a cluster that shares the
    project's folder reaches it, and never within an out."""
    parent = Path(".limo/scratch")
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder).resolve()

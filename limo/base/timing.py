"""A stage's block → its seconds, memory and counts in .limo/timings; used by all stages."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(".limo/timings")


@contextmanager
def record(stage: str) -> Iterator[dict[str, Any]]:
    """Time a stage and print its counts; the block adds them to the mapping it is given.

    Writes .limo/timings/STAGE.json: `seconds` (wall), `peak_gib` (this process and its largest child) and the
    counts. Git ignores it and it is no DVC out, since a clock would be a change after every run. A block without counts
    made nothing itself, as one that helps another node: it leaves the file to the one that did.
    """
    counts: dict[str, Any] = {}
    start = time.perf_counter()
    yield counts
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    line = " · ".join([*(f"{name} {value}" for name, value in counts.items()), f"{seconds:.1f} s"])
    print(f"{stage}: {line}", flush=True)
    if not counts:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    record = {"seconds": round(seconds, 1), "peak_gib": round(peak / 2**20, 2), **counts}
    (FOLDER / f"{stage.replace('@', '_')}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")

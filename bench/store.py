"""Answers a second into and out of the generation store, its size, and how long it takes to open and to be rebuilt.

Usage: python bench/store.py [--records 1000000] [--tokens 150] [--folder FOLDER]

Texts are chains of arithmetic steps of about --tokens words and numbers, no two alike. All answers are put one by one,
then all are got one by one in another order by a fresh process; then the store is opened with its index, and without.
The last line is JSON; peak_gib is the largest of the four processes.
"""

import hashlib
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import click

from limo.store import segments
from limo.store.request import Completion
from limo.store.store import Store

STEPS = (
    "First we add {a} and {b} to get {c}.",
    "So the total number of apples is {a} + {b} = {c}.",
    "Wait, let me check that: {c} - {b} = {a}, which is right.",
    "Since {a} is less than {c}, the difference is {b}.",
    "Therefore each of the {a} boxes holds {b} marbles, and {c} are left over.",
    "Hmm, if x = {a}, then the sum of both sides is {c}.",
)
STRIDE = 7_368_787  # a prime: the order of reading


def key(i: int) -> str:
    return hashlib.sha256(str(i).encode()).hexdigest()


def text(i: int, tokens: int) -> str:
    chance = random.Random(i)
    said: list[str] = []
    words = 0
    while words < tokens:
        a, b = chance.randrange(2, 1000), chance.randrange(2, 1000)
        said.append(chance.choice(STEPS).format(a=a, b=b, c=a + b))
        words += said[-1].count(" ") + 1
    return " ".join(said)


def write(path: Path, records: int, tokens: int) -> float:
    """Seconds to put all, without making the texts."""
    store, spent = Store(path), 0.0
    for first in range(0, records, 1000):
        batch = [(key(i), Completion(text(i, tokens), tokens, "eos")) for i in range(first, min(first + 1000, records))]
        start = time.perf_counter()
        for name, completion in batch:
            store.put(name, completion)
        spent += time.perf_counter() - start
    start = time.perf_counter()
    store.close()
    return spent + time.perf_counter() - start


def read(path: Path, records: int, tokens: int) -> float:
    """Seconds to get all in another order, without making the keys."""
    store, spent = Store(path), 0.0
    for first in range(0, records, 1000):
        keys = [key(i * STRIDE % records) for i in range(first, min(first + 1000, records))]
        start = time.perf_counter()
        for name in keys:
            assert store.get([name])[name].tokens == tokens
        spent += time.perf_counter() - start
    return spent


def reopen(path: Path, _: int, tokens: int) -> float:
    start = time.perf_counter()
    assert Store(path).get([key(0)])[key(0)].tokens == tokens
    return time.perf_counter() - start


def rebuild(path: Path, records: int, _: int) -> float:
    (path / "index.sqlite").unlink()
    start = time.perf_counter()
    store = Store(path)
    spent = time.perf_counter() - start
    assert len(store) == records
    return spent


def _measured(work: Callable[[Path, int, int], float], told: "Queue[Any]", *arguments: Any) -> None:
    spent = work(*arguments)
    told.put((spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20))


@click.command()
@click.option("--records", default=1_000_000, show_default=True)
@click.option("--tokens", default=150, show_default=True)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the store is made and removed.")
def main(records: int, tokens: int, folder: Path | None) -> None:
    if records % STRIDE == 0:
        raise click.BadParameter(f"give no multiple of {STRIDE}", param_hint="--records")
    context = multiprocessing.get_context("spawn")
    seconds: dict[str, float] = {}
    peaks = []
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "store"
        for work in (write, read, reopen, rebuild):
            told = context.Queue()
            process = context.Process(target=_measured, args=(work, told, path, records, tokens))
            process.start()
            spent, peak = told.get()
            process.join()
            seconds[work.__name__] = spent
            peaks.append(peak)
            rate = "" if work is reopen else f"{records / spent:,.0f} records/s"
            click.echo(f"{work.__name__:8} {spent:9.3f} s  {rate:20} {peak:6.3f} GiB")
        held = sum(segments.size(path, number) for number in segments.numbers(path))
        index = (path / "index.sqlite").stat().st_size
    click.echo(f"{'size':8} {held / records:9.1f} bytes a record in segments, {index / records:.1f} in the index")
    figures = {
        "records": records,
        "tokens": tokens,
        "write_per_second": round(records / seconds["write"]),
        "read_per_second": round(records / seconds["read"]),
        "bytes_per_record": round((held + index) / records, 1),
        "peak_gib": round(max(peaks), 3),
        "reopen_seconds": round(seconds["reopen"], 4),
        "rebuild_seconds": round(seconds["rebuild"], 2),
    }
    click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()

"""Seconds and memory of the sharded pool at several sizes, in one run.

Usage: python bench/pool.py FOLDER --rows 150000 --rows 300000 [--shards 16] [--workers 2]

FOLDER holds .jsonl.zst files with rows that have `problem`. Rows beyond the first copy are deterministic edits: copy k
adds k to the last number of each problem, and an odd one changes the places of two neighbouring words, another pair in
each: so they are other problems, of the same templates or of similar ones. Each size is a process of its own. The last
line is JSON: seconds by the clock and of processors, and GiB at the peak, by size.
"""

import json
import multiprocessing
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import polars as pl
from problems import problems

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.problems import shards

LAST = re.compile(r"\d{1,6}(?=\D*$)")
WORD = re.compile(r"(?<=\s)([a-z]{2,})(\s+)([a-z]{2,})(?=\s)")
FILE = 100_000  # rows of one source file


def edit(text: str, copy: int) -> str:
    """Another problem for each copy but 0."""
    if copy % 2:
        pairs = list(WORD.finditer(text))
        if pairs:
            pair = pairs[copy // 2 % len(pairs)]
            text = text[: pair.start()] + pair[3] + pair[2] + pair[1] + text[pair.end() :]
    return LAST.sub(lambda match: str(int(match[0]) + copy), text) if copy else text


def edited(folder: Path) -> Iterator[dict[str, object]]:
    """SOURCE rows without end."""
    copy = 0
    while True:
        for number, text in enumerate(problems(folder)):
            question = edit(text, copy)
            row = dict.fromkeys(schemas.SOURCE.names()) | {"id": "", "question": question, "answer": str(copy)}
            row |= {"solutions": [], "source": "s", "source_id": f"{copy}-{number}", "source_revision": "r"}
            yield row | {"licence": "none", "rejected": None if question.strip() else "empty question"}
        copy += 1


def build(folder: Path, rows: int, p: params.Pool, told: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    """Write the rows, build the pool of them, and tell the seconds and GiB of the build."""
    with tempfile.TemporaryDirectory() as work:
        stream = islice(edited(folder), rows)
        sources = []
        while batch := list(islice(stream, FILE)):
            sources.append(Path(work) / f"{len(sources)}.parquet")
            tables.frame(batch, schemas.SOURCE).write_parquet(sources[-1])
        guard = pl.DataFrame(schema=schemas.BENCHMARK)
        (Path(work) / "spill").mkdir()
        started, used = time.perf_counter(), time.process_time()
        outs = Path(work) / "pool.parquet", Path(work) / "rejected.parquet"
        counts = shards.build(sources, guard, p, Path(work) / "spill", shards.here, outs)
        seconds, used = time.perf_counter() - started, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        size = {"rows": rows, "kept": counts["kept"], "seconds": round(seconds, 1), "processor_seconds": round(used, 1)}
        told.put(size | {"processor_us_a_row": round(used / rows * 1e6, 1), "peak_gib": round(peak, 2)})


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rows", multiple=True, type=int, required=True)
@click.option("--shards", "count", default=16, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(folder: Path, rows: tuple[int, ...], count: int, workers: int) -> None:
    p = params.load("params.yaml").pool
    p = p.model_copy(update={"shards": count, "workers": workers, "source_rank": ["s"]})
    context = multiprocessing.get_context("spawn")
    sizes = []
    for size in rows:
        told = context.Queue()
        process = context.Process(target=build, args=(folder, size, p, told))
        process.start()
        sizes.append(told.get())
        process.join()
        click.echo(json.dumps(sizes[-1]))
    click.echo(json.dumps({"sizes": sizes}))


if __name__ == "__main__":
    main()

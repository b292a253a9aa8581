"""What measuring chains costs beside checking their answers, and the memory that a table of many chains takes.

Usage: python bench/quality.py FOLDER [--chains 100000 --characters 600]

FOLDER holds .jsonl.zst files of responses with labels, as for bench/answers.py. All of them are checked and measured in
one process, in processor seconds. Then tables of a quarter of `--chains` and of all, made of pieces of these, are
measured by the stage's own function in a process each, whose peak is printed.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import polars as pl

from bench.answers import cases
from limo import params
from limo.answers.verify import Case, verify_many
from limo.base import tables
from limo.graph.schemas import CHECKED
from limo.quality import table

ANSWERS = params.Answers(extraction="flexible", workers=1, timeout_s=10.0, memory_mb=2048)
SLICE = 10_000  # rows of the made table in memory


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--chains", default=100_000, show_default=True)
@click.option("--characters", default=600, show_default=True, help="Of each made chain.")
def main(folder: Path, chains: int, characters: int) -> None:
    """Time check and measure over the folder, and measure made tables."""
    rows = cases(folder)
    size = sum(len(row["response"]) for row in rows)
    began = _seconds()
    verdicts = verify_many(
        [Case(row["gold"], response=row["response"], question=row["question"]) for row in rows], ANSWERS
    )
    checked = _seconds() - began
    began = _seconds()
    for row, judged in zip(rows, verdicts, strict=True):
        table.one((row["response"], row["question"], judged.extracted, "strip"))
    measured = _seconds() - began
    said = {"chains": len(rows), "characters": size, "check_s": round(checked, 1), "measure_s": round(measured, 1)}
    said |= {"chains_per_second": round(len(rows) / measured), "megabytes_per_second": round(size / measured / 1e6, 2)}
    print(json.dumps(said), flush=True)
    pieces = "\n".join(row["response"] for row in rows[:500])
    for count in (chains // 4, chains):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "checked.parquet"
            _made(path, pieces, count, characters)
            code = f"from bench.quality import peak; peak({str(path)!r})"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            print(
                json.dumps({"chains": count, "file_mb": path.stat().st_size >> 20, **json.loads(done.stdout)}),
                flush=True,
            )


def peak(path: str) -> None:
    """Measure a made table as the stage does and print seconds, peak memory and what the imports alone took."""
    before = _peak_mb()
    pool = pl.DataFrame({"id": ["p"], "question": ["What is it?"]})
    began = _seconds()
    rows = table.measured(Path(path), pool, "strip", 1)
    said = {"rows": rows.height, "s": round(_seconds() - began, 1), "peak_mb": _peak_mb(), "start_mb": before}
    print(json.dumps(said))


def _peak_mb() -> int:
    """Of this process; `ru_maxrss` would be that of the one that started it, where that was larger."""
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.partition("VmHWM:")[2].split()[0]) >> 10


def _made(path: Path, pieces: str, count: int, characters: int) -> None:
    """A CHECKED table, written a slice at a time."""
    parts = []
    for start in range(0, count, SLICE):
        made = [
            {
                **dict.fromkeys(CHECKED),
                "chain_id": f"{number:016x}",
                "id": "p",
                "chain": pieces[(begin := number * 997 % (len(pieces) - characters)) : begin + characters],
            }
            for number in range(start, min(count, start + SLICE))
        ]
        part = path.with_name(f"{start}.parquet")
        tables.write(tables.frame(made, CHECKED), part, CHECKED, ["chain_id"])
        parts.append(part)
    pl.scan_parquet(parts).sink_parquet(path)


def _seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()

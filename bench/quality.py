"""What measuring chains costs beside checking their answers, and the memory that the stages on many chains take.

Usage: python -m bench.quality FOLDER [--chains 100000 --characters 600]

FOLDER holds .jsonl.zst files of responses with labels, as for bench/answers.py. All of them are checked and measured in
one process, in processor seconds. Then tables of a quarter of `--chains` and of all, made of pieces of these, go
through what check, measure, score and tiers call, in a process each, whose seconds and peak are printed. Tokens are
words here.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import click
import polars as pl

from bench.answers import cases
from limo import params
from limo.answers.verify import Case, verify_many
from limo.base import parts, tables
from limo.chains import check, tiers
from limo.graph.schemas import CHAIN, CHECKED, MEASURED, SCORED, TIERS
from limo.quality import score, table, votes

ANSWERS = params.Answers(extraction="flexible", workers=1, timeout_s=10.0, memory_mb=2048)
SLICE = 2_000  # rows of the made table in memory
PART = 512  # as in the stages
ROOT = Path(__file__).resolve().parents[1]


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
            _made(Path(scratch) / "chains.parquet", pieces, count, characters)
            for step in STEPS:
                code = f"from bench.quality import peak; peak({step!r}, {count})"
                environment = {**os.environ, "PYTHONPATH": str(ROOT)}
                done = subprocess.run(
                    [sys.executable, "-c", code],
                    capture_output=True,
                    text=True,
                    check=True,
                    cwd=scratch,
                    env=environment,
                )
                print(json.dumps({"step": step, "chains": count, **json.loads(done.stdout)}), flush=True)


def peak(step: str, count: int) -> None:
    """Do one step as its stage does and print seconds, peak memory and what the imports alone took."""
    before, began = _peak_mb(), _seconds()
    STEPS[step](count)
    seconds = _seconds() - began
    written = Path(f"{step}.parquet").stat().st_size >> 20
    said = {"s": round(seconds, 1), "peak_mb": _peak_mb(), "start_mb": before, "file_mb": written}
    print(json.dumps(said))


def _pool(count: int) -> pl.DataFrame:
    """The problems of the made chains, four chains each."""
    ids = [f"p{number}" for number in range(count // 4 + 1)]
    return pl.DataFrame({"id": ids, "question": "What is it?", "answer": "7", "rejected": None})


def _check(count: int) -> None:
    made = parts.read("chains.parquet", CHAIN, check.PART, None)
    parts.write(check.merged([made], _pool(count), ANSWERS), "check.parquet", CHECKED, "chain_id")


def _measure(count: int) -> None:
    tables.write(
        table.measured(Path("check.parquet"), _pool(count), "strip", 1), "measure.parquet", MEASURED, ["chain_id"]
    )


def _score(_: int) -> None:
    measured = tables.read("measure.parquet", MEASURED)
    scored = score.score(
        lambda: parts.read("check.parquet", CHECKED, PART, None),
        *(measured, votes.votes([]), params.load(ROOT / "params.yaml").score, "strip", _words),
    )
    parts.write(scored, "score.parquet", SCORED, "chain_id")


def _tiers(count: int) -> None:
    p = params.load(ROOT / "params.yaml")
    found = tiers.tier(partial(parts.read, "score.parquet", SCORED, PART), _pool(count), p.tiers, p.gates)
    parts.write(found, "tiers.parquet", TIERS, "chain_id")


def _words(texts: list[str], *, add_special_tokens: bool) -> dict[str, list[list[str]]]:
    assert not add_special_tokens
    return {"input_ids": [text.split() for text in texts]}


def _peak_mb() -> int:
    """Of this process; `ru_maxrss` would be that of the one that started it, where that was larger."""
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.partition("VmHWM:")[2].split()[0]) >> 10


def _made(path: Path, pieces: str, count: int, characters: int) -> None:
    """A CHAIN table, written a slice at a time; the chains of a problem are taken from places far apart."""
    made = []
    for start in range(0, count, SLICE):
        rows = [
            {
                **dict.fromkeys(CHAIN),
                "chain_id": f"{number:016x}",
                "id": f"p{number % (count // 4)}",
                "chain": pieces[(begin := number * 997 % (len(pieces) - characters)) : begin + characters]
                + "\n\\boxed{7}",
            }
            for number in range(start, min(count, start + SLICE))
        ]
        made.append(path.with_name(f"{start:09}.parquet"))
        tables.write(tables.frame(rows, CHAIN), made[-1], CHAIN, ["chain_id"])
    tables.sink(pl.scan_parquet(made), path, CHAIN)
    for part in made:
        part.unlink()


def _seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


STEPS = {"check": _check, "measure": _measure, "score": _score, "tiers": _tiers}


if __name__ == "__main__":
    main()

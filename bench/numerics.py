"""What portable numerics cost beside native ones, and whether bytes stay the same under load; CPU, Linux.

Usage: python bench/numerics.py cost [--pairs 5]
       python bench/numerics.py steady [--runs 10]

Run it in the root of a project whose graph has run. Both work in a temporary folder on a few of its problems and
examples, with its params.yaml but fewer tokens and steps, and change nothing.

cost: pairs of processes, native and portable in turn. Sampling is the engine of `screen` alone, from the first request
on; training is the stage's command, whose clock starts with the first step. Ratios are those of tokens a second of
processor time, which other work on the machine disturbs least: the median of the pairs, with the least and the most.

steady: runs of `stages.screen` with an empty store and of `stages.train`, each held on one core or all, with up to two
busy loops on the same cores and another OMP_NUM_THREADS, drawn from the number of the run. The hashes of all outs have
to be those of the first run, else the exit code is 1. The last line of both is JSON.
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import click
import polars as pl
import psutil
import yaml

from limo.base.numerics import PORTABLE

ROOT = Path(__file__).parents[1]
MODES = ("native", "portable")
PROBLEMS, TOKENS, EXAMPLES = 24, 16, 8
STAGES = {"sampling": ["stages.screen"], "training": ["stages.train", "limo"]}
OUTS = {"sampling": ("data/screen*.parquet",), "training": ("models/limo/**/*.*", "data/training/limo.json")}
BUSY = "import os; os.nice(5)\nwhile True: pass"  # what runs is disturbed and not starved


def world(folder: Path, numerics: str) -> Path:
    """A project in `folder`: some rows of pool, limo and validation, the base models, and smaller settings."""
    settings = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    settings["engines"][settings["screen"]["engine"]]["numerics"] = numerics
    settings["screen"]["sampling"]["max_tokens"] = TOKENS
    settings["train"] |= {"numerics": numerics, "epochs": 1, "save_steps": 1}
    folder.mkdir()
    (folder / "params.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    (folder / "data").mkdir()
    asked = pl.col("source").is_in(settings["screen"]["sources"])
    pl.read_parquet("data/pool.parquet").filter(asked).head(PROBLEMS).write_parquet(folder / "data/pool.parquet")
    for name, count in (("limo", EXAMPLES), ("validation", 2)):
        pl.read_parquet(f"data/{name}.parquet").head(count).write_parquet(folder / f"data/{name}.parquet")
    (folder / "models").mkdir()
    (folder / "models/base").symlink_to(Path("models/base").resolve())
    return folder


def start(folder: Path, command: list[str], **variables: str) -> subprocess.Popen[str]:
    """A process of its own in that project, with none of the caps of this one and a store of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in PORTABLE}
    environment = kept | {"PYTHONPATH": str(ROOT), "LIMO_STORE": str(folder / "store"), **variables}
    log = (folder / "log").open("w")
    command = [sys.executable, *command]
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=log)


def output(folder: Path, process: subprocess.Popen[str]) -> str:
    """What the process printed, once it has ended well."""
    printed = process.communicate()[0]
    if process.returncode:
        raise click.ClickException(f"{process.args} failed:\n{printed}\n{(folder / 'log').read_text()[-3000:]}")
    return printed


def sample() -> dict[str, float]:
    """Tokens and seconds of the engine of `screen` in this folder, without the loading of the model."""
    from invariance import answers

    from limo import params
    from limo.generation.engines.choose import open_engine
    from limo.models import load
    from limo.params import AskedRater
    from limo.store.request import Request

    p = params.load()
    screen = p.screen
    assert isinstance(screen, AskedRater)
    tokenizer = load.load_tokenizer(screen.path)
    requests = {}
    for row in pl.read_parquet("data/pool.parquet").iter_rows(named=True):
        turns = load.turns(screen.system, row["question"])
        ids = tuple(load.prompt_ids(tokenizer, turns))
        requests |= {f"{row['id']} {draw}": Request(ids, turns, screen.sampling, draw) for draw in range(screen.draws)}
    engine = open_engine(screen.path, p.engines[screen.engine])
    begun, busy = time.perf_counter(), time.process_time()
    tokens = sum(completion.tokens for completion in answers(engine, requests).values())
    return {"tokens": tokens, "cpu_seconds": time.process_time() - busy, "seconds": time.perf_counter() - begun}


def speed(folder: Path, kind: str) -> float:
    """Tokens a second of processor time of one sampling or training."""
    if kind == "sampling":
        printed = output(folder, start(folder, [str(Path(__file__).resolve()), "sample-once"]))
        done = json.loads(printed.splitlines()[-1])
        return float(done["tokens"] / done["cpu_seconds"])
    output(folder, start(folder, ["-m", *STAGES[kind]]))
    record = json.loads((folder / "data/training/limo.json").read_text(encoding="utf-8"))
    timing = json.loads((folder / ".limo/timings/train_limo.json").read_text(encoding="utf-8"))
    return float(record["tokens"] / timing["cpu_seconds"])


@contextmanager
def load_on(cores: list[int], loops: int) -> Iterator[None]:
    """Busy loops on these cores while the block runs."""
    running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(loops)]
    try:
        for process in running:
            psutil.Process(process.pid).cpu_affinity(cores)
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def hashes(folder: Path, kind: str) -> dict[str, str]:
    """The outs of a stage by their paths."""
    files = sorted(file for pattern in OUTS[kind] for file in folder.glob(pattern))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def disturbed(folder: Path, kind: str, number: int) -> dict[str, str]:
    """The outs of one run under the load that belongs to its number."""
    draw = random.Random(f"{kind} {number}")
    cores = sorted(os.sched_getaffinity(0))
    cores = draw.choice([cores, [draw.choice(cores)]])
    loops, threads = draw.randint(0, 2), draw.choice("124")
    begun = time.perf_counter()
    with load_on(cores, loops):
        process = start(folder, ["-m", *STAGES[kind]], OMP_NUM_THREADS=threads)
        psutil.Process(process.pid).cpu_affinity(cores)
        output(folder, process)
    made = hashes(folder, kind)
    whole = hashlib.sha256(json.dumps(made).encode()).hexdigest()[:8]
    seconds = time.perf_counter() - begun
    click.echo(
        f"{kind} {number}: cores {cores}, loops {loops}, OMP {threads}: {len(made)} outs {whole}, {seconds:.0f} s"
    )
    return made


@click.group()
def main() -> None:
    """Portable numerics, beside native ones and under load."""


@main.command()
def sample_once() -> None:
    """One sampling in this folder; `cost` calls it."""
    click.echo(json.dumps(sample()))


@main.command()
@click.option("--pairs", default=5, show_default=True)
def cost(pairs: int) -> None:
    """The ratio of portable to native, sampling and training apart."""
    ratios: dict[str, list[float]] = {kind: [] for kind in STAGES}
    for number in range(pairs):
        for kind, found in ratios.items():
            with tempfile.TemporaryDirectory() as made:
                # Turn about, so that a load that grows or falls favours neither.
                order = MODES if number % 2 else MODES[::-1]
                speeds = {mode: speed(world(Path(made) / mode, mode), kind) for mode in order}
            found.append(speeds["portable"] / speeds["native"])
            click.echo(f"{kind} {number}: " + ", ".join(f"{mode} {speeds[mode]:.1f}" for mode in MODES))
    line = {kind: {"median": median(found), "least": min(found), "most": max(found)} for kind, found in ratios.items()}
    click.echo(json.dumps({kind: {name: round(value, 3) for name, value in row.items()} for kind, row in line.items()}))


@main.command()
@click.option("--runs", default=10, show_default=True)
def steady(runs: int) -> None:
    """Whether runs under load leave the same bytes."""
    differ: dict[str, list[int]] = {}
    for kind in STAGES:
        made = []
        for number in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                made.append(disturbed(world(Path(folder) / "world", "portable"), kind, number))
        differ[kind] = [number for number, outs in enumerate(made) if outs != made[0] or not outs]
    click.echo(json.dumps({"runs": runs, "differ": differ}))
    sys.exit(any(differ.values()))


if __name__ == "__main__":
    main()

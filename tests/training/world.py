import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

from limo import params
from limo.base import tables
from limo.graph import schemas
from limo.training import launch
from limo.training.job import job_of
from tests import tiny_model

VALUES: dict[str, Any] = {
    "device": "cpu",
    "dtype": "float32",
    "attention": "sdpa",
    "processes": 1,
    "nodes": 1,
    "rendezvous": None,
    "rendezvous_timeout_s": 60,
    "restarts": 0,
    "threads": 1,
    "numerics": "portable",
    "epochs": 2,
    "batch_size": 4,
    "loss": "token",
    "tokens_per_pass": 256,
    "cost_quadratic": 1e-3,
    "max_length": 256,
    "overlength": "refuse",
    "thought": None,
    "learning_rate": 1e-3,
    "min_learning_rate": 1e-5,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "weight_decay": 0.01,
    "max_grad_norm": 1.0,
    "fused_loss": "chunks",
    "loss_chunk": 16,
    "activation_checkpointing": False,
    "offload": False,
    "save_steps": 2,
    "export_epochs": [],
    "choose": "last",
}
SYSTEM = "Put the answer in a box."


def train(**changes: Any) -> params.Train:
    return params.Train(**{**VALUES, **changes})


def rows(count: int = 10) -> list[dict[str, str]]:
    draw = random.Random(0)
    made = []
    for number in range(count):
        a, b = draw.randrange(10, 99), draw.randrange(10, 99)
        steps = " ".join(f"{a} + {i} is {a + i}." for i in range(draw.randrange(1, 7)))
        solution = f"{steps} So \\boxed{{{a + b}}}."
        made.append({"id": f"problem-{number:03d}", "question": f"What is {a} + {b}?", "solution": solution})
    return made


def held_out() -> list[dict[str, str]]:
    return [{**row, "id": f"held-out-{number}"} for number, row in enumerate(rows(14)[10:])]


def dataset(path: Path, records: list[dict[str, str]]) -> None:
    columns = {name: [record[name] for record in records] for name in ("id", "question", "solution")}
    table = pl.DataFrame(columns)
    blank = [pl.lit(None, dtype=kind).alias(name) for name, kind in schemas.DATASET.items() if name not in columns]
    tables.write(table.with_columns(blank).select(schemas.DATASET.names()), path, schemas.DATASET, ["id"])


def make(folder: Path, records: list[dict[str, str]] | None = None, *, tied: bool = True) -> Path:
    tiny_model.save(folder / "models/base/tiny", tied=tied)
    dataset(folder / "data/limo.parquet", rows() if records is None else records)
    dataset(folder / "data/validation.parquet", held_out())
    return folder


def configured(**changes: Any) -> params.Params:
    """The sections that training reads; the others are not there."""
    return params.Params.model_construct(
        seed=1,
        prompt=params.Prompt(system=SYSTEM),
        train=train(**changes),
        variants={
            "limo": params.Variant(
                data="data/limo.parquet", model="tiny", validation="data/validation.parquet", train={}
            )
        },
    )


def run(folder: Path, **changes: Any) -> dict[str, Any]:
    """Train in that project; the stage's counts."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return launch.run(job_of(configured(**changes), "limo"))
    finally:
        os.chdir(before)


def start(folder: Path, **changes: Any) -> subprocess.Popen[str]:
    """The same as a process of its own, whose death is that of a stage."""
    script = f"from tests.training import world; print(world.run({str(folder)!r}, **{changes!r}))"
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def history(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "data/training/limo.json").read_text())


def outs(folder: Path) -> dict[str, str]:
    """Hashes of all that a run leaves: the model's files and the record."""
    files = [*sorted(folder.glob("models/limo/**/*.*")), folder / "data/training/limo.json"]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

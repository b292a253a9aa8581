import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from limo import models
from limo.params import Params, Section, Train
from limo.tables import write_json


class Job(Section):
    """All that decides a training run, and where it writes; handed to every process as JSON."""

    variant: str
    seed: int
    system: str
    train: Train
    dataset: str
    dataset_sha256: str
    model: str
    model_fingerprint: str
    checkpoints: str
    export: str
    result: str


def plan(params: Params, variant: str) -> Job:
    """What `variant` trains, from the parameters and the hashes of its inputs.

    Raises:
        ValueError: no such variant, or parameters that contradict each other; the keys and the remedy are named.
        FileNotFoundError: the dataset or the base model is not there.
    """
    if variant not in params.variants:
        raise ValueError(f"variants.{variant} is not in params.yaml; it has {sorted(params.variants)}")
    _check(params.train)
    chosen = params.variants[variant]
    dataset, model = Path(chosen.data), f"models/base/{chosen.model}"
    if not dataset.exists():
        raise FileNotFoundError(f"{dataset} is missing: run `dvc repro`, or `dvc pull {dataset}` where a remote has it")
    root = Path(os.environ.get("DVC_ROOT", ".")) / ".limo" / "checkpoints"
    return Job(
        variant=variant,
        seed=params.seed,
        system=params.prompt.system,
        train=params.train,
        dataset=str(dataset),
        dataset_sha256=hashlib.sha256(dataset.read_bytes()).hexdigest(),
        model=model,
        model_fingerprint=models.fingerprint(model),
        checkpoints=str(root),
        export=f"models/{variant}.partial",
        result=str(root / f"{variant}.json"),
    )


def run(job: Job) -> dict[str, Any]:
    """Train under torchrun, then put model and record in their places: models/VARIANT and data/training/VARIANT.json.

    A run that was killed goes on from its last checkpoint. Checkpoints are removed once the outs are complete.

    Returns:
        Speed and totals for the stage's counts.

    Raises:
        RuntimeError: the processes failed; they have written why to stderr.
    """
    result = Path(job.result)
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={job.train.processes}", "-m", "limo.training.zero3", job.model_dump_json()]
    code = supervise(command, {**os.environ, **environment(job.train)})
    if code or not result.exists():
        raise RuntimeError(f"training {job.variant} failed with exit code {code}; the reason is printed above")
    written = json.loads(result.read_text(encoding="utf-8"))
    model = Path("models") / job.variant
    shutil.rmtree(model, ignore_errors=True)
    Path(job.export).replace(model)
    write_json(written["training"], f"data/training/{job.variant}.json")
    shutil.rmtree(written["checkpoints"])
    result.unlink()
    totals = {key: written["training"][key] for key in ("examples", "trained_tokens", "padding_share")}
    return {**totals, **written["speed"]}


def environment(train: Train) -> dict[str, str]:
    """Variables that the processes need before they import anything."""
    return {
        "DS_ACCELERATOR": train.device,
        "OMP_NUM_THREADS": str(train.threads),
        "TOKENIZERS_PARALLELISM": "false",
        # The deterministic variants of cuBLAS and of flash attention's backward pass.
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "FLASH_ATTENTION_DETERMINISTIC": "1",
    }


def supervise(command: list[str], env: dict[str, str]) -> int:
    """Run a command to its end; its exit code. Signals to this process are passed on, and it leaves no process behind.

    The child's processes read from a pipe that this process holds open: they see it close even after a kill -9.
    """
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, start_new_session=True) as process:

        def forward(number: int, _frame: object) -> None:
            process.send_signal(number)

        before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return process.wait()
        finally:
            process.kill()
            for number, handler in before.items():
                signal.signal(number, handler)


def _check(train: Train) -> None:
    if train.device == "cpu" and (train.dtype, train.attention, train.offload) != ("float32", "sdpa", False):
        raise ValueError("train.device=cpu needs train.dtype=float32, train.attention=sdpa and train.offload=false")
    if train.attention == "flash_attention_2" and train.dtype != "bfloat16":
        raise ValueError("train.attention=flash_attention_2 needs train.dtype=bfloat16")
    if train.min_learning_rate > train.learning_rate:
        raise ValueError("train.min_learning_rate lies above train.learning_rate")

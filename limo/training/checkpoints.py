import fcntl
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import torch
from deepspeed.utils import safe_get_local_fp32_param
from safetensors.torch import load_file, save_file
from torch import distributed

from limo.tables import write_json

if TYPE_CHECKING:
    from deepspeed import DeepSpeedEngine

LATEST = "latest"
PROGRESS = "progress.json"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def lock(folder: Path, patience_s: float = 30) -> IO[str]:
    """Hold the checkpoint folder for this process alone until the returned file is closed or the process dies.

    Raises:
        TimeoutError: another process still holds it after `patience_s` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("w")
    deadline = time.monotonic() + patience_s
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        if time.monotonic() > deadline:
            raise TimeoutError(f"another process trains with {folder}: wait for it, or stop it, then start again")
        time.sleep(0.5)


def latest(folder: Path) -> Path | None:
    """The last whole checkpoint, or None."""
    pointer = folder / LATEST
    return folder / pointer.read_text(encoding="utf-8") if pointer.exists() else None


def clean(folder: Path) -> None:
    """Remove half-written and superseded checkpoints. For one process alone."""
    kept = latest(folder)
    for entry in folder.iterdir():
        if entry.is_dir() and entry != kept:
            shutil.rmtree(entry)


def save(engine: "DeepSpeedEngine", folder: Path, step: int, progress: dict[str, Any]) -> None:
    """Write every rank's master weights and Adam moments, and rank 0's `progress`, as the new latest checkpoint.

    Collective. A kill at any instant leaves the previous checkpoint or this one: the folder gets its final name when
    all ranks are done, and only then does the file `latest` name it.
    """
    rank = distributed.get_rank()
    partial = folder / f"step-{step:06d}.partial"
    if rank == 0:
        partial.mkdir(parents=True)
    distributed.barrier()
    optimizer = engine.optimizer
    tensors = {}
    for group, master in enumerate(optimizer.fp32_partitioned_groups_flat):
        tensors[f"{group}.master"] = master.detach()
        tensors.update({f"{group}.{name}": optimizer.optimizer.state[master][name] for name in MOMENTS})
    save_file(tensors, partial / f"rank-{rank:05d}.safetensors")
    distributed.barrier()
    if rank == 0:
        write_json(progress, partial / PROGRESS)
        final = partial.with_suffix("")
        partial.rename(final)
        pointer = folder / f"{LATEST}.partial"
        pointer.write_text(final.name, encoding="utf-8")
        pointer.replace(folder / LATEST)
        clean(folder)
    distributed.barrier()


def restore(engine: "DeepSpeedEngine", checkpoint: Path) -> None:
    """Put a saved rank's master weights and Adam moments back. Before the first forward pass of the engine.

    The partitions that the forward pass gathers are set from the masters, as after an optimiser step.
    """
    optimizer = engine.optimizer
    tensors = load_file(checkpoint / f"rank-{distributed.get_rank():05d}.safetensors")
    with torch.no_grad():
        for group, master in enumerate(optimizer.fp32_partitioned_groups_flat):
            master.copy_(tensors[f"{group}.master"])
            moments = {name: tensors[f"{group}.{name}"].to(master.device, copy=True) for name in MOMENTS}
            optimizer.optimizer.state[master] = moments
        for parameter in engine.module.parameters():
            parameter.ds_tensor.copy_(safe_get_local_fp32_param(parameter))

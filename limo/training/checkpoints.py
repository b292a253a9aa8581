"""An engine and the steps done ↔ a folder that a killed run goes on from; used by the training loop (stage train)."""

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import torch
from deepspeed.utils import safe_get_local_fp32_param
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import distributed

from limo.base.files import digest, whole, write_json
from limo.params import Train
from limo.training.job import CHOSEN, EPOCHS, Job

if TYPE_CHECKING:
    from deepspeed import DeepSpeedEngine

LATEST = "latest"
PROGRESS = "progress.json"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def folder_of(job: Job, hardware: str) -> Path:
    """Where the checkpoints of this job lie; one with other inputs, parameters or kind of machine has another folder.

    Another number of processes has the same one, so that a run with it is refused and does not silently start over.
    """
    return Path(job.checkpoints) / f"{job.variant}-{digest(job.decisive(), hardware)[:16]}"


def lock(folder: Path, patience_s: float = 30) -> IO[str]:
    """Hold the checkpoint folder for this process alone until the returned file is closed or the process dies.

    Stages take turns (`limo.training.launch`); what may still hold it is a process of a stage that was killed.

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
        if entry.is_dir() and entry not in (kept, folder / EPOCHS, folder / CHOSEN):
            shutil.rmtree(entry)


def progress(checkpoint: Path, train: Train) -> list[dict[str, Any]]:
    """The steps that a checkpoint's run has done.

    Raises:
        ValueError: the run had another number of processes: shards and sums would not be those of an undisturbed run.
    """
    record = json.loads((checkpoint / PROGRESS).read_text(encoding="utf-8"))
    if record["processes"] != train.processes:
        raise ValueError(
            f"{checkpoint} was written by {record['processes']} processes, train.processes is {train.processes}: sums "
            f"in another order would end with other bytes. Set train.processes={record['processes']} to go on, "
            f"or remove {checkpoint.parent} to start over"
        )
    steps: list[dict[str, Any]] = record["steps"]
    return steps


def save(engine: "DeepSpeedEngine", folder: Path, steps: list[dict[str, Any]]) -> None:
    """Write every rank's master weights and Adam moments, and the steps that are done, as the new latest checkpoint.

    Collective. A kill at any instant leaves the previous checkpoint or this one: the folder gets its final name when
    all ranks are done, and only then does the file `latest` name it.

    Raises:
        OSError: it could not be written, as on a full disk; the previous checkpoint stays.
    """
    rank = distributed.get_rank()
    partial = folder / f"step-{len(steps):06d}.partial"
    if rank == 0:
        partial.mkdir(parents=True)
    distributed.barrier()
    with written_whole(partial):
        save_file(_tensors(engine), partial / f"rank-{rank:05d}.safetensors")
        if rank == 0:
            write_json({"processes": distributed.get_world_size(), "steps": steps}, partial / PROGRESS)
    distributed.barrier()
    if rank == 0:
        final = partial.with_suffix("")
        partial.rename(final)
        with whole(folder / LATEST) as pointer:
            pointer.write_text(final.name, encoding="utf-8")
        clean(folder)
    distributed.barrier()


@contextmanager
def written_whole(folder: Path) -> Iterator[None]:
    """Remove `folder` and say so where writing into it fails.

    Raises:
        OSError: the block could not write.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise OSError(
            f"cannot write {folder}: {error}; make room there and start again, the run goes on from its last checkpoint"
        ) from error


def _tensors(engine: "DeepSpeedEngine") -> dict[str, torch.Tensor]:
    optimizer = engine.optimizer
    tensors = {}
    for group, master in enumerate(optimizer.fp32_partitioned_groups_flat):
        tensors[f"{group}.master"] = master.detach()
        tensors.update({f"{group}.{name}": optimizer.optimizer.state[master][name] for name in MOMENTS})
    return tensors


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

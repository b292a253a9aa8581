"""Held-out examples and the present weights → their loss, and which epoch is best; used by the training loop."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from deepspeed.runtime.engine import DeepSpeedEngine
from torch import distributed

from limo.training.batches import Step, schedule
from limo.training.checkpoints import written_whole
from limo.training.examples import Example, encode
from limo.training.inputs import rows
from limo.training.job import Job
from limo.training.loss import layout, normaliser


def validation_steps(job: Job, trained: Sequence[Example], tokenizer: Any) -> list[Step]:
    """The held-out examples of a job, packed as those of training are; once each.

    Raises:
        ValueError: an example that cannot be encoded, or one whose question is trained: its loss would say nothing.
    """
    held_out = rows(job.validation)
    known = {example.id for example in trained}
    if shared := [row["id"] for row in held_out if row["id"] in known]:
        raise ValueError(
            f"{len(shared)} of {len(held_out)} questions of {job.validation} are trained, {shared[0]} among them: a "
            "checkpoint is chosen on questions that training has not seen; run `dvc repro` on both datasets"
        )
    once = job.train.model_copy(update={"epochs": 1})
    examples = encode(held_out, tokenizer, job.system, job.train).examples
    return schedule(examples, job.seed, once, distributed.get_world_size())


def validation_loss(engine: DeepSpeedEngine, steps: Sequence[Step], job: Job, *, filler: int) -> float:
    """Mean loss, as `train.loss` has it, of the held-out examples under the present weights. Collective.

    Raises:
        ValueError: it is no finite number.
    """
    total = torch.zeros((), dtype=torch.float64, device=engine.device)
    engine.eval()
    with torch.no_grad():
        for step in steps:
            for packed in step.passes[distributed.get_rank()]:
                total += engine(layout(packed, job.train, filler, engine.device)).double()
    engine.train()
    # Its last pass has begun to gather for a backward pass that does not come; an export would stumble over that.
    engine.empty_partition_cache()
    distributed.all_reduce(total)
    mean = total.item() / sum(normaliser(step, job.train) for step in steps)
    if not math.isfinite(mean):
        raise ValueError(f"the loss on {job.validation} became {mean}: inspect it, or lower train.learning_rate")
    return mean


def best_epoch(history: Sequence[dict[str, Any]]) -> int:
    """The epoch, from 1, with the lowest validation loss so far; of equal ones the earliest.

    Args:
        history: the steps taken, at least one epoch of them; `validation_loss` is that of an epoch's last step, else
            None.
    """
    ends = [taken for taken in history if taken["validation_loss"] is not None]
    epoch: int = min(ends, key=lambda taken: (taken["validation_loss"], taken["epoch"]))["epoch"]
    return epoch


def copy_model(chosen: Path, folder: Path) -> None:
    """Put the chosen epoch's model in the place of the last one. A copy: a run that goes on needs the original.

    Raises:
        OSError: it could not be written; nothing of it stays.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with written_whole(folder):
        shutil.copytree(chosen, folder)

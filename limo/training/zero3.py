import json
import math
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch
from deepspeed.runtime.engine import DeepSpeedEngine
from torch import Tensor, distributed
from tqdm import tqdm

from limo import models
from limo.tables import DATASET, digest, read, write_json
from limo.training import checkpoints
from limo.training.batches import Step, schedule
from limo.training.engine import build, connect, export, numerics
from limo.training.examples import encode
from limo.training.launch import Job
from limo.training.loss import layout

History = list[dict[str, Any]]


def learning_rate(step: int, steps: int, highest: float, lowest: float) -> float:
    """Cosine without warm-up (paper 6.1): `highest` at step 0, towards `lowest` after the last of `steps`."""
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * step / steps)) / 2


def work(job: Job) -> None:
    """One process's whole part: load, resume, train, export, report. Collective over all processes of the run.

    Writes the model to `job.export` and, last of all, the run's record to `job.result`.

    Raises:
        ValueError: an input that cannot be trained, or a loss or gradient that is no finite number.
        TimeoutError: another run trains the same.
    """
    train = job.train
    connect(train)
    tokenizer = models.load_tokenizer(job.model)
    rows = read(job.dataset, DATASET).select("id", "question", "solution").to_dicts()
    examples = encode(rows, tokenizer, job.system, train)
    steps = schedule(
        examples,
        seed=job.seed,
        epochs=train.epochs,
        batch_size=train.batch_size,
        budget=train.tokens_per_pass,
        ranks=distributed.get_world_size(),
    )
    fingerprint = numerics(train)
    folder = Path(job.checkpoints) / f"{job.variant}-{digest(job.model_dump(), fingerprint)[:16]}"
    held = checkpoints.lock(folder) if distributed.get_rank() == 0 else None
    distributed.barrier()
    engine = build(job.model, train, max(len(example.ids) for example in examples))
    history = _resume(engine, folder)
    speed = _train(engine, job, steps, history, folder=folder, filler=tokenizer.eos_token_id)
    export(engine.module.model, tokenizer, Path(job.export))
    if held is not None:
        record = {**_totals(job, steps), "numerics": fingerprint, "steps": history}
        write_json({"training": record, "speed": speed, "checkpoints": str(folder)}, job.result)
        held.close()


def _totals(job: Job, steps: list[Step]) -> dict[str, Any]:
    passes = [packed for step in steps for rank in step.passes for packed in rank]
    filler = sum(not packed for packed in passes)
    tokens = sum(len(example.ids) for step in steps for example in step.examples)
    return {
        "variant": job.variant,
        "base_model": job.model,
        "base_model_sha256": job.model_fingerprint,
        "dataset": job.dataset,
        "dataset_sha256": job.dataset_sha256,
        "examples": sum(len(step.examples) for step in steps if step.epoch == 0),
        "over_length": 0,  # a longer example is refused
        "passes": len(passes),
        "tokens": tokens,
        "trained_tokens": sum(step.trained for step in steps),
        "padding_share": round(filler / (filler + tokens), 6),
    }


def _resume(engine: DeepSpeedEngine, folder: Path) -> History:
    if distributed.get_rank() == 0:
        checkpoints.clean(folder)
    distributed.barrier()
    checkpoint = checkpoints.latest(folder)
    if checkpoint is None:
        return []
    checkpoints.restore(engine, checkpoint)
    history: History = json.loads((checkpoint / checkpoints.PROGRESS).read_text(encoding="utf-8"))["steps"]
    return history


def _train(
    engine: DeepSpeedEngine, job: Job, steps: list[Step], history: History, *, folder: Path, filler: int
) -> dict[str, float]:
    """Run the steps that `history` lacks and add them to it; seconds and tokens of this process's share of them."""
    train = job.train
    start = time.perf_counter()
    done = len(history)
    tokens = trained = 0
    progress = tqdm(
        total=len(steps), initial=done, desc=f"train {job.variant}", unit="step", disable=distributed.get_rank() != 0
    )
    for number, step in enumerate(steps[done:], start=done):
        rate = learning_rate(number, len(steps), train.learning_rate, train.min_learning_rate)
        loss, norm = _step(engine, step, rate, filler)
        history.append(
            {
                "step": number + 1,
                "epoch": step.epoch + 1,
                "loss": round(loss, 6),
                "lr": rate,
                "grad_norm": round(norm, 6),
                "examples": len(step.examples),
                "trained_tokens": step.trained,
                "passes": sum(len(rank) for rank in step.passes),
            }
        )
        tokens += sum(len(example.ids) for example in step.examples)
        trained += step.trained
        progress.set_postfix(loss=f"{loss:.4f}", tok_s=f"{tokens / (time.perf_counter() - start):.0f}", refresh=False)
        progress.update()
        if (number + 1) % train.save_steps == 0 and number + 1 < len(steps):
            checkpoints.save(engine, folder, number + 1, {"steps": history})
    progress.close()
    seconds = time.perf_counter() - start
    speed = {"steps": len(steps) - done, "resumed_at": done, "train_seconds": round(seconds, 1)}
    if tokens:
        speed |= {"tokens_per_s": round(tokens / seconds, 1), "trained_tokens_per_s": round(trained / seconds, 1)}
    if train.device == "cuda":
        speed["peak_gpu_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return speed


def _step(engine: DeepSpeedEngine, step: Step, rate: float, filler: int) -> tuple[float, float]:
    """One optimiser step; mean loss of its trained tokens over all processes, and the gradient norm before clipping.

    Each pass's summed loss is divided by the trained tokens of the whole step. DeepSpeed averages gradients over
    processes, which the number of processes in the numerator undoes.
    """
    mine = step.passes[distributed.get_rank()]
    for group in engine.optimizer.param_groups:
        group["lr"] = rate
    total = torch.zeros((), dtype=torch.float64, device=engine.device)
    for position, packed in enumerate(mine):
        engine.set_gradient_accumulation_boundary(position == len(mine) - 1)
        loss: Tensor = engine(layout(packed, filler, engine.device))
        if not torch.isfinite(loss):
            names = ", ".join(example.id for example in packed)
            raise ValueError(
                f"the loss became {loss.item()} on the examples {names}: inspect them, or lower train.learning_rate"
            )
        weight = distributed.get_world_size() / step.trained if packed else 0.0
        engine.backward(loss * weight)
        total += loss.detach().double() if packed else 0.0
    distributed.all_reduce(total)
    engine.step()
    norm = float(engine.get_global_grad_norm())
    if not math.isfinite(norm):
        names = ", ".join(example.id for example in step.examples)
        raise ValueError(
            f"the gradient norm became {norm} on the examples {names}: inspect them, or lower train.learning_rate"
        )
    return total.item() / step.trained, norm


def _die_with_parent() -> None:
    """End this process when the stage that started the run is gone, however it ended: its end of stdin closes."""

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Entry of every process that torchrun starts; the job is the one argument, as JSON."""
    _die_with_parent()
    job = Job.model_validate_json(sys.argv[1])
    try:
        work(job)
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f"train@{job.variant}, process {os.environ['RANK']}: {error}")
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()

"""A Job → the trained model and the record of its steps: one process's whole part; started by `training.launch`."""

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from deepspeed.runtime.engine import DeepSpeedEngine
from torch import Tensor, distributed
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from limo.base.files import write_json
from limo.models import load
from limo.training import checkpoints
from limo.training.agent import die_with_stage, end
from limo.training.batches import Step, schedule
from limo.training.examples import Encoded, encode
from limo.training.inputs import rows
from limo.training.job import CHOSEN, EPOCHS, Job
from limo.training.launch import ALLOCATOR, STAGE
from limo.training.loss import layout, normaliser
from limo.training.sharded import build, connect, export, hardware
from limo.training.speed import Speedometer, operations_of, peak_tflops
from limo.training.validation import best_epoch, copy_model, validation_loss, validation_steps

History = list[dict[str, Any]]


@dataclass(frozen=True)
class TrainingRun:
    """What every step of a run needs: `steps` to take, `checks` to validate with, `folder` of its checkpoints."""

    job: Job
    steps: list[Step]
    checks: list[Step]
    folder: Path
    tokenizer: PreTrainedTokenizerBase

    @property
    def filler(self) -> int:
        """The token of a pass without examples."""
        token: int = self.tokenizer.eos_token_id
        return token


def learning_rate(step: int, steps: int, highest: float, lowest: float) -> float:
    """Cosine without warm-up (paper 6.1): `highest` at step 0, towards `lowest` after the last of `steps`."""
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * step / steps)) / 2


def work(job: Job) -> None:
    """One process's whole part: load, resume, train, export, report. Collective over all processes of the run.

    Writes the model to `job.export` and, last of all, the run's record to `job.result`.

    Raises:
        ValueError: an input that cannot be trained, or a loss or gradient that is no finite number.
        TimeoutError: another run trains the same.
        OSError: a checkpoint or the model could not be written.
    """
    train = job.train
    connect(train)
    tokenizer = load.load_tokenizer(job.model)
    encoded = encode(rows(job.dataset), tokenizer, job.system, train)
    steps = schedule(encoded.examples, job.seed, train, distributed.get_world_size())
    checks = validation_steps(job, encoded.examples, tokenizer)
    fingerprint = hardware(train)
    folder = checkpoints.folder_of(job, fingerprint)
    held = checkpoints.lock(folder) if distributed.get_rank() == 0 else None
    distributed.barrier()
    engine = build(job.model, train, max(len(example.ids) for step in steps + checks for example in step.examples))
    history = _resume(engine, folder, job)
    meter, done = _meter(engine, job), len(history)
    _train(engine, TrainingRun(job, steps, checks, folder, tokenizer), history, meter)
    speed = {"steps": len(steps) - done, "resumed_at": done, **meter.figures()}
    if train.device == "cuda":
        speed["peak_gpu_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
        speed["reserved_gpu_gib"] = round(torch.cuda.max_memory_reserved() / 2**30, 2)
        speed["allocator"] = os.environ[ALLOCATOR]
    if train.choose == "last":
        export(engine.module.model, tokenizer, Path(job.export))
    if held is not None:
        if train.choose == "validation":
            copy_model(folder / CHOSEN, Path(job.export))
        numerics = f"{fingerprint}-world{distributed.get_world_size()}"
        record = {**_totals(job, encoded, steps), **_validated(job, checks, history)}
        record |= {"numerics": numerics, "steps": history}
        written = {"training": record, "speed": speed, "checkpoints": str(folder), "token": os.environ[STAGE]}
        write_json(written, job.result)
        held.close()
    distributed.barrier()  # so that no node ends before the result is there


def _totals(job: Job, encoded: Encoded, steps: list[Step]) -> dict[str, Any]:
    filler, tokens, trained = (sum(getattr(step, name) for step in steps) for name in ("filler", "tokens", "trained"))
    return {
        "variant": job.variant,
        "base_model": job.model,
        "base_model_sha256": job.model_fingerprint,
        "dataset": job.dataset,
        "dataset_sha256": job.dataset_sha256,
        "examples": len(encoded.examples),
        "over_length": encoded.over_length,
        "truncated_answers": encoded.truncated_answers,
        "passes": sum(len(rank) for step in steps for rank in step.passes),
        "tokens": tokens,
        "trained_tokens": trained,
        "trained_share": round(trained / (filler + tokens), 6),
        "padding_share": round(filler / (filler + tokens), 6),
    }


def _validated(job: Job, checks: list[Step], history: History) -> dict[str, Any]:
    return {
        "validation": job.validation,
        "validation_sha256": job.validation_sha256,
        "validation_examples": sum(len(step.examples) for step in checks),
        "validation_tokens": sum(step.trained for step in checks),
        "best_epoch": best_epoch(history),
        "exported_epoch": best_epoch(history) if job.train.choose == "validation" else job.train.epochs,
    }


def _resume(engine: DeepSpeedEngine, folder: Path, job: Job) -> History:
    if distributed.get_rank() == 0:
        checkpoints.clean(folder)
    distributed.barrier()
    checkpoint = checkpoints.latest(folder)
    if checkpoint is None:
        return []
    history = checkpoints.progress(checkpoint, job.train)
    checkpoints.restore(engine, checkpoint)
    return history


def _meter(engine: DeepSpeedEngine, job: Job) -> Speedometer:
    model = engine.module.model
    count = sum(math.prod(parameter.ds_shape) for parameter in model.parameters())
    peak = peak_tflops(torch.cuda.get_device_name()) if job.train.device == "cuda" else None
    return Speedometer(operations_of(model.config, count), peak and peak * 1e12 * job.train.processes)


def _train(engine: DeepSpeedEngine, run: TrainingRun, history: History, meter: Speedometer) -> None:
    """Take the steps that `history` lacks and add them to it; save checkpoints and the epochs that were asked for.

    After every epoch comes the loss of `run.checks`, the held-out examples.
    """
    train, steps, done = run.job.train, run.steps, len(history)
    first = distributed.get_rank() == 0
    bar = tqdm(total=len(steps), initial=done, desc=f"train {run.job.variant}", unit="step", disable=not first)
    for number, step in enumerate(steps[done:], start=done):
        rate = learning_rate(number, len(steps), train.learning_rate, train.min_learning_rate)
        loss, norm = _step(engine, step, number, rate, run.job, filler=run.filler)
        history.append({"step": number + 1, **_taken(step, loss, rate, norm)})
        meter.add(step.examples)
        last = number + 1 == len(steps)
        if last or steps[number + 1].epoch > step.epoch:
            with meter.aside():
                _end_epoch(engine, run, history)
        bar.set_postfix(_shown(history, meter), refresh=False)
        bar.update()
        if (number + 1) % train.save_steps == 0 and not last:
            checkpoints.save(engine, run.folder, history)
    bar.close()


def _taken(step: Step, loss: float, rate: float, norm: float) -> dict[str, Any]:
    """The record of a step that was taken; `validation_loss` is set at the end of an epoch."""
    return {
        "epoch": step.epoch + 1,
        "loss": round(loss, 6),
        "lr": rate,
        "grad_norm": round(norm, 6),
        "examples": len(step.examples),
        "tokens": step.tokens,
        "trained_tokens": step.trained,
        "filler_tokens": step.filler,
        "passes": sum(len(rank) for rank in step.passes),
        "validation_loss": None,
    }


def _end_epoch(engine: DeepSpeedEngine, run: TrainingRun, history: History) -> None:
    """Validate the epoch that the last step of `history` ended, and export its model where it was asked for."""
    train, epoch = run.job.train, history[-1]["epoch"]
    history[-1]["validation_loss"] = round(validation_loss(engine, run.checks, run.job, filler=run.filler), 6)
    # Before the checkpoint: a run that goes on behind this step finds the epoch's model whole.
    if epoch in train.export_epochs:
        export(engine.module.model, run.tokenizer, run.folder / EPOCHS / f"{epoch:03d}")
    if train.choose == "validation" and best_epoch(history) == epoch:
        export(engine.module.model, run.tokenizer, run.folder / CHOSEN)


def _shown(history: History, meter: Speedometer) -> dict[str, str]:
    """What the progress bar tells beside steps and time left; shares are of the step's tokens, filler included."""
    taken = history[-1]
    figures, tokens = meter.figures(), taken["tokens"] + taken["filler_tokens"]
    shown = {
        "loss": f"{taken['loss']:.4f}",
        "lr": f"{taken['lr']:.2e}",
        "norm": f"{taken['grad_norm']:.3f}",
        "tok/s": f"{figures['tokens_per_s']:.0f}",
        "trained": f"{taken['trained_tokens'] / tokens:.0%}",
        "padding": f"{taken['filler_tokens'] / tokens:.1%}",
    }
    validated = [step["validation_loss"] for step in history if step["validation_loss"] is not None]
    shown |= {"validation": f"{validated[-1]:.4f}"} if validated else {}
    return shown | ({"MFU": f"{figures['mfu']:.1%}"} if "mfu" in figures else {})


def _step(
    engine: DeepSpeedEngine, step: Step, number: int, rate: float, job: Job, *, filler: int
) -> tuple[float, float]:
    """One optimiser step; its loss over all processes, and the gradient norm before clipping.

    Each pass's summed loss is divided by the trained tokens, or examples, of the whole step. DeepSpeed averages
    gradients over processes, which the number of processes in the numerator undoes.
    """
    mine = step.passes[distributed.get_rank()]
    for group in engine.optimizer.param_groups:
        group["lr"] = rate
    total = torch.zeros((), dtype=torch.float64, device=engine.device)
    divisor = normaliser(step, job.train)
    for position, packed in enumerate(mine):
        engine.set_gradient_accumulation_boundary(position == len(mine) - 1)
        loss: Tensor = engine(layout(packed, job.train, filler, engine.device))
        if not torch.isfinite(loss):
            raise ValueError(_broken("the loss", loss.item(), number, packed))
        engine.backward(loss * (distributed.get_world_size() / divisor))
        total += loss.detach().double()
    distributed.all_reduce(total)
    engine.step()
    norm = float(engine.get_global_grad_norm())
    if not math.isfinite(norm):
        raise ValueError(_broken("the gradient norm", norm, number, step.examples))
    return total.item() / divisor, norm


def _broken(what: str, value: float, number: int, examples: tuple[Any, ...]) -> str:
    names = ", ".join(example.id for example in examples)
    remedy = "inspect them, or lower train.learning_rate"
    return f"{what} became {value} in step {number + 1} on the examples {names}: {remedy}"


def main() -> None:
    """Entry of every process that torchrun starts; the job is the one argument, as JSON."""
    die_with_stage()
    job = Job.model_validate_json(sys.argv[1])
    try:
        work(job)
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f"train@{job.variant}, process {os.environ['RANK']}: {error}")
    distributed.destroy_process_group()
    end(0)


if __name__ == "__main__":
    main()

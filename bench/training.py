"""Tokens a second, padding and peak memory of our training stage beside TRL and the padded Trainer, in one run.

Usage: python bench/training.py [--peers PYTHON] [--steps 20] [--batch 16] [--threads 1]

PYTHON is the interpreter of an environment with trl 1.16.0, deepspeed, transformers and accelerate; without it only
ours and plain torch run. All train the same random llama of 25 million parameters (float32, CPU, one process, AdamW)
on the same examples: random text, log-normal lengths (median 192 tokens, at most 1024), so many whole examples a
step. Ours is the stage's own command: torchrun, ZeRO-3, checkpoints off, export included in the memory but not in the
speed. trl pads its batches, as the plain Trainer does; trl_free lays the examples of a step end to end in one pass;
trl_bfd packs with TRL's best-fit-decreasing strategy into passes of 1,024 tokens, whatever step they would be in.
_zero3: under our settings of ZeRO-3. torch is our packing and loss without DeepSpeed, which tells what ZeRO-3 costs
here.

Tokens are those of the examples, without padding; the clock starts with the first step. Ratios are of
tokens a second of processor time, which other work on the machine disturbs least. The last line is JSON.
"""

import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

BUDGET, LONGEST, MEDIAN = 1024, 1024, 192
TRL = ("trl_free_zero3", "trl_free", "trl_bfd_zero3", "trl_bfd", "trl")
# Arguments of every peer's trainer.
COMMON: dict[str, Any] = {
    "output_dir": "peer",
    "num_train_epochs": 1,
    "learning_rate": 1e-4,
    "lr_scheduler_type": "cosine",
    "max_grad_norm": 1.0,
    "logging_steps": 10**6,
    "save_strategy": "no",
    "report_to": [],
    "use_cpu": True,
    "bf16": False,
    "disable_tqdm": True,
    "dataloader_num_workers": 0,
    "optim": "adamw_torch_fused",
}
FRAME = 64  # tokens of an example beside its solution, with a question of 10


def questions(count: int) -> list[dict[str, str]]:
    """Rows whose token counts are log-normal: the tiny tokenizer has a token per byte and control token."""
    draw = random.Random(0)
    made = []
    for number in range(count):
        length = min(LONGEST, max(FRAME + 8, int(draw.lognormvariate(math.log(MEDIAN), 0.6))))
        letters = "".join(draw.choices("abcdefghij0123456789", k=length - FRAME + 10))
        made.append({"id": f"e{number:05}", "question": letters[:10], "solution": letters[10:]})
    return made


def prepare(folder: Path, o: dict[str, Any]) -> list[list[int]]:
    """Model, dataset and, for the peers, the token ids of the examples with the number of prompt tokens."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from limo.training.examples import encode
    from limo.training.sharded import configuration
    from tests import tiny_model
    from tests.training import world

    config = AutoConfig.for_model(
        "llama",
        vocab_size=259,
        hidden_size=512,
        intermediate_size=1536,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    torch.manual_seed(0)
    base = folder / "models/base/tiny"
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa")
    model.save_pretrained(base)
    tiny_model.tokenizer().save_pretrained(base)
    rows = questions(o["steps"] * o["batch"])
    world.dataset(folder / "data/limo.parquet", rows)
    world.dataset(folder / "data/validation.parquet", world.held_out())
    examples = encode(rows, tiny_model.tokenizer(), world.SYSTEM, settings(o)).examples
    ids = [{"input_ids": list(example.ids), "prompt": example.prompt} for example in examples]
    (folder / "examples.json").write_text(json.dumps(ids))
    # Our ZeRO-3 for TRL too; the Trainer fills in the sizes of its batches.
    sizes = {"train_micro_batch_size_per_gpu": "auto", "gradient_accumulation_steps": "auto"}
    (folder / "zero3.json").write_text(json.dumps(configuration(settings(o)) | sizes))
    lengths = sorted(len(each["input_ids"]) for each in ids)
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{count:,} parameters, {len(ids)} examples, median {lengths[len(ids) // 2]}, longest {lengths[-1]} tokens")
    return [each["input_ids"] for each in ids]


def settings(o: dict[str, Any]) -> Any:
    from tests.training import world

    return world.train(
        threads=o["threads"],
        numerics="portable",
        epochs=1,
        batch_size=o["batch"],
        tokens_per_pass=BUDGET,
        max_length=2 * LONGEST,
        learning_rate=1e-4,
        loss_chunk=512,
        save_steps=10**6,
    )


def ours(o: dict[str, Any]) -> dict[str, Any]:
    """The stage: torchrun, ZeRO-3 on one process."""
    from tests.training import world

    changes = {name: getattr(settings(o), name) for name in world.VALUES}
    counts = world.run(Path.cwd(), **changes)
    return {**counts, "tokens": world.history(Path.cwd())["tokens"]}


def plain_torch(o: dict[str, Any]) -> dict[str, Any]:
    """Our passes and loss in a bare loop: what is left when DeepSpeed is taken away."""
    import torch
    from transformers import AutoModelForCausalLM

    from limo.training.batches import schedule
    from limo.training.examples import Example
    from limo.training.loss import Objective, layout

    torch.set_num_threads(o["threads"])
    train = settings(o)
    rows = json.loads(Path("examples.json").read_text())
    examples = [Example(f"{n:05}", tuple(row["input_ids"]), row["prompt"]) for n, row in enumerate(rows)]
    objective = Objective(AutoModelForCausalLM.from_pretrained("models/base/tiny"), train).train()
    optimizer = torch.optim.AdamW(objective.parameters(), lr=1e-4, fused=True)
    clock = Clock()
    for step in schedule(examples, 1, train, ranks=1):
        for packed in step.passes[0]:
            (objective(layout(packed, train, 2, "cpu")) / step.trained).backward()
        torch.nn.utils.clip_grad_norm_(objective.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        clock.step(step.tokens)
    return {**clock.figures(), "padding_share": 0.0}


class Clock:
    """Tokens a second from the start of training on, and seconds of processor, as our stage counts them."""

    def __init__(self) -> None:
        self.tokens = 0
        self.start()

    def start(self) -> None:
        self.begun, self.busy = time.perf_counter(), time.process_time()

    def step(self, tokens: int) -> None:
        self.tokens += tokens
        self.seconds, self.cpu = time.perf_counter() - self.begun, time.process_time() - self.busy

    def figures(self) -> dict[str, Any]:
        return {"tokens": self.tokens, "train_seconds": round(self.seconds, 1), "cpu_seconds": round(self.cpu, 1)}


def peer(o: dict[str, Any], kind: str) -> dict[str, Any]:
    """TRL's SFTTrainer, packed or padded, or transformers' Trainer with padded batches; no code of this project."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback

    torch.set_num_threads(o["threads"])
    rows = json.loads(Path("examples.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained("models/base/tiny")
    model = AutoModelForCausalLM.from_pretrained("models/base/tiny", dtype=torch.float32, attn_implementation="sdpa")
    seen: dict[str, int] = {"real": 0, "all": 0, "documents": 0}
    clock = Clock()

    class Steps(TrainerCallback):
        before = 0

        def on_train_begin(self, *_: Any, **__: Any) -> None:
            clock.start()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.step(seen["real"] - self.before)
            self.before = seen["real"]

    def count(_: Any, __: Any, inputs: dict[str, Any]) -> None:
        ids, mask = inputs["input_ids"], inputs.get("attention_mask")
        seen["all"] += ids.numel()
        seen["real"] += ids.numel() if mask is None else int(mask.sum())

    model.register_forward_pre_hook(count, with_kwargs=True)
    begun = time.perf_counter()
    common = COMMON | (zero3_alone() if kind.endswith("_zero3") else {})
    if kind == "padded":
        trainer = padded_trainer(model, tokenizer, rows, common, o["batch"])
    else:
        how = {"packed": kind.startswith("trl_bfd"), "padding_free": kind != "trl"}
        trainer = trl_trainer(model, tokenizer, rows, common, o["batch"], **how)
    prepared = time.perf_counter() - begun
    trainer.add_callback(Steps())
    trainer.train()
    figures = {**clock.figures(), "prepare_seconds": round(prepared, 1)}
    return {**figures, "padding_share": round(1 - seen["real"] / seen["all"], 4)}


def zero3_alone() -> dict[str, Any]:
    """Make this process a distributed run of one; the arguments with which a trainer uses our settings of ZeRO-3."""
    os.environ |= {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    import deepspeed

    deepspeed.ops.__compatible_ops__ = {}  # as in ours: nothing is compiled on the way
    return {"deepspeed": "zero3.json", "ddp_backend": "gloo"}


def padded_trainer(model: Any, tokenizer: Any, rows: list[dict[str, Any]], common: dict[str, Any], batch: int) -> Any:
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    data = [
        {
            "input_ids": row["input_ids"],
            "attention_mask": [1] * len(row["input_ids"]),
            "labels": [-100] * row["prompt"] + row["input_ids"][row["prompt"] :],
        }
        for row in rows
    ]
    arguments = TrainingArguments(**common, per_device_train_batch_size=batch)
    return Trainer(model, arguments, DataCollatorForSeq2Seq(tokenizer, padding=True), data)


def trl_trainer(
    model: Any,
    tokenizer: Any,
    rows: list[dict[str, Any]],
    common: dict[str, Any],
    batch: int,
    *,
    packed: bool,
    padding_free: bool,
) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    data = Dataset.from_list(
        [
            {
                "input_ids": row["input_ids"],
                "completion_mask": [0] * row["prompt"] + [1] * (len(row["input_ids"]) - row["prompt"]),
            }
            for row in rows
        ]
    )
    tokens = sum(len(row["input_ids"]) for row in rows)
    # As many tokens a step as ours: a pass of BUDGET tokens each, accumulated, or `batch` padded examples at once.
    size = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": round(tokens / len(rows) * batch / BUDGET)}
    config = SFTConfig(
        **common,
        **(size if packed else {"per_device_train_batch_size": batch}),
        max_length=BUDGET if packed else None,  # None: none of the examples is cut
        packing=packed,
        packing_strategy="bfd",
        padding_free=padding_free,
        completion_only_loss=True,
        gradient_checkpointing=False,
    )
    return SFTTrainer(model, config, train_dataset=data, processing_class=tokenizer)


def measure(python: str, kind: str, folder: Path, o: dict[str, Any]) -> dict[str, Any]:
    """One contender as a process of its own; its figures with the peak memory of its largest process."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": str(o["threads"])}
    env |= {"DS_ACCELERATOR": "cpu"}
    command = [python, str(Path(__file__).resolve()), "--one", kind, json.dumps(o)]
    done = subprocess.run(command, cwd=folder, check=False, text=True, capture_output=True, env=env)
    if done.returncode:
        raise click.ClickException(f"{kind} failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figures["tokens_per_s"] = round(figures["tokens"] / figures["train_seconds"], 1)
    figures["tokens_per_cpu_s"] = round(figures["tokens"] / figures["cpu_seconds"], 1)
    keys = ("tokens_per_s", "tokens_per_cpu_s", "train_seconds", "cpu_seconds", "padding_share", "peak_gib")
    shown = {key: figures[key] for key in keys}
    print(f"{kind:12}", shown, flush=True)
    return figures


def one(kind: str, o: dict[str, Any]) -> None:
    figures = {"ours": ours, "torch": plain_torch}[kind](o) if kind in {"ours", "torch"} else peer(o, kind)
    who = resource.RUSAGE_CHILDREN if kind == "ours" else resource.RUSAGE_SELF
    print(json.dumps({**figures, "peak_gib": round(resource.getrusage(who).ru_maxrss / 2**20, 3)}))


@click.command()
@click.option("--peers", type=click.Path(exists=True, dir_okay=False), help="Python of an environment with TRL")
@click.option("--steps", default=20, show_default=True)
@click.option("--batch", default=16, show_default=True, help="examples a step")
@click.option("--threads", default=1, show_default=True)
def main(**o: Any) -> None:
    python = o.pop("peers")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, o)
        measured = {kind: measure(sys.executable, kind, folder, o) for kind in ("ours", "torch")}
        if python:
            # The path of an environment's python is a link: resolved it would be another environment's.
            python = str(Path(python).absolute())
            measured |= {kind: measure(python, kind, folder, o) for kind in (*TRL, "padded")}
    speed = {kind: figures["tokens_per_cpu_s"] for kind, figures in measured.items()}
    line = {
        "tokens_per_cpu_s": speed,
        "tokens_per_s": {kind: figures["tokens_per_s"] for kind, figures in measured.items()},
    }
    line |= {"peak_gib": {kind: figures["peak_gib"] for kind, figures in measured.items()}}
    line |= {
        "padding_share": measured["ours"]["padding_share"],
        "zero3_over_torch": round(speed["ours"] / speed["torch"], 3),
    }
    if python:
        line |= {
            # The steps of a packed run hold other examples: the trajectory of ours is that of the unpacked ones.
            "speedup_over_trl": round(speed["ours"] / speed["trl_free_zero3"], 3),
            "speedup_over_trl_by_kind": {kind: round(speed["ours"] / speed[kind], 3) for kind in TRL},
            "speedup_over_padded": round(speed["ours"] / speed["padded"], 3),
            "memory_ratio": round(measured["ours"]["peak_gib"] / measured["trl_free_zero3"]["peak_gib"], 3),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], json.loads(sys.argv[3]))
    else:
        main()

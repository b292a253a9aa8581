"""Tokens a second of our path to an engine over those of the bare engine call, in one run.

Usage: python bench/generation.py MODEL --engine transformers [--device cpu] [--problems 64] [--draws 2]
       [--tokens 64] [--side-by-side 32] [--threads 2]

MODEL is a folder with a model. Ours is all that a stage does once the model is loaded: prompts, seeds, the engine, the
store, verdicts beside it, and the attempts table. Bare is `model.generate` on padded batches for transformers and
`LLM.generate` with a seed per request for vLLM, with the same prompts and settings. Each is a process of its own and
counts from the loaded model on. With `--engine vllm` run it in vLLM's environment. The last line is JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import polars as pl

from limo import params
from limo.generation import attempts
from limo.generation.task import Task, alike, never
from limo.models import load
from limo.store.request import draw_seed

SYSTEM = "Solve the problem in one short sentence. End with: The answer is"


def problems(count: int) -> pl.DataFrame:
    """Sums and short stories, as the default graph has them."""
    rows = [
        (
            f"{n:04}",
            f"Ann has {n % 9 + 1} apples and buys {n % 7 + 2} more. How many has she now?",
            str(n % 9 + n % 7 + 3),
        )
        if n % 2
        else (f"{n:04}", f"What is {n % 13 + 1} + {n % 11 + 1}?", str(n % 13 + n % 11 + 2))
        for n in range(count)
    ]
    return pl.DataFrame(rows, schema=["id", "question", "answer"], orient="row")


def engine_of(o: dict[str, Any]) -> params.Engine:
    """The engine's section."""
    if o["engine"] == "transformers":
        return params.TransformersEngine(
            kind="transformers",
            device=o["device"],
            dtype=o["dtype"],
            slots=o["side_by_side"],
            max_length=256 + o["tokens"],
            threads=o["threads"],
            numerics="portable",
        )
    return params.VllmEngine(
        kind="vllm",
        device=o["device"],
        dtype=o["dtype"],
        tensor_parallel=1,
        data_parallel=1,
        max_length=256 + o["tokens"],
        max_sequences=o["side_by_side"],
        max_batched_tokens=8192,
        memory_fraction=0.3 if o["device"] == "cpu" else 0.9,
        prefix_caching=False,
        batch_invariant=o["device"] == "cuda",
    )


def ours(o: dict[str, Any]) -> dict[str, Any]:
    """Tokens and seconds of a stage's sampling."""
    sampling = params.Sampling(temperature=0.7, top_p=0.95, max_tokens=o["tokens"])
    configured = params.Params.model_construct(
        seed=1,
        engines={"here": engine_of(o)},
        plan=params.Plan.model_construct(
            engines={"here": params.DeviceCost(kind="devices", tokens_per_second=1.0, devices=1, price_per_hour=0.0)}
        ),
        answers=params.Answers(extraction="flexible", workers=1, timeout_s=10.0, memory_mb=2048),
        generation=params.Generation(after=1_000_000, max_truncated=1.0, max_unanswered=1.0),
    )
    task = Task(
        key="ours",
        stage="ours",
        model="bench",
        folder=Path(o["model"]),
        engine="here",
        asks=alike(SYSTEM, o["draws"], sampling),
        settled=never,
        lookahead=o["draws"],
        measures=False,
    )
    _, tally = attempts.draw(problems(o["problems"]), task, configured, Path("attempts.parquet"))
    return {"tokens": tally["tokens"], "tokens_per_second": tally["tokens_per_second"], "cut": tally["cut"]}


def prompts(o: dict[str, Any]) -> list[tuple[list[int], int]]:
    """The same requests: token ids and seed."""
    tokenizer, model = load.load_tokenizer(o["model"]), load.fingerprint(o["model"])
    asked = []
    for row in problems(o["problems"]).iter_rows(named=True):
        ids = load.prompt_ids(tokenizer, load.turns(SYSTEM, row["question"]))
        asked += [(ids, draw_seed(1, "ours", model, row["id"], draw)) for draw in range(o["draws"])]
    return asked


def bare_transformers(o: dict[str, Any]) -> dict[str, Any]:
    """`generate` on batches of equal size, the longest prompts together, padded on the left."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(o["threads"])
    tokenizer = load.load_tokenizer(o["model"])
    tokenizer.padding_side = "left"
    model = AutoModelForCausalLM.from_pretrained(o["model"], dtype=getattr(torch, o["dtype"]))
    model.to(o["device"]).eval()
    asked = sorted((ids for ids, _ in prompts(o)), key=len)
    started, tokens = time.perf_counter(), 0
    for start in range(0, len(asked), o["side_by_side"]):
        batch = tokenizer.pad({"input_ids": asked[start : start + o["side_by_side"]]}, return_tensors="pt")
        batch = batch.to(o["device"])
        out = model.generate(
            **batch,
            do_sample=True,
            temperature=0.7,
            top_p=0.95,
            top_k=0,
            max_new_tokens=o["tokens"],
            pad_token_id=tokenizer.pad_token_id or tokenizer.eos_token_id,
        )
        for row in out[:, batch["input_ids"].shape[1] :].tolist():
            ends = [place for place, token in enumerate(row) if token == tokenizer.eos_token_id]
            tokens += ends[0] + 1 if ends else len(row)
    return {"tokens": tokens, "tokens_per_second": round(tokens / (time.perf_counter() - started), 1)}


def bare_vllm(o: dict[str, Any]) -> dict[str, Any]:
    """All requests in one `LLM.generate`."""
    from vllm import LLM, SamplingParams

    from limo.generation.engines.vllm import _prepare

    engine = engine_of(o)
    assert isinstance(engine, params.VllmEngine)
    _prepare(engine)
    llm = LLM(
        o["model"],
        dtype=engine.dtype,
        seed=0,
        max_model_len=engine.max_length,
        max_num_seqs=engine.max_sequences,
        max_num_batched_tokens=engine.max_batched_tokens,
        gpu_memory_utilization=engine.memory_fraction,
        enable_prefix_caching=False,
        generation_config="vllm",
    )
    asked = prompts(o)
    settings = [
        SamplingParams(temperature=0.7, top_p=0.95, max_tokens=o["tokens"], seed=seed, detokenize=False)
        for _, seed in asked
    ]
    started = time.perf_counter()
    outputs = llm.generate([{"prompt_token_ids": ids} for ids, _ in asked], settings, use_tqdm=False)
    tokens = sum(len(each.outputs[0].token_ids) for each in outputs)
    return {"tokens": tokens, "tokens_per_second": round(tokens / (time.perf_counter() - started), 1)}


def measured(part: str, o: dict[str, Any]) -> dict[str, Any]:
    """What one part prints, from a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as work:
        command = [
            sys.executable,
            str(Path(__file__).resolve()),
            o["model"],
            "--part",
            part,
            "--options",
            json.dumps(o),
        ]
        done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(
        next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{"))
    )
    return figures


@click.command()
@click.argument("model", type=click.Path(exists=True, file_okay=False, resolve_path=True))
@click.option("--engine", type=click.Choice(["transformers", "vllm"]), default="transformers", show_default=True)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "bfloat16"]), default="float32", show_default=True)
@click.option("--problems", default=64, show_default=True)
@click.option("--draws", default=2, show_default=True)
@click.option("--tokens", default=64, show_default=True, help="Longest answer.")
@click.option("--side-by-side", default=32, show_default=True, help="Answers under way at once.")
@click.option("--threads", default=2, show_default=True)
@click.option("--part", type=click.Choice(["ours", "bare"]), hidden=True)
@click.option("--options", hidden=True)
def main(part: str | None, options: str | None, **o: Any) -> None:
    if part and options:
        o = json.loads(options)
        bare = bare_transformers if o["engine"] == "transformers" else bare_vllm
        click.echo(json.dumps((ours if part == "ours" else bare)(o)))
        return
    figures = {}
    for name in ("bare", "ours"):
        figures[name] = measured(name, o)
        click.echo(f"{o['engine']} {name}: {json.dumps(figures[name])}")
    ratio = figures["ours"]["tokens_per_second"] / figures["bare"]["tokens_per_second"]
    click.echo(json.dumps({"engine": o["engine"], "ratio": round(ratio, 3), **figures}))


if __name__ == "__main__":
    main()

"""Whether vLLM's answers depend on their company: the check of batch invariance, and its inverse.

Usage: python bench/invariance.py MODEL --device cuda [--dtype bfloat16] [--requests 256] [--tokens 256]

In vLLM's environment. Draws the same seeded requests four times (together, again, in reversed order, nine alone among
none) and counts answers that differ from the first time: greedy ones, those of the whole distribution and those of
top-p 0.95 of a flat one apart, as vLLM chooses its top-p kernel by how many run side by side. On a GPU this is done
twice, each time in a process of its own: with `batch_invariant`, where none may differ, and without, where some must,
or the check could not fail. On a CPU there is no such mode, and none may differ. Exit code 1 when it is otherwise. The
last line is JSON.
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from limo import params
from limo.generation.engines.choose import numerics, open_engine
from limo.generation.engines.protocol import Engine
from limo.models import load
from limo.store.request import Completion, Request

ALONE = 9
KINDS = {"greedy": (0.0, 1.0), "whole": (0.8, 1.0), "top-p": (1.5, 0.95)}  # temperature, top-p


def asked(o: dict[str, Any]) -> dict[str, Request]:
    """Requests with prompts of many lengths, named by the kind of their sampling."""
    tokenizer = load.load_tokenizer(o["model"])
    made = {}
    for number in range(o["requests"]):
        story = " ".join(f"Box {box} holds {box + number} pens." for box in range(1 + number % 23))
        turns = load.turns("Reason step by step.", f"{story} How many pens are there?")
        kind = list(KINDS)[number % len(KINDS)]
        temperature, top_p = KINDS[kind]
        sampling = params.Sampling(temperature=temperature, top_p=top_p, max_tokens=o["tokens"])
        made[f"{kind} {number}"] = Request(tuple(load.prompt_ids(tokenizer, turns)), turns, sampling, 10**15 + number)
    return made


def answers(engine: Engine, requests: dict[str, Request]) -> dict[str, Completion]:
    """The answer of every request, all handed over at once."""
    engine.submit(requests.items())
    ended: dict[str, Completion] = {}
    while done := engine.finished():
        ended |= dict(done)
    return ended


def compared(o: dict[str, Any]) -> dict[str, Any]:
    """How many answers differ from the first run's, in each of the others."""
    settings = params.VllmEngine(
        kind="vllm",
        device=o["device"],
        dtype=o["dtype"],
        tensor_parallel=1,
        data_parallel=1,
        max_length=1024 + o["tokens"],
        max_sequences=o["side_by_side"],
        max_batched_tokens=8192,
        memory_fraction=0.3 if o["device"] == "cpu" else 0.9,
        prefix_caching=False,
        batch_invariant=o["invariant"],
    )
    engine = open_engine(o["model"], settings)
    requests = asked(o)
    first = answers(engine, requests)
    others = {"again": answers(engine, requests), "reversed": answers(engine, dict(reversed(requests.items())))}
    some = random.Random(1).sample(sorted(requests), ALONE)
    others["alone"] = {name: answer for one in some for name, answer in answers(engine, {one: requests[one]}).items()}
    engine.close()
    differ = {
        kind: {
            name: sum(first[each] != answer for each, answer in these.items() if each.startswith(f"{kind} "))
            for name, these in others.items()
        }
        for kind in KINDS
    }
    return {"invariant": o["invariant"], "numerics": numerics(settings), "requests": len(requests), "differ": differ}


def measured(o: dict[str, Any]) -> dict[str, Any]:
    """What `compared` finds, in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), o["model"], "--options", json.dumps(o)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    counts: dict[str, Any] = json.loads(
        next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{"))
    )
    return counts


@click.command()
@click.argument("model", type=click.Path(exists=True, file_okay=False, resolve_path=True))
@click.option("--device", type=click.Choice(["cpu", "cuda"]), required=True)
@click.option("--dtype", type=click.Choice(["float32", "bfloat16"]), default="bfloat16", show_default=True)
@click.option("--requests", default=256, show_default=True)
@click.option("--tokens", default=256, show_default=True, help="Longest answer.")
@click.option("--side-by-side", default=128, show_default=True, help="Answers under way at once.")
@click.option("--options", hidden=True)
def main(options: str | None, **o: Any) -> None:
    if options:
        click.echo(json.dumps(compared(json.loads(options))))
        return
    runs = []
    for invariant in [True, False] if o["device"] == "cuda" else [False]:
        runs.append(measured({**o, "invariant": invariant}))
        click.echo(json.dumps(runs[-1]))
    same = {kind: not any(counts.values()) for kind, counts in runs[0]["differ"].items()}
    without = [count for counts in runs[-1]["differ"].values() for count in counts.values()]
    told_apart = any(without) if o["device"] == "cuda" else None
    click.echo(json.dumps({"same": same, "differs_without": told_apart, "numerics": runs[0]["numerics"]}))
    sys.exit(0 if all(same.values()) and told_apart is not False else 1)


if __name__ == "__main__":
    main()

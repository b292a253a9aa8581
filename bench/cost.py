"""What a document costs in a pass by its length: train.cost_quadratic, measured.

Usage: python bench/cost.py MODEL [--device cpu] [--lengths 64,128,256,512,1024] [--repeats 5]

MODEL is a folder with a model, trained with the settings of params.yaml on one process without ZeRO-3. Each length is
one document, whose forward and backward pass is timed; the fastest of the repeats counts. To them the formula
constant + linear·n + quadratic·n² is fitted with equal relative weights. The last line is JSON with quadratic over
linear beside what the operations say: 12·layers·width / 6·parameters, halved for the pairs that a causal mask leaves.
"""

import json
import time

import click
import numpy
import torch
from transformers import AutoModelForCausalLM

from limo import params
from limo.training.examples import Example
from limo.training.loss import Objective, layout
from limo.training.speed import operations_of


def seconds(objective: Objective, length: int, train: params.Train, device: str, repeats: int) -> float:
    """The fastest forward and backward pass of one document, half of it trained."""
    example = Example("document", tuple(range(3, length + 3)), length // 2)
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        objective(layout([example], train, 0, device)).backward()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
        objective.zero_grad()
    return min(times)


@click.command()
@click.argument("model", type=click.Path(exists=True, file_okay=False))
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--lengths", default="64,128,256,512,1024", show_default=True, help="Tokens.")
@click.option("--repeats", default=5, show_default=True)
def main(model: str, device: str, lengths: str, repeats: int) -> None:
    train = params.load().train
    torch.set_num_threads(train.threads)
    loaded = AutoModelForCausalLM.from_pretrained(
        model, dtype=getattr(torch, train.dtype), attn_implementation=train.attention
    )
    objective = Objective(loaded.to(device), train).train()
    sizes = [int(length) for length in lengths.split(",")]
    taken = [seconds(objective, length, train, device, repeats) for length in sizes]
    tokens = numpy.array(sizes, dtype=float)
    terms = numpy.stack([numpy.ones_like(tokens), tokens, tokens**2], 1)
    constant, linear, quadratic = numpy.linalg.lstsq(terms / numpy.array(taken)[:, None], numpy.ones_like(tokens))[0]
    for length, measured in zip(sizes, taken, strict=True):
        click.echo(
            f"{length:6} tokens  {measured:8.4f} s  fitted {constant + linear * length + quadratic * length**2:8.4f}"
        )
    operations = operations_of(loaded.config, loaded.num_parameters())
    line = {
        "constant_s": round(float(constant), 5),
        "linear_s": float(f"{linear:.3g}"),
        "quadratic_over_linear": float(f"{quadratic / linear:.3g}"),
        "by_operations": float(f"{operations.layers * operations.width / operations.parameters:.3g}"),
    }
    click.echo(json.dumps(line))


if __name__ == "__main__":
    main()

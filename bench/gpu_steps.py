"""The checks of `bench/gpu.py`: each is a function of the scale that returns a Finding, run as a process of its own."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import gpu_world as world
import torch
from gpu_world import SHAPES, Scale
from torch import Tensor
from torch.nn import functional

from limo import params
from limo.store.request import Completion, Request


@dataclass(frozen=True)
class Finding:
    """What a check has seen, in words and in figures; `ok` says whether it was expected, None where nothing was."""

    ok: bool | None
    seen: str
    figures: dict[str, Any]


def positions(scale: Scale) -> Finding:
    """Rotary positions and the loss of one pass in bfloat16 against plain transformers, at the longest length."""
    from transformers import AutoModelForCausalLM

    from limo.training.examples import Example
    from limo.training.loss import layout
    from limo.training.sharded import build

    train = world.recipe(scale)
    folder = world.model(scale, scale.main)
    world.alone(train)
    engine = build(str(folder), train, scale.longest)
    ids = random.Random(0).choices(world.BYTES, k=scale.longest)
    packed = layout([Example("long", tuple(ids), 1)], train, world.END, engine.device)
    with torch.no_grad():
        ours = float(engine(packed)) / (scale.longest - 1)
        states = engine.module.model.base_model(
            input_ids=packed.ids, position_ids=packed.positions, use_cache=False, documents=packed.documents
        ).last_hidden_state
    rotary = engine.module.model.base_model.rotary_emb.inv_freq
    plain: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="sdpa")
    plain = plain.to(scale.device).eval()
    with torch.no_grad():
        wanted = plain.base_model(input_ids=packed.ids, use_cache=False).last_hidden_state
        losses = [
            functional.cross_entropy(plain.lm_head(part).float(), target, reduction="sum")
            for part, target in zip(wanted[0, :-1].split(1024), packed.ids[0, 1:].split(1024), strict=True)
        ]
    theirs = float(sum(losses)) / (scale.longest - 1)
    angle = float((rotary - plain.base_model.rotary_emb.inv_freq).abs().max()) * scale.longest
    apart = float((states - wanted).float().norm() / wanted.float().norm())
    figures = {"angle_error_rad": angle, "loss": ours, "plain_loss": theirs, "states_apart": apart}
    seen = f"angles off by {angle:g} rad, loss {ours:.5f} against {theirs:.5f}, hidden states apart {apart:.2e}"
    return Finding(angle == 0 and abs(ours / theirs - 1) < 2e-3 and apart < 0.05, seen, figures)


def speed(scale: Scale) -> Finding:
    """Tokens a second, MFU and peak memory of the stage, against what `limo plan` reckons."""
    return _trained(scale, scale.main, "main")


def repeated(scale: Scale) -> Finding:
    """The training of `speed`, which has run before, again: the same bytes."""
    before = json.loads((scale.folder / "main.json").read_text())["sha256"]
    figures = world.train(scale, scale.main, "again")
    after = figures["sha256"]
    same = after == before
    return Finding(same, f"{'the same' if same else 'OTHER'} weights: {before[:12]} and {after[:12]}", figures)


def _trained(scale: Scale, name: str, variant: str, **changes: Any) -> Finding:
    """The stage's figures for shape `name` under changes of the recipe; expected is a peak within what is planned."""
    from limo.plan.memory import GIB, need

    figures = world.train(scale, name, variant, **changes)
    (scale.folder / f"{variant}.json").write_text(json.dumps(figures))
    planned = need(SHAPES[name], world.recipe(scale, **changes), 0.0)
    figures |= {"planned_gib": round(planned.device / GIB, 2), "planned_host_gib": round(planned.host / GIB, 2)}
    seen = f"{figures['tokens_per_s']:.0f} tokens/s"
    if "mfu" in figures:
        seen += f", MFU {figures['mfu']:.1%}"
    if "peak_gpu_gib" not in figures:
        return Finding(None, seen, figures)
    peak = figures["peak_gpu_gib"]
    seen += f", peak {peak} GiB of {figures['planned_gib']} planned, reserved {figures['reserved_gpu_gib']}"
    return Finding(peak <= figures["planned_gib"], seen, figures)


def attention(scale: Scale) -> Finding:
    """Attention by document: which kernel runs, whether two runs give the same gradients, and what that costs."""
    layouts = {"one": [scale.longest], "halves": [scale.longest // 2] * 2, "sixteen": [scale.longest // 16] * 16}
    figures: dict[str, Any] = {}
    modes = {"deterministic": True, "free": False}
    # Of the shapes 1.5B and 0.5B: head size, heads and key-value heads.
    for size, heads, shared in ((128, 12, 2), (64, 14, 2)):
        for name, documents in layouts.items():
            for mode, deterministic in modes.items():
                torch.use_deterministic_algorithms(deterministic)
                measured = _attended(_by_document(documents), sum(documents), size, heads, shared, scale.device)
                figures[f"sdpa {size} {name} {mode}"] = measured
    if scale.device == "cuda" and (flash := _flash()):
        for mode, deterministic in modes.items():
            run = flash(layouts["halves"], deterministic)
            figures[f"flash_attn 128 halves {mode}"] = _attended(run, scale.longest, 128, 12, 2, scale.device)
    same = all(measured["same"] for key, measured in figures.items() if key.endswith("deterministic"))
    slower = figures["sdpa 128 one deterministic"]["ms"] / figures["sdpa 128 one free"]["ms"]
    kernels = sorted({kernel for measured in figures.values() for kernel in measured["kernels"]})
    seen = (
        f"deterministic runs {'equal' if same else 'DIFFER'}, {slower:.2f} times the time; {', '.join(kernels)[:300]}"
    )
    return Finding(same, seen, figures)


def _by_document(documents: list[int]) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """The attention of training over documents of so many tokens."""
    from limo.training.attention import by_document

    def run(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        scaling = query.shape[-1] ** -0.5
        return by_document(None, query, key, value, None, scaling=scaling, documents=documents, dropout=0.0)[0]  # type: ignore[arg-type]

    return run


def _flash() -> Callable[[list[int], bool], Callable[[Tensor, Tensor, Tensor], Tensor]] | None:
    """flash-attn's attention over documents, where the package is installed."""
    try:
        from flash_attn import flash_attn_varlen_func
    except ImportError:
        return None

    def of(documents: list[int], deterministic: bool) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        bounds = torch.tensor([0, *documents], device="cuda").cumsum(0).to(torch.int32)

        def run(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            laid = [each[0].transpose(0, 1).contiguous() for each in (query, key, value)]
            longest = max(documents)
            attended: Tensor = flash_attn_varlen_func(
                *laid, bounds, bounds, longest, longest, causal=True, deterministic=deterministic
            )
            return attended

        return run

    return of


def _attended(
    run: Callable[[Tensor, Tensor, Tensor], Tensor], tokens: int, size: int, heads: int, shared: int, device: str
) -> dict[str, Any]:
    """Milliseconds of a forward and backward pass, whether two give the same gradients, and the kernels that ran."""
    from torch.profiler import ProfilerActivity, profile

    torch.manual_seed(0)
    inputs = [
        torch.randn(1, count, tokens, size, device=device, dtype=torch.bfloat16, requires_grad=True)
        for count in (heads, shared, shared)
    ]

    def once() -> list[Tensor]:
        for each in inputs:
            each.grad = None
        attended = run(*inputs)
        attended.backward(torch.ones_like(attended))
        return [each.grad for each in inputs if each.grad is not None]

    first = once()
    same = all(torch.equal(a, b) for _ in range(3) for a, b in zip(first, once(), strict=True))
    times = []
    for _ in range(5):
        begun = world.synchronised(device)
        once()
        times.append(world.synchronised(device) - begun)
    if device == "cpu":
        return {"ms": round(median(times) * 1e3, 3), "same": same, "kernels": []}
    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        once()
        torch.cuda.synchronize()
    names = {
        event.key
        for event in profiled.key_averages()
        if any(word in event.key.lower() for word in ("flash", "fmha", "cudnn"))
    }
    return {"ms": round(median(times) * 1e3, 3), "same": same, "kernels": sorted(name[:70] for name in names)}


def killed(scale: Scale) -> Finding:
    """A training killed with -9 after a checkpoint: its memory comes back, and going on ends with the same bytes."""
    undisturbed = world.train(scale, scale.small, "whole", save_steps=2)["sha256"]
    before = world.gpu_memory_mib() if scale.device == "cuda" else 0
    process = world.start_training(scale, scale.small, "broken", save_steps=2)
    deadline = time.monotonic() + 90
    while not list((scale.folder / ".limo/checkpoints").glob("broken-*/latest")) and time.monotonic() < deadline:
        if process.poll() is not None:
            return Finding(False, f"the run ended before its first checkpoint, with {process.returncode}", {})
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    begun = time.monotonic()
    while scale.device == "cuda" and world.gpu_memory_mib() > before + 200 and time.monotonic() < begun + 30:
        time.sleep(0.1)
    returned = round(time.monotonic() - begun, 1)
    figures = world.train(scale, scale.small, "broken", save_steps=2)
    same, resumed = figures["sha256"] == undisturbed, figures["resumed_at"]
    seen = f"memory back after {returned} s, resumed at step {resumed}, {'the same' if same else 'OTHER'} weights"
    return Finding(same and resumed > 0 and returned < 30, seen, {**figures, "memory_back_s": returned})


def sampled(scale: Scale) -> Finding:
    """The transformers engine in bfloat16: an answer alone, among others and in reversed order is the same text."""
    from limo.generation.engines.choose import open_engine

    name, tokens = ("bytes", 64) if scale.device == "cuda" else ("tiny", 16)
    settings = params.TransformersEngine(
        kind="transformers",
        device=scale.device,
        dtype="bfloat16",
        slots=32,
        max_length=512,
        threads=1,
        numerics="native",
    )
    engine = open_engine(world.model(scale, name), settings)
    requests = {f"r{number}": _request(number, tokens) for number in range(scale.answered)}

    def answers(asked: dict[str, Request]) -> dict[str, Completion]:
        engine.submit(asked.items())
        ended: dict[str, Completion] = {}
        while done := engine.finished():
            ended |= dict(done)
        return ended

    begun = world.synchronised(scale.device)
    together = answers(requests)
    seconds = world.synchronised(scale.device) - begun
    reversed_order = answers(dict(reversed(requests.items())))
    some = sorted(requests)[:3]
    alone = {each: answers({each: requests[each]})[each] for each in some}
    differ = {
        "reversed": sum(together[each] != reversed_order[each] for each in requests),
        "alone": sum(together[each] != alone[each] for each in some),
    }
    rate = sum(answer.tokens for answer in together.values()) / seconds
    distinct = len({answer.text for answer in together.values()})
    seen = f"{differ['reversed']} of {len(requests)} differ reversed, {differ['alone']} of {len(some)} alone"
    seen += f"; {rate:.0f} tokens/s"
    return Finding(not any(differ.values()) and distinct > len(requests) // 2, seen, {**differ, "tokens_per_s": rate})


def _request(number: int, tokens: int) -> Request:
    """A prompt of random bytes to be answered by at most so many tokens; every fourth one takes the likeliest ones."""
    draw = random.Random(number)
    ids = tuple(draw.choices(world.BYTES, k=draw.randrange(20, 200)))
    greedy = number % 4 == 0
    sampling = params.Sampling(temperature=0.0 if greedy else 1.0, top_p=1.0 if greedy else 0.95, max_tokens=tokens)
    return Request(ids, (), sampling, 10**15 + number)


def flash_attention(scale: Scale) -> Finding:
    """Training with FlashAttention-2 chosen, twice: figures, and the same bytes."""
    first = _trained(scale, scale.main, "flash", attention="flash_attention_2")
    again = world.train(scale, scale.main, "flash2", attention="flash_attention_2")
    same = again["sha256"] == first.figures["sha256"]
    seen = f"{first.seen}; {'the same' if same else 'OTHER'} weights twice"
    return Finding(same and first.ok is not False, seen, first.figures)


def large(scale: Scale) -> Finding:
    """The larger shape."""
    return _trained(scale, scale.large, "large")


def liger(scale: Scale) -> Finding:
    """Liger's fused loss in place of chunks."""
    return _trained(scale, scale.main, "liger", fused_loss="liger")


def offload(scale: Scale) -> Finding:
    """The optimiser in main memory."""
    return _trained(scale, scale.main, "offload", offload=True)


def fragmentation(scale: Scale) -> Finding:
    """What the allocator reserves beyond what tensors take, with segments that cannot grow."""
    os.environ["PYTORCH_ALLOC_CONF"] = "expandable_segments:False"
    return _trained(scale, scale.main, "fixed")


def determinism(scale: Scale) -> Finding:
    """The time of the same passes with deterministic algorithms and without, by turns in one process."""
    from limo.training.examples import Example
    from limo.training.loss import layout
    from limo.training.sharded import build

    train = world.recipe(scale)
    folder = world.model(scale, scale.main)
    world.alone(train)
    engine = build(str(folder), train, scale.longest)
    ids = tuple(random.Random(0).choices(world.BYTES, k=scale.longest // 2))
    packed = layout([Example("a", ids, 1), Example("b", ids, 1)], train, world.END, engine.device)
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(8):
        deterministic = turn % 2 == 0
        torch.use_deterministic_algorithms(deterministic)
        begun = world.synchronised(scale.device)
        engine.backward(engine(packed) / scale.longest)
        engine.step()
        times[deterministic].append(world.synchronised(scale.device) - begun)
    ratio = median(times[True][1:]) / median(times[False][1:])
    return Finding(None, f"{ratio:.3f} times the time of a pass", {"ratio": ratio, "seconds": times})


# By the names that `gpu.CHECKS` gives them.
STEPS: dict[str, Callable[[Scale], Finding]] = {
    "positions": positions,
    "speed": speed,
    "repeated": repeated,
    "attention": attention,
    "killed": killed,
    "sampled": sampled,
    "flash_attention": flash_attention,
    "liger": liger,
    "offload": offload,
    "large": large,
    "determinism": determinism,
    "fragmentation": fragmentation,
}


@contextmanager
def quiet() -> Iterator[int]:
    """Send what a step and its children print to stderr; yields the real stdout."""
    real = os.dup(1)
    os.dup2(2, 1)
    try:
        yield real
    finally:
        os.dup2(real, 1)


def main() -> None:
    """Run the step that the first argument names; the scale's device and folder follow. Prints its finding as JSON."""
    name, device, folder = sys.argv[1:]
    with quiet():
        finding = STEPS[name](world.scale_of(device, Path(folder)))
    print(json.dumps(vars(finding)), flush=True)


if __name__ == "__main__":
    main()

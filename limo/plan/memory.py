"""A model's shape and the section `train` → the memory that training needs, and the least change that fits."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import ceil, log2
from pathlib import Path
from typing import Any

from limo.graph import places
from limo.params import Params, Plan, Shape, Train

GIB = 2**30
# limo.training.sharded.configuration: elements of a reduce bucket, and gathered weights that may live, in buckets.
BUCKET = {"cpu": 5_000_000, "cuda": 200_000_000}
LIVE_BUCKETS = 5
# DeepSpeed's default, which our configuration keeps: elements that one piece of the optimiser step updates.
SUB_GROUP = 1_000_000_000
# Bytes of a parameter in a checkpoint (limo.training.checkpoints): a master weight and two moments, all float32.
CHECKPOINT = 12


@dataclass(frozen=True)
class Memory:
    """Bytes that training needs: of one device by purpose, and of main memory beside GPUs by all processes together."""

    weights: float
    state: float
    activations: float
    logits: float
    working: float
    reserve: float
    host: float

    @property
    def device(self) -> float:
        """Bytes of one device at the peak."""
        return self.weights + self.state + self.activations + self.logits + self.working + self.reserve


def parameters(shape: Shape) -> int:
    """Parameters of a model of the llama family: embeddings, attention, the three matrices of the MLP, norms.

    The biases that qwen2 adds to queries, keys and values, below a ten-thousandth of the whole, are left out.
    """
    queries, keys = shape.heads * shape.head_size, shape.key_value_heads * shape.head_size
    layer = 2 * shape.hidden * (queries + keys) + 3 * shape.hidden * shape.intermediate + 2 * shape.hidden
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    return embeddings + shape.layers * layer + shape.hidden


def shape_of(folder: Path) -> Shape | None:
    """The shape that a model folder's config.json gives; None where there is none, as for models on a hub."""
    file = folder / "config.json"
    if not file.is_file():
        return None
    config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    heads = config["num_attention_heads"]
    return Shape(
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        heads=heads,
        key_value_heads=config.get("num_key_value_heads") or heads,
        head_size=config.get("head_dim") or config["hidden_size"] // heads,
        vocabulary=config["vocab_size"],
        tied=config.get("tie_word_embeddings", False),
        positions=config["max_position_embeddings"],
    )


def shapes(p: Params, root: Path) -> dict[str, Shape]:
    """Shapes of models by name: of their config.json under `root`, else of plan.shapes, else missing."""
    known = {name: shape_of(root / places.base_model(name).path) or p.plan.shapes.get(name) for name in p.models}
    return {name: shape for name, shape in known.items() if shape}


def layer_bytes(shape: Shape, train: Train) -> int:
    """Bytes a token that one layer keeps for its backward pass, without checkpointing.

    The count of Korthikanti et al. 2022 (arXiv 2205.05198, section 4.1) for a layer with RMSNorm and a gated MLP, and
    without their 5·a·s/h, the attention matrix, which neither kernel stores. `sdpa` lays the outputs of its documents
    together.
    """
    width = _width(train)
    queries = shape.heads * shape.head_size
    outputs = (2 if train.attention == "sdpa" else 1) * queries
    keys = shape.key_value_heads * shape.head_size
    # Both norms: their input in float32, the normalised value, and the output that the matrices take.
    norms = 2 * shape.hidden * (4 + 2 * width)
    attention = width * (queries + outputs + 2 * keys) + 4 * shape.heads  # the last are log-sum-exps
    return norms + attention + width * 4 * shape.intermediate  # gate, its activation, up, their product


def need(shape: Shape, train: Train, reserve_gib: float) -> Memory:
    """What `train` needs for a model of this shape on `train.processes` devices (docs/plan.md, "Training memory")."""
    width, tokens = _width(train), max(train.tokens_per_pass, train.max_length)  # a long example is a pass alone
    count = parameters(shape)
    share = count / train.processes
    # float32 gradients and two moments; bfloat16 weights have float32 masters beside them.
    state = share * (4 + 8 + (4 if train.dtype == "bfloat16" else 0))
    layer = tokens * layer_bytes(shape, train)
    kept = (
        tokens * shape.hidden * width * shape.layers + layer if train.activation_checkpointing else layer * shape.layers
    )
    # Beside the layers: the final norm, the states picked for the loss, and gradients of a layer's two widest values.
    kept += tokens * (shape.hidden * (4 + 3 * width) + 2 * shape.intermediate * width)
    logits = min(train.loss_chunk, tokens) * shape.vocabulary * (width + 8)
    bucket = BUCKET[train.device]
    head = shape.vocabulary * shape.hidden * width
    working: float = min(count, LIVE_BUCKETS * bucket) * width + head + min(count, bucket) * (width + 4)
    # The optimiser's own copy of gradients comes when activations are gone; more of it than of them is rare.
    step = 0.0 if train.offload else min(share, SUB_GROUP) * 4
    working += max(0.0, step - kept - logits - working)
    host = _host(count, train) if train.device == "cuda" else 0.0
    return Memory(width * share, 0.0 if train.offload else state, kept, logits, working, reserve_gib * GIB, host)


def _host(count: int, train: Train) -> float:
    """Bytes of main memory that processes on GPUs take together.

    From GPUs a checkpoint is copied there as a whole before it is written, and the smaller exported model as well. With
    offload masters and moments lie there and are written from where they are, so that only the export comes on top;
    gradients are held twice, as they are reduced and as the optimiser takes them, both in pinned memory.
    """
    if not train.offload:
        return CHECKPOINT * count
    share = count / train.processes
    groups, rest = divmod(share, SUB_GROUP)
    pinned = _pinned(4 * share) + groups * _pinned(4 * SUB_GROUP) + _pinned(4 * rest)
    return train.processes * (CHECKPOINT * share + pinned) + _width(train) * count


def _pinned(size: float) -> float:
    """Bytes that torch takes for so many of pinned memory: the next power of two."""
    return 2.0 ** ceil(log2(size)) if size else 0.0


def fits(memory: Memory, train: Train, plan: Plan) -> bool:
    """Whether the devices there are can hold it. Processes on a CPU share its memory, those on GPUs have one each."""
    if train.device == "cuda" and train.processes > plan.devices:
        return False
    return memory.device <= room(train, plan) and memory.host <= plan.host_memory_gib * GIB


def room(train: Train, plan: Plan) -> float:
    """Bytes that one process has."""
    shared = plan.devices / train.processes if train.device == "cpu" else 1
    return plan.device_memory_gib * GIB * shared


def remedy(shape: Shape, train: Train, plan: Plan, key: Callable[[str], str]) -> str:
    """The least change under which it fits: one setting, several, or more devices; `key` says where a setting is."""
    spread = {"processes": plan.devices} if train.device == "cuda" and train.processes > plan.devices else {}
    for setting in _settings(train):
        changes = spread | setting
        other = train.model_copy(update=changes)
        if fits(need(shape, other, plan.reserve_gib), other, plan):
            return " and ".join(f"{key(name)}: {str(value).lower()}" for name, value in changes.items())
    for processes in range(train.processes + 1, 8 * train.processes + 1) if train.device == "cuda" else ():
        more = train.model_copy(update={"processes": processes})
        if fits(need(shape, more, plan.reserve_gib), more, plan.model_copy(update={"devices": processes})):
            return f"{key('processes')}: {processes} on as many devices"
    reckoned = [need(shape, train.model_copy(update=setting), plan.reserve_gib) for setting in _settings(train)]
    hosts = [each.host for each in reckoned if each.device <= room(train, plan)]
    if hosts and train.processes <= plan.devices:
        return f"{min(hosts) / GIB:.0f} GiB of main memory, or a smaller model"
    return "devices with more memory, or a smaller model"


def _settings(train: Train) -> Iterator[dict[str, Any]]:
    """Changes of the settings that save memory: none, then each alone, then several at once."""
    single: list[dict[str, Any]] = []
    if not train.activation_checkpointing:
        single.append({"activation_checkpointing": True})
    if train.tokens_per_pass > train.max_length:
        single.append({"tokens_per_pass": train.max_length})
    if train.device == "cuda" and not train.offload:
        single.append({"offload": True})
    for count in range(len(single) + 1):
        for chosen in combinations(single, count):
            yield {name: value for change in chosen for name, value in change.items()}


def _width(train: Train) -> int:
    return 2 if train.dtype == "bfloat16" else 4

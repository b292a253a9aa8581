"""Model shapes, random models and datasets of known lengths for the checks of `bench/gpu.py`; needs no network."""

import hashlib
import json
import math
import os
import random
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from limo import params
from limo.models import load
from limo.training import launch
from limo.training.job import job_of
from tests import tiny_model
from tests.training import world as small  # the small world of the training tests

# Of the Qwen2.5 family, whose sizes are public; `bytes` is its smallest one over the byte tokenizer of the tests, so
# that every token drawn is text. `tiny` is for trying the script without a GPU.
_BYTES = params.Shape(
    layers=24,
    hidden=896,
    intermediate=4864,
    heads=14,
    key_value_heads=2,
    head_size=64,
    vocabulary=259,
    tied=True,
    positions=32768,
)
_MAIN = params.Shape(
    layers=28,
    hidden=1536,
    intermediate=8960,
    heads=12,
    key_value_heads=2,
    head_size=128,
    vocabulary=151936,
    tied=True,
    positions=32768,
)
SHAPES = {
    "tiny": params.Shape(
        layers=2,
        hidden=64,
        intermediate=128,
        heads=4,
        key_value_heads=2,
        head_size=16,
        vocabulary=320,
        tied=True,
        positions=32768,
    ),
    "bytes": _BYTES,
    "0.5B": _BYTES.model_copy(update={"vocabulary": 151936}),
    "1.5B": _MAIN,
    "3B": _MAIN.model_copy(update={"layers": 36, "hidden": 2048, "intermediate": 11008, "heads": 16}),
}
FRAME = 80  # tokens of an example beside its solution
# Of the byte tokenizer: the end-of-turn token, which fills passes without examples too, and the tokens of single bytes.
END = 2
BYTES = range(3, 259)


@dataclass(frozen=True)
class Scale:
    """How large the checks are.

    Attributes:
        device: cuda or cpu.
        folder: where models, datasets and trainings lie.
        longest: tokens of the longest example, and of a pass.
        examples: how many are trained, `batch` of them a step.
        answered: requests of the check of sampling.
        small, main, large: names in `SHAPES`, by the size of what a check trains.
    """

    device: str
    folder: Path
    longest: int
    examples: int
    batch: int
    answered: int
    small: str
    main: str
    large: str


def scale_of(device: str, folder: Path) -> Scale:
    """The sizes for a GPU, or the tiny ones with which the script is tried on a CPU."""
    if device == "cuda":
        return Scale("cuda", folder, 16_384, 24, 8, 64, "0.5B", "1.5B", "3B")
    return Scale("cpu", folder, 512, 12, 4, 6, "tiny", "tiny", "tiny")


def model(scale: Scale, name: str) -> Path:
    """A folder with a random model of a shape in bfloat16, made once.

    Queries and keys are four times as large as usual, so that attention depends on positions and wrong ones show.
    """
    folder = scale.folder / "models/base" / name
    if (folder / "model.safetensors.index.json").exists() or (folder / "model.safetensors").exists():
        return folder
    shape = SHAPES[name]
    config = AutoConfig.for_model(
        "qwen2",
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=32_768,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
        tie_word_embeddings=shape.tied,
        bos_token_id=1,
        eos_token_id=END,
        pad_token_id=END,
    )
    torch.manual_seed(0)
    with torch.device(scale.device):
        made = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    for layer in made.model.layers:
        layer.self_attn.q_proj.weight.data *= 4
        layer.self_attn.k_proj.weight.data *= 4
    made.save_pretrained(folder)
    tiny_model.tokenizer().save_pretrained(folder)
    return folder


def lengths(scale: Scale) -> list[int]:
    """Tokens of the examples: log-normal like chains, and the longest one exactly `scale.longest`."""
    draw = random.Random(0)
    drawn = [int(draw.lognormvariate(math.log(scale.longest * 0.4), 0.6)) for _ in range(scale.examples - 1)]
    return [scale.longest, *(min(scale.longest, max(2 * FRAME, length)) for length in drawn)]


def dataset(path: Path, sizes: list[int], label: str) -> None:
    """A dataset table whose examples have so many tokens under the byte tokenizer."""
    draw = random.Random(label)
    records = [
        {
            "id": f"{label}-{number:03}",
            "question": f"{label}-{number:03}?",
            "solution": "".join(draw.choices("abcdefghij 0123456789", k=size)),
        }
        for number, size in enumerate(sizes)
    ]
    small.dataset(path, records)


def recipe(scale: Scale, **changes: Any) -> params.Train:
    """The recipe of the profiles at one epoch, for one device."""
    on_gpu = scale.device == "cuda"
    values: dict[str, Any] = {
        "device": scale.device,
        "dtype": "bfloat16",
        "threads": 8 if on_gpu else 1,
        "numerics": "native" if on_gpu else "portable",
        "epochs": 1,
        "batch_size": scale.batch,
        "tokens_per_pass": scale.longest,
        "cost_quadratic": 2e-5,
        "max_length": scale.longest,
        "learning_rate": 5e-6,
        "min_learning_rate": 0.0,
        "weight_decay": 1e-4,
        "loss_chunk": 2048 if on_gpu else 64,
        "activation_checkpointing": True,
        "save_steps": 10**6,
    }
    return small.train(**{**values, **changes})


def train(scale: Scale, name: str, variant: str, **changes: Any) -> dict[str, Any]:
    """Run the training stage; its figures and the sha256 of the weights it left."""
    p = prepared(scale, name, variant, **changes)
    before = Path.cwd()
    os.chdir(scale.folder)
    try:
        figures = launch.run(job_of(p, variant))
    finally:
        os.chdir(before)
    return {**figures, "sha256": weights_hash(scale.folder / "models" / variant)}


def prepared(scale: Scale, name: str, variant: str, **changes: Any) -> params.Params:
    """The parameters that train a shape as `variant`, whose model and datasets are made."""
    model(scale, name)
    frame = tokens_of_frame()
    trained, held_out = "data/limo.parquet", "data/validation.parquet"
    dataset(scale.folder / trained, [length - frame for length in lengths(scale)], "train")
    dataset(scale.folder / held_out, [200, 100], "held")
    return params.Params.model_construct(
        seed=1,
        prompt=params.Prompt(system=small.SYSTEM),
        train=recipe(scale, **changes),
        variants={variant: params.Variant(data=trained, model=name, validation=held_out, train={})},
    )


def tokens_of_frame() -> int:
    """Tokens of an example beside its solution."""
    tokenizer = tiny_model.tokenizer()
    return len(load.prompt_ids(tokenizer, load.turns(small.SYSTEM, "train-000?"))) + 1


def weights_hash(folder: Path) -> str:
    """Hex sha256 over a model folder's weights."""
    total = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def start_training(scale: Scale, name: str, variant: str, **changes: Any) -> subprocess.Popen[bytes]:
    """The same as `train` in a process of its own, to be killed."""
    script = (
        "import json, sys; from pathlib import Path; import gpu_world as world;"
        "device, folder, name, variant, changes = sys.argv[1:];"
        "world.train(world.scale_of(device, Path(folder)), name, variant, **json.loads(changes))"
    )
    arguments = [scale.device, str(scale.folder), name, variant, json.dumps(changes)]
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=sys.stderr, env=environment())


def environment() -> dict[str, str]:
    """Variables with which a child finds the project and these scripts."""
    here = Path(__file__).resolve().parent
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here.parent), str(here), os.environ.get("PYTHONPATH", "")]),
    }


def gpu_memory_mib() -> int:
    """Memory in use on the first GPU, of all processes."""
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])


def alone(train: params.Train) -> None:
    """Make this process a distributed run of one, with the environment that the stage gives its processes."""
    from limo.training.sharded import connect

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}
    os.environ.update({**launch.environment(train), **meeting})
    connect(train)


def synchronised(device: str) -> float:
    """Seconds on the clock once the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()

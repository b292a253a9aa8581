"""A model's folder and the section `train` → DeepSpeed's ZeRO-3 engine, and back to a folder (stage train)."""

import os
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import deepspeed
import torch
from deepspeed.runtime.engine import DeepSpeedEngine
from deepspeed.utils import set_z3_leaf_modules
from torch import distributed
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.integrations import HfDeepSpeedConfig

from limo.base.numerics import unit
from limo.models import load
from limo.params import Train
from limo.training.checkpoints import written_whole
from limo.training.loss import Objective, check_supported


def connect(train: Train) -> None:
    """Join the other processes and settle everything that could make two runs differ."""
    # DeepSpeed calls collectives under their older names: a warning at every pass otherwise.
    warnings.filterwarnings("ignore", r"`torch\.distributed\.\w+` is deprecated", FutureWarning)
    # With ninja at hand DeepSpeed would compile a shared-memory collective for inference on CPUs: a minute for
    # nothing, as training does not use it. An empty table of usable operators keeps it from trying.
    deepspeed.ops.__compatible_ops__ = {}
    if train.device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    deepspeed.init_distributed("nccl" if train.device == "cuda" else "gloo", verbose=False)
    torch.set_num_threads(train.threads)
    torch.use_deterministic_algorithms(mode=True)
    # That mode also fills every new tensor, a tenth of a step on a CPU; every tensor here is written before it is read.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def hardware(train: Train) -> str:
    """What besides inputs and the number of processes decides the bytes: device, threads, kernels, library versions."""
    if train.device == "cuda":
        device = f"cuda{torch.version.cuda}-{torch.cuda.get_device_name().replace(' ', '-')}-{train.dtype}"
        device += "".join(f"-{kernel}" for kernel in _kernels(train))
    else:
        # The common type is left out, as in records that are published.
        dtype = "" if train.dtype == "float32" else f"-{train.dtype}"
        device = f"cpu-{unit(train.numerics, train.threads)}{dtype}-threads{train.threads}"
    torch_version = torch.__version__.split("+")[0]
    return f"{device}-torch{torch_version}-deepspeed{deepspeed.__version__}"


def _kernels(train: Train) -> list[str]:
    """The kernels that stand in for torch's, each with its version, and the collectives of several processes."""
    flash = f"flash-attn{version('flash-attn')}" if train.attention == "flash_attention_2" else train.attention
    liger = [f"liger{version('liger-kernel')}"] if train.fused_loss == "liger" else []
    nccl = [f"nccl{'.'.join(map(str, torch.cuda.nccl.version()))}"] if train.processes > 1 else []
    return [flash, *liger, *nccl]


def configuration(train: Train) -> dict[str, Any]:
    """DeepSpeed's configuration: ZeRO-3, clipping, and on GPUs bf16 with float32 master weights.

    Accumulation over passes is steered by hand, so the configured number of accumulation steps stays 1 and DeepSpeed
    divides gradients by nothing but the number of processes.
    """
    # In elements; norms are gathered for good, matrices never.
    bucket, persistent = (5_000_000, 1_000) if train.device == "cpu" else (200_000_000, 10_000)
    zero: dict[str, Any] = {
        "stage": 3,
        # Reductions on a stream of their own would sum in the same order, as its source reads; that nothing races there
        # only two GPUs can show (docs/train.md, "Devices"). Gathers overlap all the same.
        "overlap_comm": False,
        "reduce_bucket_size": bucket,
        "stage3_prefetch_bucket_size": bucket,
        # Gathered weights that are kept for the next use, in elements.
        "stage3_max_live_parameters": 5 * bucket,
        "stage3_max_reuse_distance": 5 * bucket,
        "stage3_param_persistence_threshold": persistent,
    }
    if train.offload:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
    settings: dict[str, Any] = {
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": 1,
        "gradient_clipping": train.max_grad_norm,
        # torch's AdamW everywhere: DeepSpeed's own is compiled on first use.
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
        "zero_optimization": zero,
    }
    if train.dtype == "bfloat16":
        # While it creates parameters in shards DeepSpeed makes every tensor bfloat16, the frequencies of the rotary
        # positions among them: at 16,384 tokens their angles would be off by radians.
        types = {"grad_accum_dtype": "fp32", "keep_in_fp32_modules": ["inv_freq"]}
        settings |= {"bf16": {"enabled": True}, "data_types": types}
    return settings


def build(folder: str, train: Train, longest: int) -> DeepSpeedEngine:
    """The model of `folder`, created in shards, in the engine that trains it; `engine.module` is the Objective.

    Args:
        folder: a base model's, as `limo.models.load.resolve` reads it.
        train: the parameters.
        longest: tokens of the longest example.

    Raises:
        ValueError: the model is not known to train packed, its buffers were rounded, or the attention kernel asked for
            is not the one in use.
    """
    source = load.resolve(folder)
    check_supported(AutoConfig.from_pretrained(**source), longest)
    settings = configuration(train)
    sharding = HfDeepSpeedConfig(settings)  # while this lives, from_pretrained creates parameters in shards
    model = AutoModelForCausalLM.from_pretrained(
        **source, dtype=getattr(torch, train.dtype), attn_implementation=train.attention, use_safetensors=True
    )
    del sharding
    used = model.config._attn_implementation  # noqa: SLF001 - transformers has no public name for it
    if used != train.attention:
        raise ValueError(f"train.attention asks for {train.attention}, transformers chose {used}: install the kernel")
    check_buffers(model)
    model.generation_config = without_recipe(model.generation_config)
    if train.activation_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    # A layer is gathered and released as one: hooks on each of its parts cost more than they save.
    layers = model._no_split_modules or ()  # noqa: SLF001 - transformers has no public name for it
    set_z3_leaf_modules(model, sorted(layers))
    objective = Objective(model, train).train()
    deepspeed.zero.register_external_parameter(objective.token_loss, model.get_output_embeddings().weight)
    parameters: list[Any] = list(model.parameters())  # ZeRO-3 keeps their whole shape in ds_shape
    matrices = [parameter for parameter in parameters if len(parameter.ds_shape) > 1]
    vectors = [parameter for parameter in parameters if len(parameter.ds_shape) == 1]
    optimizer = torch.optim.AdamW(
        # Norms and biases do not decay, as in the trainer of the paper's recipe.
        [{"params": matrices, "weight_decay": train.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=train.learning_rate,
        betas=(train.beta1, train.beta2),
        eps=train.epsilon,
        fused=True,
    )
    engine, *_ = deepspeed.initialize(model=objective, optimizer=optimizer, config=settings)
    return engine


def check_buffers(model: PreTrainedModel) -> None:
    """Refuse a model whose buffers were rounded while it was created: it would train on other positions.

    Raises:
        ValueError: a floating buffer is not float32, or a frequency is not the one that plain transformers reckons.
    """
    rotary: Any = model.base_model.rotary_emb
    exact = dict(type(rotary)(config=model.config).named_buffers())
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point() and buffer.dtype != torch.float32:
            raise ValueError(f"buffer {name} was made {buffer.dtype}, not float32: positions would be rounded")
    for name, buffer in rotary.named_buffers():
        if not torch.equal(buffer.cpu(), exact[name].cpu()):
            raise ValueError(f"buffer {name} of the rotary positions differs from that of plain transformers")


# Of a generation config, beside its token ids: what draws no other answer.
_NO_RECIPE = {"transformers_version", "_from_model_config", "use_cache", "output_attentions", "output_hidden_states"}


def without_recipe(generation: GenerationConfig) -> GenerationConfig:
    """The token ids of a base's generation config, without the sampling that its makers advise.

    A server takes it for every field that a request does not say, and our answers are drawn by `params.yaml`. Such a
    config may also be one that transformers reads and refuses to save, after the whole training.
    """
    ids = {name: getattr(generation, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    others = set(generation.to_diff_dict()) - set(ids) - _NO_RECIPE
    return GenerationConfig(**ids) if others else generation


def export(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write the whole model with its tokenizer as one Hugging Face folder, in the training dtype. Collective.

    Tied weights are stored once. An older folder of that name is replaced.

    Raises:
        OSError: it could not be written, as on a full disk; nothing of it stays.
    """
    first = distributed.get_rank() == 0
    weights = {}
    for name, parameter in model.named_parameters():
        with deepspeed.zero.GatheredParameters([parameter]):
            if first:
                weights[name] = parameter.detach().to("cpu", copy=True)
    if first:
        shutil.rmtree(folder, ignore_errors=True)
        # Sampling must stop where training ended an answer.
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        for circumstance in ("is_local", "local_files_only"):  # of this machine's cache, not of the tokenizer
            tokenizer.init_kwargs.pop(circumstance, None)
        with written_whole(folder):
            model.save_pretrained(folder, state_dict=weights, max_shard_size="5GB")
            tokenizer.save_pretrained(folder)
    distributed.barrier()

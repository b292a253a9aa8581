"""Sections `prompt`, `train` and `variants`: how a model is trained, and which ones; read by the stage train."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from limo.params.section import Count, Fraction, Name, Numerics, Positive, Section


class Prompt(Section):
    """What stands before the question in every training example and every evaluation (paper 6.2)."""

    system: str
    """System turn."""


class ThoughtMarks(Section):
    """What stands around a thought in a trained text, blanks included."""

    open: str
    """Before the thought, such as "<think>\\n"; a chat template that ends in it has written it already."""
    close: str
    """Between thought and answer, such as "\\n</think>\\n\\n"."""


class Train(Section):
    """Full-parameter SFT under DeepSpeed ZeRO-3 (paper 6.1)."""

    device: Literal["cpu", "cuda"]
    """Where the model is trained."""
    dtype: Literal["float32", "bfloat16"]
    """Number format of weights and activations; the optimiser's are float32 always."""
    attention: Literal["sdpa", "flash_attention_2"]
    """Kernel of attention; `flash_attention_2` needs bfloat16."""
    processes: Positive
    """Processes of all nodes together, on GPUs one each."""
    nodes: Positive
    """Machines that share the processes equally, and one file system with the project."""
    rendezvous: Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")] | None
    """host:port where several nodes meet, the host being one of them; null for one node."""
    rendezvous_timeout_s: Positive
    """Seconds that nodes wait for each other."""
    restarts: Count
    """How often the other nodes wait for a lost one and go on from the checkpoint with it."""
    threads: Positive
    """CPU threads of each process."""
    numerics: Numerics
    """As an engine's (`engines`): `portable` for the same bits on every x86-64 processor with AVX2, else `native`."""
    epochs: Positive
    """Passes over the dataset."""
    batch_size: Positive
    """Whole examples per optimiser step, whatever the packing or the number of processes."""
    loss: Literal["token", "example"]
    """`token` is the mean over the trained tokens of a step; `example` the mean of its examples' means."""
    tokens_per_pass: Positive
    """Tokens of a packed forward pass; a longer example is a pass of its own."""
    cost_quadratic: Annotated[float, Field(ge=0)]
    """n tokens in a pass cost n + cost_quadratic·n², which balances passes; `python bench/cost.py MODEL` measures."""
    max_length: Positive
    """Tokens of a prompt with its answer."""
    overlength: Literal["refuse", "drop", "truncate"]
    """What becomes of a longer example: `refuse` stops, `drop` leaves it out, `truncate` cuts it, as the paper did."""
    thought: ThoughtMarks | None
    """How a solution's thought is told from its answer: by the base model's own marks, an empty thought where there is
    none; null for a blank line and no marks, as the paper did."""
    learning_rate: Annotated[float, Field(gt=0)]
    """Of the first step; it falls along a cosine, without warm-up."""
    min_learning_rate: Annotated[float, Field(ge=0)]
    """End of the cosine."""
    beta1: Fraction
    """Decay of AdamW's first moment."""
    beta2: Fraction
    """Decay of AdamW's second moment."""
    epsilon: Annotated[float, Field(gt=0)]
    """Of AdamW's denominator."""
    weight_decay: Annotated[float, Field(ge=0)]
    """Of AdamW; norms and biases are left out."""
    max_grad_norm: Annotated[float, Field(gt=0)]
    """Norm to which gradients are clipped."""
    fused_loss: Literal["chunks", "liger"]
    """`chunks` is torch, `loss_chunk` tokens at a time; `liger` its Triton kernel, on GPUs."""
    loss_chunk: Positive
    """Tokens whose logits exist at once."""
    activation_checkpointing: bool
    """Whether layers are computed again in the backward pass, which spares memory."""
    offload: bool
    """Whether the optimiser lies in main memory (GPUs only)."""
    save_steps: Positive
    """Optimiser steps between checkpoints, from which a killed run goes on."""
    export_epochs: list[Positive]
    """Epochs, from 1, whose model is kept beside the exported one."""
    choose: Literal["last", "validation"]
    """The epoch that is exported: the last one, or the one with the lowest loss on the variant's `validation`."""

    @model_validator(mode="after")
    def _portable(self) -> "Train":
        if self.numerics == "portable" and self.device != "cpu":
            raise ValueError("numerics: portable is a mode of CPUs: set it to native for device: cuda")
        return self


class Variant(Section):
    """One model to train."""

    data: str
    """Path of a dataset; where `datasets` is empty, a file of the user's own (docs/train.md, "Own data")."""
    model: Name
    """Key of `models`, the base model."""
    validation: str
    """Path of a dataset of rule `held_out`, whose loss is taken after every epoch; where `datasets` is empty, a file
    of the user's own."""
    train: dict[str, Any]
    """Keys of `train` that are others for this model, such as `{offload: true}`; {} where none is."""


def changed(train: Train, name: str, variant: Variant) -> Train:
    """The section `train` as variant `name` changes it.

    Raises:
        ValueError: a key that `train` has not, or a value that it does not take; the dotted keys are named.
    """
    try:
        return Train.model_validate({**train.model_dump(), **variant.train})
    except ValidationError as error:
        above = ("variants", name, "train")
        faults = [
            f"{'.'.join(map(str, (*above, *fault['loc'])))}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise ValueError("; ".join(faults)) from None

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Count, Fraction, Name, Positive, Section


class Train(Section):
    """Full-parameter SFT under DeepSpeed ZeRO-3 (paper 6.1).

    `processes` are those of all `nodes` together; `rendezvous` is where nodes meet, host:port, null for one node.
    `validation` is the path of a held-out dataset, whose loss is taken after every epoch.
    """

    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16"]
    attention: Literal["sdpa", "flash_attention_2"]
    processes: Positive
    nodes: Positive
    rendezvous: Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")] | None
    rendezvous_timeout_s: Positive
    restarts: Count
    threads: Positive
    epochs: Positive
    batch_size: Positive
    loss: Literal["token", "example"]
    tokens_per_pass: Positive
    cost_linear: Annotated[float, Field(gt=0)]
    cost_quadratic: Annotated[float, Field(ge=0)]
    max_length: Positive
    overlength: Literal["refuse", "drop", "truncate"]
    learning_rate: Annotated[float, Field(gt=0)]
    min_learning_rate: Annotated[float, Field(ge=0)]
    beta1: Fraction
    beta2: Fraction
    epsilon: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    max_grad_norm: Annotated[float, Field(gt=0)]
    fused_loss: Literal["chunks", "liger"]
    loss_chunk: Positive
    activation_checkpointing: bool
    offload: bool
    save_steps: Positive
    export_epochs: list[Positive]
    validation: str
    choose: Literal["last", "validation"]


class Variant(Section):
    """One model to train: on which dataset, from which base model."""

    data: str
    model: Name


class Protocol(Section):
    """How one benchmark is sampled (paper 7.2)."""

    draws: Positive
    temperature: Annotated[float, Field(ge=0, le=5)]
    top_p: Annotated[float, Field(gt=0, le=1)]


class Evaluate(Section):
    """Which models answer which benchmarks, and how. `candidates` maps a name to the model's folder."""

    engine: Name
    max_tokens: Positive
    protocols: dict[str, Protocol]


class Release(Section):
    """Name and version on the cards, and the licences whose text may be handed out.

    `repository` (an address for git and for readers) and `date` (YYYY-MM-DD) are null until it is published. A row
    under a licence that is not listed, or under none, stops the release or is released without its text.
    """

    name: str
    version: str
    creator: str
    repository: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9./_~-]+$")] | None
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    redistributable: list[Annotated[str, Field(pattern=r"^\S(.*\S)?$")]]
    on_restricted: Literal["stop", "withhold"]

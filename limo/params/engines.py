"""Section `engines`: what runs a model that answers; read by the stages screen, rate, collect and answer."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Fraction, Numerics, Positive, Section


class TransformersEngine(Section):
    """Slot-based sampling on transformers: an answer does not depend on what runs beside it, bit for bit."""

    kind: Literal["transformers"]
    """Chooses this kind of engine."""
    device: Literal["cpu", "cuda"]
    """Where the model runs."""
    dtype: Literal["float32", "bfloat16"]
    """Number format of weights and activations. bfloat16 halves the time on CPUs that multiply it in hardware."""
    slots: Positive
    """Sequences that are decoded side by side."""
    max_length: Positive
    """Tokens of prompt and answer together, at most."""
    threads: Positive
    """CPU threads."""
    numerics: Numerics
    """`portable` caps CPU arithmetic at AVX2, for the same bits on every x86-64 processor that has it; `native` uses
    what the processor has, for bits of its class alone."""

    @model_validator(mode="after")
    def _portable(self) -> "TransformersEngine":
        if self.numerics == "portable" and self.device != "cpu":
            raise ValueError("numerics: portable is a mode of CPUs: set it to native for device: cuda")
        return self


class VllmEngine(Section):
    """vLLM's engine, fed without a pause (docs/engines.md)."""

    kind: Literal["vllm"]
    """Chooses this kind of engine."""
    device: Literal["cpu", "cuda"]
    """Where the model runs."""
    dtype: Literal["float32", "bfloat16", "auto"]
    """Number format of weights and activations; `auto` is the one that the weights have."""
    tensor_parallel: Positive
    """Devices that share one copy of the model."""
    data_parallel: Positive
    """Copies of the model, which share the work."""
    max_length: Positive
    """Tokens of prompt and answer together, at most."""
    max_sequences: Positive
    """Answers that one copy has under way at once."""
    max_batched_tokens: Positive
    """Tokens that one copy computes in a step at most: long prompts are read in pieces of it."""
    memory_fraction: Fraction
    """Share of a device's memory that weights and cache may take."""
    prefix_caching: bool
    """Whether a prompt's cache is used again by the next draw: faster, with other bits than without."""
    batch_invariant: bool
    """Whether an answer is independent of its company, at some cost in speed; needs a GPU and no prefix caching."""

    @model_validator(mode="after")
    def _invariant(self) -> "VllmEngine":
        if self.batch_invariant and self.prefix_caching:
            raise ValueError("batch_invariant needs prefix_caching: false, since a cached prefix gives other bits")
        if self.batch_invariant and self.device == "cpu":
            raise ValueError("batch_invariant is a mode of GPUs: set it to false for device: cpu")
        return self


class OpenaiEngine(Section):
    """A server that speaks the protocol of OpenAI."""

    kind: Literal["openai"]
    """Chooses this kind of engine."""
    url: str
    """Address of the server, up to and with `/v1`."""
    model: str
    """The name under which the server knows the model."""
    endpoint: Literal["completions", "chat"]
    """`completions` sends token ids; `chat` sends the turns, for servers that take no ids."""
    fields: Literal["all", "openai"]
    """`all` says every sampling field in each request, since a server of one's own takes what is not said from the
    model's generation_config; `openai` says those of OpenAI's protocol alone, for servers that refuse others."""
    max_length: Positive | None
    """Tokens of prompt and answer together that the server takes; null where nobody knows: a prompt that is too long
    then stops the stage."""
    key_variable: str | None
    """Environment variable that holds the key, which is never read from a file; null for a server without keys."""
    concurrency: Positive
    """Requests under way at once."""
    timeout_s: Annotated[float, Field(gt=0)]
    """Seconds that one request may take."""
    attempts: Positive
    """How often a request is tried, with growing pauses between, before the stage stops."""


class RayEngine(Section):
    """Copies of another engine on a Ray cluster, which share the work."""

    kind: Literal["ray"]
    """Chooses this kind of engine."""
    address: str
    """Address of the cluster; `auto` finds the one that this machine is part of."""
    actors: Positive
    """Copies of the engine."""
    cpus: Annotated[float, Field(ge=0)]
    """CPUs of one node that a copy has to itself."""
    gpus: Annotated[float, Field(ge=0)]
    """GPUs of one node that a copy has to itself."""
    holds: Annotated[TransformersEngine | VllmEngine | OpenaiEngine, Field(discriminator="kind")]
    """The engine of which these are copies, with all its keys."""


class RecordedEngine(Section):
    """Nobody is asked: a rater with this engine has its answers already (section `recorded`)."""

    kind: Literal["recorded"]
    """Chooses this kind of engine."""


Engine = Annotated[
    TransformersEngine | VllmEngine | OpenaiEngine | RayEngine | RecordedEngine, Field(discriminator="kind")
]

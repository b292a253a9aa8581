from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Count, Fraction, Name, Positive, Section


class Prompt(Section):
    """The system turn of every training example and every evaluation prompt (paper 6.2)."""

    system: str


class TransformersEngine(Section):
    """Slot-based sampling on transformers; `slots` sequences of at most `max_length` tokens run side by side."""

    kind: Literal["transformers"]
    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16"]
    slots: Positive
    max_length: Positive
    threads: Positive


class VllmEngine(Section):
    """vLLM's engine, fed without a pause: `data_parallel` copies of the model of `tensor_parallel` devices each.

    `batch_invariant` makes an answer independent of its company on devices that support it, and needs the prefix cache
    off (docs/engines.md, "vllm").
    """

    kind: Literal["vllm"]
    device: Literal["cpu", "cuda"]
    dtype: Literal["float32", "bfloat16", "auto"]
    tensor_parallel: Positive
    data_parallel: Positive
    max_length: Positive
    max_sequences: Positive
    memory_fraction: Fraction
    prefix_caching: bool
    batch_invariant: bool

    @model_validator(mode="after")
    def _invariant(self) -> "VllmEngine":
        if self.batch_invariant and self.prefix_caching:
            raise ValueError("batch_invariant needs prefix_caching: false, since a cached prefix gives other bits")
        if self.batch_invariant and self.device == "cpu":
            raise ValueError("batch_invariant is a mode of GPUs: set it to false for device: cpu")
        return self


class OpenaiEngine(Section):
    """An OpenAI-compatible server; the key comes from the environment variable named here, never from a file.

    `completions` sends token ids, `chat` the turns, for servers that take no ids. A request is tried `attempts` times
    with growing pauses between before the stage stops; `key_variable` is null for a server without keys.
    """

    kind: Literal["openai"]
    url: str
    model: str
    endpoint: Literal["completions", "chat"]
    key_variable: str | None
    concurrency: Positive
    timeout_s: Annotated[float, Field(gt=0)]
    attempts: Positive


class RayEngine(Section):
    """`actors` copies of another engine on a Ray cluster, each with so many CPUs and GPUs of one node to itself."""

    kind: Literal["ray"]
    address: str
    actors: Positive
    cpus: Annotated[float, Field(ge=0)]
    gpus: Annotated[float, Field(ge=0)]
    holds: Annotated[TransformersEngine | VllmEngine | OpenaiEngine, Field(discriminator="kind")]


Engine = Annotated[TransformersEngine | VllmEngine | OpenaiEngine | RayEngine, Field(discriminator="kind")]


class Sampling(Section):
    """How one answer is drawn. Temperature 0 is greedy."""

    temperature: Annotated[float, Field(ge=0, le=5)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_tokens: Positive


class Draws(Section):
    """Ordered draws per problem under the system turn `system`, and the band of correct answers that keeps it."""

    model: Name
    engine: Name
    system: str
    draws: Positive
    min_correct: Count
    max_correct: Count
    lookahead: Positive
    sampling: Sampling

    @model_validator(mode="after")
    def _band(self) -> "Draws":
        if not self.min_correct <= self.max_correct <= self.draws:
            raise ValueError(
                f"the band min_correct={self.min_correct}..max_correct={self.max_correct} must be ordered and lie "
                f"within draws={self.draws}"
            )
        return self


class Teacher(Section):
    """A model that writes chains for every selected question."""

    model: Name
    engine: Name
    system: str
    draws: Positive
    sampling: Sampling


class Generation(Section):
    """When a stage that samples stops itself, once `after` answers are judged: shares that waste the rest."""

    after: Positive
    max_truncated: Fraction
    max_unanswered: Fraction


class Answers(Section):
    """How answers are read and compared."""

    extraction: Literal["boxed", "flexible"]
    workers: Positive
    timeout_s: Annotated[float, Field(gt=0)]
    memory_mb: Positive

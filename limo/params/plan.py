"""Section `plan`: sizes, speeds and prices that `limo plan` and the report's cost table reckon with."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from limo.params.section import Fraction, Name, Positive, Section


class PassRate(Section):
    """A share of the problems that are equally hard."""

    rate: Fraction
    """Probability that one draw solves such a problem."""
    share: Fraction
    """Share of the problems; all shares sum to 1."""


class Sizes(Section):
    """Mean sizes of a stage's requests."""

    prompt_tokens: Positive
    """Tokens of a prompt, in the mean."""
    answer_tokens: Positive
    """Tokens of an answer, in the mean."""


class ExampleLength(Section):
    """A share of the training examples that are equally long."""

    tokens: Positive
    """Tokens of such an example, its prompt among them."""
    share: Fraction
    """Share of the examples; all shares sum to 1."""


def _whole(name: str, each: Sequence[PassRate] | Sequence[ExampleLength]) -> None:
    total = sum(one.share for one in each)
    if abs(total - 1) > 1e-9:
        raise ValueError(f"the shares of {name} sum to {total:g}, not 1")


def _whole_rates(pass_rates: list[PassRate]) -> list[PassRate]:
    _whole("pass_rates", pass_rates)
    return pass_rates


def _whole_lengths(example_tokens: list[ExampleLength]) -> list[ExampleLength]:
    _whole("example_tokens", example_tokens)
    return example_tokens


PassRates = Annotated[list[PassRate], AfterValidator(_whole_rates)]


class FilterPlan(Sizes):
    """What is expected of `screen` or `rate`."""

    pass_rates: PassRates
    """Pass rates of the problems that enter the stage."""


class PowerPlan(Section):
    """What is expected of the candidates, to reckon which differences between two of them can be seen."""

    correlation: Annotated[float, Field(ge=-1, le=1)]
    """Correlation of two candidates' pass rates over problems; some 0.8 between checkpoints of one model."""
    pass_rates: dict[Name, PassRates]
    """Pass rates of the problems of every key of `benchmarks`; where answers are there, theirs go before."""


class TrainingPlan(Section):
    """What is expected of training."""

    example_tokens: Annotated[list[ExampleLength], AfterValidator(_whole_lengths)]
    """Lengths of the examples, whatever `tiers` and `train` make of the long ones."""
    teraflops: Annotated[float, Field(gt=0)]
    """Peak of one device in 10¹² operations a second, for `train.dtype`."""
    mfu: Annotated[float, Field(gt=0, le=1)]
    """Share of the peak that training reaches; the training record has that of a run."""
    price_per_hour: Annotated[float, Field(ge=0)]
    """Price of one device for an hour."""


class DeviceCost(Section):
    """Devices of one's own."""

    kind: Literal["devices"]
    """Chooses this kind of cost."""
    tokens_per_second: Annotated[float, Field(gt=0)]
    """Answer tokens of all `devices` together."""
    devices: Positive
    """Devices; on CPU the machine is one."""
    price_per_hour: Annotated[float, Field(ge=0)]
    """Price of one device for an hour, in any currency."""


class HostedCost(Section):
    """A server that charges for tokens."""

    kind: Literal["hosted"]
    """Chooses this kind of cost."""
    price_per_million_in: Annotated[float, Field(ge=0)]
    """Price of a million tokens of prompts."""
    price_per_million_out: Annotated[float, Field(ge=0)]
    """Price of a million tokens of answers."""


EngineCost = Annotated[DeviceCost | HostedCost, Field(discriminator="kind")]


class Shape(Section):
    """The sizes of a model of the llama family, as its config.json names them."""

    layers: Positive
    """`num_hidden_layers`."""
    hidden: Positive
    """`hidden_size`."""
    intermediate: Positive
    """`intermediate_size`."""
    heads: Positive
    """`num_attention_heads`."""
    key_value_heads: Positive
    """`num_key_value_heads`."""
    head_size: Positive
    """`head_dim`, else hidden over heads."""
    vocabulary: Positive
    """`vocab_size`."""
    tied: bool
    """`tie_word_embeddings`."""
    positions: Positive
    """`max_position_embeddings`."""


class Plan(Section):
    """What `limo plan` reckons with; rows that the outs hold go before those given here."""

    pool: Positive
    """Problems of the pool that models are asked about: those of the sources that `screen` is for."""
    longest_prompt: Positive
    """Tokens of the longest prompt of all stages, system turn and template among them."""
    benchmarks: dict[Name, Positive]
    """Problems of every key of `benchmarks`."""
    screen: FilterPlan
    """What is expected of `screen`."""
    rate: FilterPlan
    """What is expected of `rate`."""
    teachers: dict[Name, Sizes]
    """Sizes for every key of `teachers`."""
    answer: Sizes
    """Sizes for every candidate."""
    power: PowerPlan
    """Pass rates of candidates."""
    training: TrainingPlan
    """Lengths of examples, and speed."""
    engines: dict[Name, EngineCost]
    """Speed and price of every engine that a stage uses."""
    devices: Positive
    """Devices that there are, for each stage in its turn."""
    device_memory_gib: Annotated[float, Field(gt=0)]
    """Memory of one device, in GiB."""
    host_memory_gib: Annotated[float, Field(gt=0)]
    """Main memory of all hosts together, in GiB."""
    disk_gib: Annotated[float, Field(gt=0)]
    """Disk that models, checkpoints and data may take, in GiB."""
    reserve_gib: Annotated[float, Field(ge=0)]
    """Memory that a device needs beside the tensors, in GiB: libraries, contexts, workspaces, fragmentation."""
    shapes: dict[Name, Shape]
    """Sizes of every model that is trained, and of those that are asked; a config.json that is there goes first."""

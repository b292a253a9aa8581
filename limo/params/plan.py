from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Fraction, Name, Positive, Section


class PassRate(Section):
    """A share of the problems, and the probability that one draw solves one of them."""

    rate: Fraction
    share: Fraction


class Sizes(Section):
    """Mean tokens of a prompt and of an answer."""

    prompt_tokens: Positive
    answer_tokens: Positive


class FilterPlan(Sizes):
    """What is expected of `screen` or `rate`: pass rates of the problems that enter it, with shares that sum to 1."""

    pass_rates: list[PassRate]

    @model_validator(mode="after")
    def _sum(self) -> "FilterPlan":
        total = sum(each.share for each in self.pass_rates)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of pass_rates sum to {total:g}, not 1")
        return self


class DeviceCost(Section):
    """Devices of one's own: answer tokens a second of all `devices` together, and the price of one for an hour."""

    kind: Literal["devices"]
    tokens_per_second: Annotated[float, Field(gt=0)]
    devices: Positive
    price_per_hour: Annotated[float, Field(ge=0)]


class HostedCost(Section):
    """A server that charges for tokens of prompts (in) and answers (out)."""

    kind: Literal["hosted"]
    price_per_million_in: Annotated[float, Field(ge=0)]
    price_per_million_out: Annotated[float, Field(ge=0)]


EngineCost = Annotated[DeviceCost | HostedCost, Field(discriminator="kind")]


class Shape(Section):
    """The sizes of a model of the llama family, as its config.json names them."""

    layers: Positive
    hidden: Positive
    intermediate: Positive
    heads: Positive
    key_value_heads: Positive
    head_size: Positive
    vocabulary: Positive
    tied: bool


class Plan(Section):
    """What `limo plan` reckons with.

    `pool` and `benchmarks` are rows, used until the outs are there. `host_memory_gib` is of all hosts together,
    `reserve_gib` what a device needs beside the tensors.
    """

    pool: Positive
    benchmarks: dict[Name, Positive]
    screen: FilterPlan
    rate: FilterPlan
    teachers: dict[Name, Sizes]
    answer: Sizes
    engines: dict[Name, EngineCost]
    devices: Positive
    device_memory_gib: Annotated[float, Field(gt=0)]
    host_memory_gib: Annotated[float, Field(gt=0)]
    reserve_gib: Annotated[float, Field(ge=0)]
    shapes: dict[Name, Shape]

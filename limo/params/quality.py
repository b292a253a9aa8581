from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Fraction, Name, Positive, Section


class Weights(Section):
    """Weights of the four traits (paper 4.1); they sum to 1."""

    length: Fraction
    verify: Fraction
    explore: Fraction
    connect: Fraction

    @model_validator(mode="after")
    def _sum(self) -> "Weights":
        total = self.length + self.verify + self.explore + self.connect
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the four weights sum to {total:g}, not 1")
        return self


class Score(Section):
    """The rule score of a chain (paper 4.1): weights, scaler and keyword lists."""

    tokenizer: Name
    scaler: Literal["rank", "minmax", "winsorised"]
    weights: Weights
    verify: list[str]
    explore: list[str]
    connect: list[str]


class Tiers(Section):
    """Levels per question and the length gate (paper 5.1, 6.4); `min_chains` distinct correct chains make levels."""

    min_chains: Annotated[int, Field(ge=5)]
    max_tokens: Positive
    overlength: Literal["refuse", "allow"]


class TopDataset(Section):
    """The best chain of each of the `rows` best questions; nested by rank."""

    path: str
    rule: Literal["top"]
    rows: Positive


class LevelDataset(Section):
    """One chain of quality level `level` for each question that has all five."""

    path: str
    rule: Literal["level"]
    level: Annotated[int, Field(ge=1, le=5)]
    rows: Positive


class RandomDataset(Section):
    """Questions and chains drawn by hash from the whole clean pool, optionally from some difficulty levels only."""

    path: str
    rule: Literal["random"]
    rows: Positive
    levels: list[int] | None
    like: str | None


class HeldOutDataset(Section):
    """Questions of the clean pool that no dataset of another rule holds, with a chain each: for validation."""

    path: str
    rule: Literal["held_out"]
    rows: Positive


Dataset = Annotated[TopDataset | LevelDataset | RandomDataset | HeldOutDataset, Field(discriminator="rule")]

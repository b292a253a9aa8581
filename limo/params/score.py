"""Sections `score` and `tiers`: what a good chain is, and the quality levels of a question's chains."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Fraction, Name, Positive, Section


class Weights(Section):
    """Weights of the four traits (paper 4.1); they sum to 1."""

    length: Fraction
    """Of elaborated reasoning: tokens of the chain."""
    verify: Fraction
    """Of self-verification: words of `verify` per token."""
    explore: Fraction
    """Of exploration: words of `explore` per token."""
    connect: Fraction
    """Of adaptive granularity: words of `connect` per token."""

    @model_validator(mode="after")
    def _sum(self) -> "Weights":
        total = self.length + self.verify + self.explore + self.connect
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the four weights sum to {total:g}, not 1")
        return self


class Score(Section):
    """The rule score of a chain (paper 4.1)."""

    tokenizer: Name
    """Key of `models`, whose tokenizer counts lengths."""
    scaler: Literal["rank", "minmax", "winsorised"]
    """How a trait is brought to 0 to 1 over all correct chains: `rank` by its percentile, `minmax` between the least
    and the greatest value, `winsorised` between the 5 % and the 95 % quantile."""
    weights: Weights
    """Weights of the traits."""
    verify: list[str]
    """Words of self-verification."""
    explore: list[str]
    """Tentative words."""
    connect: list[str]
    """Connectives."""


class Tiers(Section):
    """Quality levels per question and the length gate (paper 5.1, 6.4)."""

    min_chains: Annotated[int, Field(ge=5)]
    """Distinct correct chains that a question needs to have quality levels."""
    max_tokens: Positive
    """Tokens of a chain; a longer one cannot be trained whole."""
    overlength: Literal["refuse", "allow"]
    """`refuse` keeps longer chains out of every dataset; `allow` lets them in, marked, as the paper did."""

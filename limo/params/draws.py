"""Sections `screen`, `rate`, `teachers` and `generation`: how models are asked, and when a stage stops itself."""

from typing import Annotated

from pydantic import Field, model_validator

from limo.params.section import Count, Fraction, Name, Positive, Section


class Sampling(Section):
    """How one answer is drawn."""

    temperature: Annotated[float, Field(ge=0, le=5)]
    """Temperature of the softmax; 0 is greedy."""
    top_p: Annotated[float, Field(gt=0, le=1)]
    """Share of the probability that the likeliest tokens have together, from which one is drawn; 1 is all of them."""
    max_tokens: Positive
    """Tokens of an answer, after which it is cut."""


class Draws(Section):
    """A filter by difficulty: ordered draws of one model, and the band of correct answers that keeps a problem."""

    model: Name
    """Key of `models`."""
    engine: Name
    """Key of `engines`."""
    system: str
    """System turn before every problem."""
    draws: Positive
    """Answers per problem at most (paper 2.1: 4 in screen, 32 in rate); a verdict that is settled ends them early."""
    min_correct: Count
    """Correct answers that a problem needs, else it is too hard."""
    max_correct: Count
    """Correct answers that a problem may have, else it is too easy."""
    lookahead: Positive
    """Draws of one problem under way at once. Those beyond the stop never change a verdict."""
    sampling: Sampling
    """How an answer is drawn."""

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
    """Key of `models`."""
    engine: Name
    """Key of `engines`."""
    system: str
    """System turn before every question."""
    draws: Positive
    """Chains per question."""
    sampling: Sampling
    """How a chain is drawn."""


class Generation(Section):
    """When screen, rate and collect stop themselves: shares of useless answers that would waste the rest."""

    after: Positive
    """Answers that are judged before the shares count."""
    max_truncated: Fraction
    """Share of answers that are cut before they state a result."""
    max_unanswered: Fraction
    """Share of answers without a result."""

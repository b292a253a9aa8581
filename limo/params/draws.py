"""Sections `screen`, `rate`, `teachers`, `generation`: who tries problems and writes chains, and when a stage stops."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

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


class Band(Section):
    """Ordered draws of one rater, and how many of them may be correct for a problem to stay."""

    path: str
    """Whose draws: `models/base/NAME`, a model that is asked, or `data/recorded/NAME.parquet`, what is recorded."""
    engine: Name
    """Key of `engines`; for what is recorded one of kind `recorded`, which asks nobody."""
    sources: list[Name] | None
    """Keys of `sources` whose problems it is for; those of others pass it by. Null for all."""
    draws: Positive
    """Answers per problem at most (paper 2.1: 4 in screen, 32 in rate)."""
    min_correct: Count
    """Correct answers that a problem needs, else it is too hard."""
    max_correct: Count
    """Correct answers that a problem may have, else it is too easy."""

    @property
    def name(self) -> str:
        """The name of the model or of the record."""
        return PurePosixPath(self.path).name.removesuffix(".parquet")

    @model_validator(mode="after")
    def _band(self) -> "Band":
        if not self.min_correct <= self.max_correct <= self.draws:
            raise ValueError(
                f"the band min_correct={self.min_correct}..max_correct={self.max_correct} must be ordered and lie "
                f"within draws={self.draws}"
            )
        return self


class AskedRater(Band):
    """A model draws answers until they settle the verdict on a problem."""

    kind: Literal["asked"]
    """Chooses this kind of rater."""
    system: str
    """System turn before every problem."""
    lookahead: Positive
    """Draws of one problem under way at once. Those beyond the stop never change a verdict."""
    sampling: Sampling
    """How an answer is drawn."""


class RecordedRater(Band):
    """Attempts or counts that are recorded: nobody is asked. Where fewer are recorded than `draws`, `drawn` says so."""

    kind: Literal["recorded"]
    """Chooses this kind of rater."""


Rater = Annotated[AskedRater | RecordedRater, Field(discriminator="kind")]


class Rate(Section):
    """Fine difficulty: raters, and how their counts decide together."""

    rule: Literal["only", "strongest", "every", "mean"]
    """`only`: there is one rater. `strongest`: its band decides who solves the largest share of a problem's draws.
    `every`: all bands must hold. `mean`: the mean share must lie between the means of the bands' edges."""
    raters: dict[Name, Rater]
    """Raters by name (stage rate@NAME)."""

    @model_validator(mode="after")
    def _raters(self) -> "Rate":
        if not self.raters:
            raise ValueError("raters is empty: name at least one")
        if self.rule == "only" and len(self.raters) > 1:
            raise ValueError(f"rule only is for one rater, and raters names {sorted(self.raters)}: choose another rule")
        return self


class Teacher(Section):
    """A model that writes chains for questions."""

    path: str
    """Who writes: `models/base/NAME`, a model as it came, or `models/VARIANT`, one that earlier rounds trained."""
    round: Count
    """Round of `rounds` of its chains; that of a trained model is above those of the datasets it was trained on."""
    questions: str
    """For which: `data/questions.parquet`, the selected ones, or `data/question_sets/NAME.parquet`."""
    engine: Name
    """Key of `engines`."""
    sources: list[Name] | None
    """Keys of `sources` for whose questions it writes; null for all."""
    system: str
    """System turn before every question."""
    draws: Positive
    """Chains per question."""
    sampling: Sampling
    """How a chain is drawn."""

    @property
    def name(self) -> str:
        """The name of the model or variant."""
        return PurePosixPath(self.path).name


class Generation(Section):
    """When screen, rate and collect stop themselves: shares of useless answers that would waste the rest."""

    after: Positive
    """Answers that are judged before the shares count."""
    max_truncated: Fraction
    """Share of answers that are cut before they state a result."""
    max_unanswered: Fraction
    """Share of answers without a result."""

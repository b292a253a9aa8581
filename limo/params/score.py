"""Sections `gates`, `score` and `tiers`: which chains may stand, what a good one is, quality levels of a question."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from limo.params.section import Count, Fraction, Name, Positive, Section

# What a recipe may weigh; docs/score.md says how each is measured.
MEASURES = (
    *("length", "verify", "explore", "connect"),
    *("steps", "flow", "known", "grounded", "computed", "false", "sound", "adapt", "support", "repeats", "foreign"),
    "votes",
)


class Gates(Section):
    """What keeps a right chain out of every dataset, whatever its score."""

    max_false: Count | None
    """False equalities that a chain may state; null allows any number."""
    max_repeats: Fraction | None
    """Share of a chain's words in sentences that stood before; null allows any."""
    max_loop: Positive | None
    """How often one passage may stand in a row; null allows any number."""
    boxes: Literal["one", "any"]
    """`one` refuses a chain that boxes two different answers; `any` lets it stand."""
    max_foreign: Fraction | None
    """Share of letters outside a chain's own script; null allows any."""
    duplicate: Annotated[float, Field(gt=0, le=1)] | None
    """Jaccard similarity of word 5-grams from which on two chains of a question are one; null keeps both."""
    tags: Literal["strip", "keep", "refuse"]
    """Marks around a thought: `strip` stores thought and answer without them, `keep` with them, `refuse` rejects."""


class Score(Section):
    """The score of a chain: a weighted sum of its scaled measures."""

    recipe: Literal["v2", "v1", "custom"]
    """`v2` is the paper's rule score (4.1), `v1` structure, scaffolding and verification in equal thirds as the first
    version of the paper names them, `custom` what `weights` says."""
    tokenizer: Name
    """Key of `models`, whose tokenizer counts lengths."""
    scaler: Literal["rank", "minmax", "winsorised"]
    """How a measure is brought to 0 to 1 over all correct chains: `rank` by its percentile, `minmax` between the least
    and the greatest value, `winsorised` between the 5 % and the 95 % quantile."""
    weights: dict[str, float] | None
    """Of `custom`: weights by measure, whose absolute values sum to 1; a negative one counts the reversed measure. Null
    for the other recipes."""
    verify: list[str]
    """Words of self-verification."""
    explore: list[str]
    """Tentative words."""
    connect: list[str]
    """Connectives."""

    @field_validator("weights")
    @classmethod
    def _measured(cls, weights: dict[str, float] | None) -> dict[str, float] | None:
        if unknown := sorted(set(weights or {}) - set(MEASURES)):
            raise ValueError(f"{unknown[0]} is no measure; there are {', '.join(MEASURES)}")
        total = sum(map(abs, (weights or {}).values()))
        if weights is not None and abs(total - 1) > 1e-9:
            raise ValueError(f"the absolute weights sum to {total:g}, not 1")
        return weights

    @model_validator(mode="after")
    def _custom(self) -> "Score":
        if (self.recipe == "custom") != (self.weights is not None):
            raise ValueError(f"weights belong to recipe custom, which needs them: with {self.recipe} they are null")
        return self


class Tiers(Section):
    """Quality levels per question and the length gate (paper 5.1, 6.4)."""

    min_chains: Annotated[int, Field(ge=5)]
    """Distinct correct chains that a question needs to have quality levels."""
    max_tokens: Positive
    """Tokens of a chain; a longer one cannot be trained whole."""
    overlength: Literal["refuse", "allow"]
    """`refuse` keeps longer chains out of every dataset; `allow` lets them in, marked, as the paper did."""

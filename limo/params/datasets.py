"""Section `datasets`: which questions and chains make a dataset; read by the stage dataset."""

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Name, Positive, Section


class TopDataset(Section):
    """The best chain of each of the best questions; nested by rank."""

    path: str
    """File that the stage writes."""
    rule: Literal["top"]
    """Chooses this rule."""
    sources: list[Name] | None
    """Keys of `sources` whose problems may come in; null for all."""
    rows: Positive
    """Questions."""


class LevelDataset(Section):
    """One chain of one quality level for each question that has all five."""

    path: str
    """File that the stage writes."""
    rule: Literal["level"]
    """Chooses this rule."""
    sources: list[Name] | None
    """Keys of `sources` whose problems may come in; null for all."""
    level: Annotated[int, Field(ge=1, le=5)]
    """Quality level, 5 best."""
    rows: Positive
    """Questions, the best first."""


class RandomDataset(Section):
    """Questions and chains drawn by hash from the whole clean pool: a control."""

    path: str
    """File that the stage writes."""
    rule: Literal["random"]
    """Chooses this rule."""
    sources: list[Name] | None
    """Keys of `sources` whose problems may come in; null for all."""
    rows: Positive
    """Questions; `like` goes first."""
    levels: list[int] | None
    """Difficulty levels of the sources that may come in; null for all."""
    like: str | None
    """Key of the dataset whose number of rows replaces `rows`; null for `rows`."""


class HeldOutDataset(Section):
    """Questions of the clean pool that no dataset of another rule holds, with a chain each: for validation."""

    path: str
    """File that the stage writes."""
    rule: Literal["held_out"]
    """Chooses this rule."""
    sources: list[Name] | None
    """Keys of `sources` whose problems may come in; null for all."""
    rows: Positive
    """Questions."""


class SetDataset(Section):
    """The best chain of each question of a question set, selected or not."""

    path: str
    """File that the stage writes."""
    rule: Literal["set"]
    """Chooses this rule."""
    sources: list[Name] | None
    """Keys of `sources` whose problems may come in; null for all."""
    questions: Name
    """Key of `question_sets`."""
    rows: Positive
    """Questions, drawn by hash from those of the set that have a usable chain."""


Dataset = Annotated[
    TopDataset | LevelDataset | RandomDataset | HeldOutDataset | SetDataset, Field(discriminator="rule")
]

"""Sections `recorded` and `imports`: attempts, pass counts and chains that others made."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from limo.params.section import Positive, Section


class TraceFields(Section):
    """Names of a table's columns; nested ones are written with dots. A column may hold a list with a value per text."""

    id: str | None
    """Column of the publisher's id; null where there is none: the row's place stands for it."""
    question: str
    """Column of the problem's text."""
    text: str | None
    """Column of the attempt or chain, or of a list of several; null for counts alone."""
    verdict: str | None
    """Column of what is claimed of it: true or 1 for correct; null where nothing is."""
    stop: str | None
    """Column of why the text ended, `length` where it was cut; null where it is not known."""
    author: str | None
    """Column of who wrote it; null for `author`."""
    correct: str | None
    """Column of correct draws; null where there is none."""
    drawn: str | None
    """Column of draws; null where there is none."""
    rate: str | None
    """Column of the share of correct draws, of which there are `draws`; null where there is none."""


class TraceTable(Section):
    """Rows with columns."""

    fields: (
        TraceFields
        | Literal[
            "openr1_math",
            "openmathreasoning",
            "skywork_or1",
            "numinamath_1.5",
            "s1k",
            "big_math",
            "deepscaler",
        ]
    )
    """The names of the columns, or the publisher whose layout they have (docs/recorded.md, "Layouts")."""
    author: str
    """Who wrote the texts or drew the answers, where no column says so; `skywork_or1` takes this model's counts."""
    author_kind: Literal["model", "human", "expert"]
    """What the author is: a `model`, a `human`, or an `expert`, who wrote for this purpose."""
    draws: Positive | None
    """Draws that a share is the share of; null where columns or the layout say so."""
    where: dict[str, list[str | int]]
    """Values that a column may have, by column; other rows are left out."""
    limit: Positive | None
    """Rows that are read at most; null for all."""
    licence: str
    """SPDX id of the texts' licence, which `release` asks for."""

    @model_validator(mode="after")
    def _content(self) -> "TraceTable":
        if isinstance(self.fields, str):
            return self
        counts = self.fields.correct is not None and self.fields.drawn is not None
        if self.fields.rate is not None and self.draws is None:
            raise ValueError("fields.rate needs draws: of how many draws it is the share")
        if self.fields.text is None and not counts and self.fields.rate is None:
            raise ValueError("fields names nothing to read: give text, or correct and drawn, or rate")
        return self


class TraceFile(TraceTable):
    """A local file: .jsonl or .json, also packed as .gz, .zst or .zip; .csv, .parquet or .arrow."""

    kind: Literal["files"]
    """Chooses this kind."""
    path: str
    """The file, relative to the project's root."""


class TraceHub(TraceTable):
    """A dataset on a hub, pinned by revision and streamed."""

    kind: Literal["hub"]
    """Chooses this kind."""
    repo: str
    """Owner and name on the hub."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    """Commit of the repository, 40 hex digits; `unpinned` where none is known, which a run refuses."""
    config: str | None
    """The hub's name for a subset; null where there is none."""
    split: str
    """The hub's name for a split."""


class TraceChamp(Section):
    """Conversations about CHAMP's problems, shipped by a Python package; equal texts of a problem count once."""

    kind: Literal["champ"]
    """Chooses this kind."""
    author: Literal["GPT-3.5", "GPT-4", "GPT-4 Turbo", "PaLM 2 Medium"]
    """The model that was asked."""
    settings: list[str]
    """How it was asked, in this order, such as `0-Shot` or `5-Shot`; settings with a hint are no free attempts."""
    licence: str
    """Under which the texts may be handed out, which `release` asks for: they are outputs of hosted models."""


Traces = Annotated[TraceFile | TraceHub | TraceChamp, Field(discriminator="kind")]

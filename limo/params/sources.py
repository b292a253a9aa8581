"""Section `sources`, and `source` of every benchmark: where problems come from; read by acquire and benchmarks."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from limo.params.section import Count, Positive, Section


class Family(Section):
    """One family of generated problems."""

    count: Positive
    """Problems of this family."""
    low: int
    """Least number that a problem is made of."""
    high: int
    """Greatest number that a problem is made of."""
    level: Positive
    """Difficulty that the rows are given, 1 easiest."""

    @model_validator(mode="after")
    def _range(self) -> "Family":
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self


class FamilySource(Section):
    """Problems of our own generator with worked solutions in several styles."""

    kind: Literal["families"]
    """Chooses this kind of source."""
    split: Literal["train", "test"]
    """Part of all instances, by a hash of their text: `train` and `test` never share one."""
    seed: Count
    """Chooses the instances."""
    families: dict[str, Family]
    """Families by name (docs/acquire.md)."""
    styles: list[Literal["terse", "stepwise", "checked", "exploratory"]]
    """Styles of worked solution; every problem has one of each."""


class GymSource(Section):
    """Seeded tasks of reasoning-gym, drawn without regard to our splits."""

    kind: Literal["reasoning_gym"]
    """Chooses this kind of source."""
    task: str
    """Name of the task in reasoning-gym."""
    count: Positive
    """Problems."""
    seed: Count
    """Chooses the problems."""
    level: Positive
    """Difficulty that the rows are given, 1 easiest."""
    domain: str
    """Field of mathematics that the rows are given."""
    config: dict[str, Any]
    """Arguments of the task's own constructor."""


class ChampSource(Section):
    """CHAMP's competition problems with their step-by-step solutions, shipped by a Python package."""

    kind: Literal["champ"]
    """Chooses this kind of source."""
    limit: Positive
    """Problems, the first by a hash of them."""


class Fields(Section):
    """Names of a table's columns; nested ones are written with dots."""

    id: str | None
    """Column of the publisher's id; null where there is none: the row's place stands for it."""
    question: str
    """Column of the problem's text."""
    answer: str | None
    """Column of the reference answer; null where it stands in the solution."""
    solution: str | None
    """Column of the worked solution; null where there is none."""
    domain: str | None
    """Column of the field of mathematics; null where there is none."""
    level: str | None
    """Column of the difficulty; null where there is none."""


class TableSource(Section):
    """Rows with columns."""

    fields: (
        Fields
        | Literal["numinamath", "deepscaler", "aime", "math", "harp", "verl", "open_reasoner_zero", "olympiadbench"]
        | Literal["limo_aime", "limo_amc", "limo_chmath", "limo_gaokao", "limo_gpqa", "limo_gradeschool"]
        | Literal["limo_kaoyan", "limo_math500", "limo_minerva", "limo_olympiadbench", "mlilab"]
    )
    """The names of the columns, or the publisher whose layout they have (docs/acquire.md, "Layouts")."""
    answer_from: Literal["field", "last_boxed"] | None
    """The column `fields.answer`, or the solution's last box; null for a layout, which knows where answers are."""
    where: dict[str, list[str | int | bool]]
    """Values that a column may have, by column; other rows are left out. `true` is not 1."""
    limit: Positive | None
    """Rows that are read at most; null for all."""
    licence: str
    """SPDX id of the rows' licence, which `release` asks for."""

    @model_validator(mode="after")
    def _answers(self) -> "TableSource":
        if isinstance(self.fields, str):
            if self.answer_from is not None:
                raise ValueError(f"answer_from must be null: layout {self.fields} knows where its answers are")
            return self
        if self.answer_from is None:
            raise ValueError("answer_from must be field or last_boxed where `fields` names columns")
        column = {"field": "answer", "last_boxed": "solution"}[self.answer_from]
        if getattr(self.fields, column) is None:
            raise ValueError(f"answer_from {self.answer_from!r} needs a column in fields.{column}")
        return self


class HubSource(TableSource):
    """A dataset on a hub, pinned by revision and streamed."""

    kind: Literal["hub"]
    """Chooses this kind of source."""
    repo: str
    """Owner and name on the hub."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    """Commit of the repository, 40 hex digits; `unpinned` where none is known, which a run refuses."""
    config: str | None
    """The hub's name for a subset; null where there is none."""
    split: str
    """The hub's name for a split; as a source MATH's `test` is refused, since MATH-500 is drawn from it."""


class FileSource(TableSource):
    """A local file of problems: .jsonl or .json, also packed as .gz, .zst or .zip; .csv, .parquet or .arrow."""

    kind: Literal["files"]
    """Chooses this kind of source."""
    path: str
    """The file, relative to the project's root."""


class UrlSource(TableSource):
    """A file under a URL, pinned by its sha256: downloaded once, of the same formats as a local one."""

    kind: Literal["url"]
    """Chooses this kind of source."""
    url: Annotated[str, Field(pattern=r"^https?://")]
    """Where the file lies; its path ends in the format's name."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Hash of the file, 64 hex digits: other bytes are refused."""


Source = Annotated[
    FamilySource | GymSource | ChampSource | HubSource | FileSource | UrlSource,
    Field(discriminator="kind"),
]

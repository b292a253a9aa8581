from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from limo.params.section import Count, Positive, Section


class Family(Section):
    """One family of generated problems: how many instances, with which number range, at which level (1 easiest)."""

    count: Positive
    low: int
    high: int
    level: Positive

    @model_validator(mode="after")
    def _range(self) -> "Family":
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self


class FamilySource(Section):
    """Problems of our own generator with worked solutions in several styles.

    `split` partitions all instances by a hash of their text, so `train` and `test` never share one.
    """

    kind: Literal["families"]
    split: Literal["train", "test"]
    seed: Count
    families: dict[str, Family]
    styles: list[Literal["terse", "stepwise", "checked", "exploratory"]]


class GymSource(Section):
    """Seeded tasks of reasoning-gym; `config` goes to the task's own constructor."""

    kind: Literal["reasoning_gym"]
    task: str
    count: Positive
    seed: Count
    level: Positive
    domain: str
    config: dict[str, Any]


class ChampSource(Section):
    """CHAMP's competition problems with their step-by-step solutions; `limit` keeps the first by hash order."""

    kind: Literal["champ"]
    limit: Positive


class Fields(Section):
    """Names of a table's columns; null where it has none. Nested columns are written with dots."""

    id: str | None
    question: str
    answer: str | None
    solution: str | None
    domain: str | None
    level: str | None


class TableSource(Section):
    """Rows with columns: `fields` names them, or the publisher whose layout they have (docs/acquire.md, "Layouts").

    `answer_from` is null for a layout, which knows where its answers are.
    """

    fields: Fields | Literal["numinamath", "deepscaler", "aime", "math", "harp", "verl", "olympiadbench"]
    answer_from: Literal["field", "last_boxed"] | None
    where: dict[str, list[str | int]]
    limit: Positive | None
    licence: str

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
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$|^unpinned$")]
    config: str | None
    split: str

    @model_validator(mode="after")
    def _no_test_split(self) -> "HubSource":
        if self.fields == "math" and self.split != "train":
            raise ValueError(f"split {self.split!r} of MATH is refused: MATH-500 is drawn from test; use train")
        return self


class FileSource(TableSource):
    """A local file of problems: .jsonl or .json, also packed as .gz, .zst or .zip; .csv, .parquet or .arrow."""

    kind: Literal["files"]
    path: str


Source = Annotated[
    FamilySource | GymSource | ChampSource | HubSource | FileSource,
    Field(discriminator="kind"),
]

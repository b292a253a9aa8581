"""All sections of params.yaml together, of which some may be empty; whole.py checks what has to agree in them."""

from typing import Any

from pydantic import (
    SerializerFunctionWrapHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_serializer,
    field_validator,
)

from limo.params.answers import Answers
from limo.params.benchmarks import Benchmark
from limo.params.datasets import Dataset
from limo.params.draws import Band, Generation, Rate, Rater, Teacher
from limo.params.empty import empty, read
from limo.params.engines import Engine
from limo.params.evaluate import Evaluate
from limo.params.judges import ChainJudge, ExamJudge
from limo.params.models import Model
from limo.params.plan import Plan
from limo.params.pool import Pool, Select
from limo.params.release import Release
from limo.params.rounds import QuestionSet, RoundDataset
from limo.params.score import Gates, Score, Tiers
from limo.params.section import Count, Name, Section
from limo.params.sources import Source
from limo.params.traces import Traces
from limo.params.train import Prompt, Train, Variant, changed

# Sections of fixed keys, which may be empty; the others hold the user's own names, and are {} where there are none.
SECTIONS: dict[str, type[Section]] = {
    "pool": Pool,
    "prompt": Prompt,
    "answers": Answers,
    "generation": Generation,
    "screen": Band,
    "rate": Rate,
    "select": Select,
    "gates": Gates,
    "score": Score,
    "tiers": Tiers,
    "train": Train,
    "evaluate": Evaluate,
    "release": Release,
    "plan": Plan,
}


class Sections(Section):
    """Every section of params.yaml; where the file leaves one of fixed keys empty, an `Empty` stands for it."""

    seed: Count
    """Enters every seed of sampling, training order and random control."""
    models: dict[Name, Model]
    """Models by name: the stage fetch@NAME writes models/base/NAME."""
    engines: dict[Name, Engine]
    """Engines by name: what runs a model that answers."""
    sources: dict[Name, Source]
    """Sources of problems by name: the stage acquire@NAME writes data/sources/NAME.parquet."""
    benchmarks: dict[Name, Benchmark]
    """Benchmarks by name, which decontamination guards and every candidate answers."""
    pool: Pool
    """What may enter the pool (paper 2)."""
    prompt: Prompt
    """What stands before the question in every training example and every evaluation (paper 6.2)."""
    answers: Answers
    """How answers are read and compared."""
    generation: Generation
    """When a stage that samples stops itself."""
    recorded: dict[Name, Traces]
    """Attempts and pass counts that are there already: the stage recorded@NAME writes data/recorded/NAME.parquet."""
    screen: Rater
    """Coarse difficulty (paper 2.1): what a small model solves is too easy."""
    rate: Rate
    """Fine difficulty (paper 2.1): the correct draws of stronger reasoners must fall in a band."""
    select: Select
    """Which rated questions go on (paper 3)."""
    imports: dict[Name, Traces]
    """Chains that others wrote, by name: the stage imported@NAME writes data/chains/0/NAME.parquet."""
    question_sets: dict[Name, QuestionSet]
    """Problems beside the selected ones, by name (stage question_set@NAME)."""
    rounds: list[Count]
    """Rounds of chains: 0 has all that exists and what models as they came write, each further one what variants
    write that were trained on datasets of earlier ones; `[0]` where no trained model teaches."""
    teachers: dict[Name, Teacher]
    """Writers of chains by name (stage collect@NAME), beside the sources' solutions and rate's correct answers."""
    gates: Gates
    """What keeps a right chain out of every dataset, whatever its score."""
    chain_judges: dict[Name, ChainJudge]
    """Judges of chains by name: the stage vote@NAME writes data/votes/NAME.parquet; {} where nobody votes."""
    score: Score
    """The score of a chain (paper 4.1)."""
    tiers: Tiers
    """Quality levels per question and the length gate (paper 5.1, 6.4)."""
    round_datasets: dict[Name, RoundDataset]
    """Datasets of one round alone, on which teachers of later rounds are trained: stage round_dataset@NAME."""
    datasets: dict[Name, Dataset]
    """Datasets by name: the stage dataset@NAME writes the file `path`."""
    train: Train
    """Full-parameter SFT (paper 6.1)."""
    variants: dict[Name, Variant]
    """Models to train by name: the stage train@NAME writes models/NAME."""
    candidates: dict[Name, str]
    """Folders of the models that answer the benchmarks, by name: models/base/MODEL or models/VARIANT."""
    judges: dict[Name, ExamJudge]
    """Judges by name: the stage judge@NAME writes data/judged/NAME.parquet; {} where no benchmark has one."""
    evaluate: Evaluate
    """How candidates answer the benchmarks (paper 7.2)."""
    release: Release
    """What is handed out, and under which name."""
    plan: Plan
    """Sizes, speeds and prices that `limo plan` and the report reckon with."""

    @property
    def raters(self) -> dict[str, Rater]:
        """Every rater by its dotted name: that of screen and those of rate."""
        fine = {} if empty(self.rate) else {f"rate.raters.{name}": rater for name, rater in self.rate.raters.items()}
        return fine if empty(self.screen) else {"screen": self.screen, **fine}

    @property
    def every_dataset(self) -> dict[str, Dataset]:
        """Every dataset by its name: those of one round alone and those of all."""
        return {**{name: spec.dataset for name, spec in self.round_datasets.items()}, **self.datasets}

    def training(self, variant: str) -> Train:
        """The section `train` as this variant has it."""
        return changed(self.train, variant, self.variants[variant])

    def trained_on(self, variant: str) -> str:
        """The name of the dataset that this variant is trained on.

        Raises:
            ValueError: no stage makes the file that it is trained on.
        """
        data = self.variants[variant].data
        for name, spec in self.every_dataset.items():
            if spec.path == data:
                return name
        raise ValueError(
            f"variants.{variant}.data = {data!r} is not the path of a dataset, and its name is needed here"
        )

    @field_validator(*SECTIONS, mode="wrap")
    @classmethod
    def _perhaps_empty(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        name = str(info.field_name)
        return read(name, SECTIONS[name], value) or handler(value)

    @field_serializer(*SECTIONS, mode="wrap")
    def _as_the_file_says(self, section: Any, handler: SerializerFunctionWrapHandler) -> Any:
        return section.values() if empty(section) else handler(section)

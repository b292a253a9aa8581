from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from limo.params.generation import Answers, Draws, Engine, Generation, Prompt, Teacher
from limo.params.models import Model
from limo.params.plan import Plan
from limo.params.problems import Pool, Select
from limo.params.quality import Dataset, HeldOutDataset, RandomDataset, Score, Tiers
from limo.params.section import Count, Name, Section
from limo.params.sources import Source
from limo.params.training import Evaluate, Release, Train, Variant


class Params(Section):
    """The whole of params.yaml."""

    seed: Count
    models: dict[Name, Model]
    engines: dict[Name, Engine]
    sources: dict[Name, Source]
    benchmarks: dict[Name, Source]
    pool: Pool
    prompt: Prompt
    answers: Answers
    generation: Generation
    screen: Draws
    rate: Draws
    select: Select
    teachers: dict[Name, Teacher]
    score: Score
    tiers: Tiers
    datasets: dict[Name, Dataset]
    train: Train
    variants: dict[Name, Variant]
    candidates: dict[Name, str]
    evaluate: Evaluate
    release: Release
    plan: Plan

    @model_validator(mode="after")
    def _references(self) -> "Params":
        drawn: dict[str, Draws | Teacher] = {f"teachers.{name}": teacher for name, teacher in self.teachers.items()}
        drawn |= {"screen": self.screen, "rate": self.rate}
        for name, section in drawn.items():
            _known(f"{name}.model", section.model, self.models)
            _known(f"{name}.engine", section.engine, self.engines)
        _known("evaluate.engine", self.evaluate.engine, self.engines)
        _known("score.tokenizer", self.score.tokenizer, self.models)
        for name, variant in self.variants.items():
            _known(f"variants.{name}.model", variant.model, self.models)
            _known(f"variants.{name}.data", variant.data, {d.path for d in self.datasets.values()})
        self._validation()
        folders = {f"models/base/{m}" for m in self.models} | {f"models/{v}" for v in self.variants}
        for name, folder in self.candidates.items():
            _known(f"candidates.{name}", folder, folders)
        _same("evaluate.protocols", set(self.evaluate.protocols), set(self.benchmarks))
        _same("pool.source_rank", set(self.pool.source_rank), set(self.sources))
        for name, dataset in self.datasets.items():
            if isinstance(dataset, RandomDataset) and dataset.like is not None:
                _known(f"datasets.{name}.like", dataset.like, self.datasets)
        return self

    def _validation(self) -> None:
        apart = sorted(d.path for d in self.datasets.values() if isinstance(d, HeldOutDataset))
        if self.train.validation not in apart:
            raise ValueError(
                f"train.validation = {self.train.validation!r} is not one of {apart}: a checkpoint is chosen on a "
                "dataset of rule held_out, and never on a benchmark, whose scores that would make worthless"
            )
        for name, variant in self.variants.items():
            if variant.data == self.train.validation:
                raise ValueError(f"variants.{name}.data is train.validation, which is there to be left out of training")

    @model_validator(mode="after")
    def _planned(self) -> "Params":
        used = {self.screen.engine, self.rate.engine, self.evaluate.engine}
        used |= {teacher.engine for teacher in self.teachers.values()}
        for name in self.plan.engines:
            _known("a name in plan.engines", name, self.engines)
        for name in sorted(used - set(self.plan.engines)):
            raise ValueError(f"plan.engines lacks {name!r}, which a stage uses: add its speed and price")
        for name in sorted({variant.model for variant in self.variants.values()} - set(self.plan.shapes)):
            raise ValueError(f"plan.shapes lacks {name!r}, which a variant trains: add the sizes of its config.json")
        _same("plan.teachers", set(self.plan.teachers), set(self.teachers))
        _same("plan.benchmarks", set(self.plan.benchmarks), set(self.benchmarks))
        return self


def _known(key: str, value: str, choices: Any) -> None:
    if value not in choices:
        raise ValueError(f"{key} = {value!r} is not one of {sorted(choices)}")


def _same(key: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise ValueError(f"{key} names {sorted(found)}, expected exactly {sorted(expected)}")


# DVC's run cache leaves keys of these names out when it looks for a run with the same parameters, wherever they stand:
# it would hand out the outs of another value.
_OVERLOOKED = {"size", "nfiles"}
_TAGGED = {("models",), ("engines",), ("sources",), ("benchmarks",), ("datasets",), ("plan", "engines")}


def load(path: str | Path = "params.yaml") -> Params:
    """Read and validate a whole params file.

    Raises:
        ValueError: one line per fault, each with the dotted key, what is wrong and the value found.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  (a twelfth of a second that commands without params are spared)

    # YAML 1.2, as DVC itself reads and writes: under 1.1 the 1e-05 that `dvc exp run -S` writes is a string.
    values = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    if overlooked := [
        f"  {key}: DVC's run cache does not see a key of this name: choose another" for key in _unseen(values)
    ]:
        raise ValueError(f"{path} is not valid:\n" + "\n".join(overlooked))
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            # Within a union pydantic puts the member behind the name; the file has no such level.
            loc = fault["loc"]
            parts = [part for at, part in enumerate(loc) if not (at > 1 and loc[: at - 1] in _TAGGED)]
            parts = [part for part in parts if part != "Fields" and not str(part).startswith("literal[")]
            found = "" if isinstance(fault["input"], dict) else f" (found {fault['input']!r})"
            faults.append(f"  {'.'.join(map(str, parts)) or '(file)'}: {fault['msg']}{found}")
        raise ValueError(f"{path} is not valid:\n" + "\n".join(faults)) from None


def _unseen(values: Any) -> Iterator[str]:
    """The dotted keys that the run cache overlooks."""
    items = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in items:
        if key in _OVERLOOKED:
            yield str(key)
        yield from (f"{key}.{inner}" for inner in _unseen(value))

"""What has to agree between the sections of params.yaml."""

from typing import Any

from pydantic import model_validator

from limo.params.datasets import HeldOutDataset, RandomDataset, SetDataset
from limo.params.draws import AskedRater
from limo.params.empty import empty
from limo.params.engines import RecordedEngine
from limo.params.rounds import check_rounds, check_teachers
from limo.params.sections import Sections
from limo.params.sources import HubSource
from limo.params.traces import TraceFields, TraceTable


class Params(Sections):
    """The whole of params.yaml, whose sections fit each other."""

    @model_validator(mode="after")
    def _rated(self) -> "Params":
        for name, rater in self.raters.items():
            _known(f"{name}.engine", rater.engine, self.engines)
            asks = not isinstance(self.engines[rater.engine], RecordedEngine)
            _known(f"{name}.path", rater.path, self._asked() if isinstance(rater, AskedRater) else self._recorded())
            if asks != isinstance(rater, AskedRater):
                raise ValueError(
                    f"{name}.engine = {rater.engine!r} does not fit kind {rater.kind}: a recorded rater has an engine "
                    "of kind recorded, one that is asked has none such"
                )
        return self

    @model_validator(mode="after")
    def _in_rounds(self) -> "Params":
        check_rounds(self.rounds, self.teachers, self.round_datasets, set(self.datasets))
        whole = {dataset.path for dataset in self.datasets.values()}
        trained = {f"models/{name}": variant for name, variant in self.variants.items()}
        if self.round_datasets and not empty(self.score) and "votes" in (self.score.weights or {}):
            raise ValueError(
                "score.weights weighs votes, which judges give when all rounds are there: round_datasets have none"
            )
        check_teachers(self.teachers, trained, self.round_datasets, whole)
        for name, question_set in self.question_sets.items():
            for source in question_set.sources or []:
                _known(f"a name in question_sets.{name}.sources", source, self.sources)
        return self

    @model_validator(mode="after")
    def _references(self) -> "Params":
        for name, teacher in self.teachers.items():
            _known(f"teachers.{name}.path", teacher.path, self._asked() | {f"models/{v}" for v in self.variants})
            _known(f"teachers.{name}.round", teacher.round, self.rounds)
            _known(f"teachers.{name}.questions", teacher.questions, self._questions())
            _known(f"teachers.{name}.engine", teacher.engine, self._asking())
        if not empty(self.score):
            _known("score.tokenizer", self.score.tokenizer, self.models)
        folders = self._asked() | {f"models/{v}" for v in self.variants}
        for name, folder in self.candidates.items():
            _known(f"candidates.{name}", folder, folders)
        if not empty(self.pool):
            _same("pool.source_rank", set(self.pool.source_rank), set(self.sources))
        for number in [None, *self.rounds]:
            self._of_datasets(number)
        return self

    def _questions(self) -> set[str]:
        return {"data/questions.parquet", *(f"data/question_sets/{name}.parquet" for name in self.question_sets)}

    def _of_datasets(self, number: int | None) -> None:
        """Names in the datasets of one round, or of all."""
        early = {name: spec.dataset for name, spec in self.round_datasets.items() if spec.round == number}
        specs = self.datasets if number is None else early
        for name, dataset in specs.items():
            key = f"datasets.{name}" if number is None else f"round_datasets.{name}.dataset"
            if isinstance(dataset, RandomDataset) and dataset.like is not None:
                _known(f"{key}.like", dataset.like, specs)
            if isinstance(dataset, SetDataset):
                _known(f"{key}.questions", dataset.questions, self.question_sets)

    @model_validator(mode="after")
    def _held(self) -> "Params":
        """Every source that is named is there, and of every source some rater decides."""
        teachers = {f"teachers.{name}": teacher for name, teacher in self.teachers.items()}
        datasets = {f"datasets.{name}": dataset for name, dataset in self.datasets.items()}
        datasets |= {f"round_datasets.{name}.dataset": spec.dataset for name, spec in self.round_datasets.items()}
        for key, section in {**self.raters, **teachers, **datasets}.items():
            for name in section.sources or ():
                _known(f"a name in {key}.sources", name, self.sources)
        if empty(self.rate):
            return self
        held = [self.sources if rater.sources is None else rater.sources for rater in self.rate.raters.values()]
        if left := sorted(set(self.sources).difference(*held)):
            raise ValueError(f"rate.raters: none is for sources {', '.join(left)}: add them to a rater's sources")
        return self

    @model_validator(mode="after")
    def _no_benchmark_as_source(self) -> "Params":
        for name, source in self.sources.items():
            if isinstance(source, HubSource) and source.fields == "math" and source.split != "train":
                raise ValueError(
                    f"sources.{name}.split = {source.split!r} of MATH is refused: MATH-500 is drawn from test, so use "
                    "train"
                )
        return self

    @model_validator(mode="after")
    def _evaluated(self) -> "Params":
        if empty(self.evaluate):
            return self
        _known("evaluate.engine", self.evaluate.engine, self._asking())
        _same("evaluate.benchmarks", set(self.evaluate.benchmarks), set(self.benchmarks))
        for name in self.evaluate.released:
            _known("a name in evaluate.released", name, self.models)
        if not self.candidates:  # then nothing is compared
            return self
        for name in self.evaluate.published:
            _known("a name in evaluate.published", name, self.candidates)
        for family, pairs in self.evaluate.comparisons.items():
            for name in [*pairs, *(other for others in pairs.values() for other in others)]:
                _known(f"a name in evaluate.comparisons.{family}", name, self.candidates)
        return self

    @model_validator(mode="after")
    def _imported(self) -> "Params":
        for name, spec in self.imports.items():
            if name in {*self.teachers, "solutions", "attempts"}:
                raise ValueError(f"imports.{name}: the name is taken by a teacher, or stands for solutions or attempts")
            if isinstance(spec, TraceTable) and isinstance(spec.fields, TraceFields) and spec.fields.text is None:
                raise ValueError(f"imports.{name}.fields.text is null: an import is of texts, counts go to `recorded`")
        return self

    @model_validator(mode="after")
    def _judged(self) -> "Params":
        judged: list[str] = []
        for name, judge in self.judges.items():
            _known(f"judges.{name}.model", judge.model, self.models)
            _known(f"judges.{name}.engine", judge.engine, self.engines)
            for benchmark in judge.benchmarks:
                _known(f"a name in judges.{name}.benchmarks", benchmark, self.benchmarks)
            judged += judge.benchmarks
        for name, voter in self.chain_judges.items():
            if name == "pairs":
                raise ValueError("chain_judges.pairs: the name is taken by the table of pairs")
            _known(f"chain_judges.{name}.model", voter.model, self.models)
            _known(f"chain_judges.{name}.engine", voter.engine, self._asking())
        if twice := sorted({benchmark for benchmark in judged if judged.count(benchmark) > 1}):
            raise ValueError(f"judges have {', '.join(twice)} in common: a benchmark has one judge, named once")
        return self

    @model_validator(mode="after")
    def _trained(self) -> "Params":
        every = self.every_dataset.values()
        apart = sorted(d.path for d in every if isinstance(d, HeldOutDataset))
        for name, variant in self.variants.items():
            _known(f"variants.{name}.model", variant.model, self.models)
            if not empty(self.train):
                self.training(name)
            if variant.data == variant.validation:
                raise ValueError(f"variants.{name}.data is its validation, which is there to be left out of training")
            if not every:
                continue
            _known(f"variants.{name}.data", variant.data, {d.path for d in every})
            if variant.validation not in apart:
                raise ValueError(
                    f"variants.{name}.validation = {variant.validation!r} is not one of {apart}: a checkpoint is "
                    "chosen on a dataset of rule held_out, and never on a benchmark, whose scores that would make "
                    "worthless"
                )
        return self

    @model_validator(mode="after")
    def _filled(self) -> "Params":
        """Stages of a name each are wanted where they have names."""
        readers = {
            "teachers": ("answers", "generation"),
            "variants": ("prompt", "train"),
            "candidates": ("prompt", "answers", "evaluate"),
            "chain_judges": ("gates", "score"),
        }
        for names, sections in readers.items():
            for section in sections:
                if getattr(self, names) and empty(getattr(self, section)):
                    raise ValueError(
                        f"{section} is empty, and the stages of {names} read it: fill it, or empty {names}"
                    )
        return self

    @model_validator(mode="after")
    def _planned(self) -> "Params":
        if empty(self.plan):
            return self
        asking = [*self.raters.values(), self.evaluate, *self.teachers.values()]
        used = {section.engine for section in asking if not empty(section)} & self._asking()
        for name in self.plan.engines:
            _known("a name in plan.engines", name, self.engines)
        for name in sorted(used - set(self.plan.engines)):
            raise ValueError(f"plan.engines lacks {name!r}, which a stage uses: add its speed and price")
        for name in sorted({variant.model for variant in self.variants.values()} - set(self.plan.shapes)):
            raise ValueError(f"plan.shapes lacks {name!r}, which a variant trains: add the sizes of its config.json")
        _same("plan.teachers", set(self.plan.teachers), set(self.teachers))
        _same("plan.benchmarks", set(self.plan.benchmarks), set(self.benchmarks))
        _same("plan.power.pass_rates", set(self.plan.power.pass_rates), set(self.benchmarks))
        return self

    def _asking(self) -> set[str]:
        """Engines that ask somebody."""
        return {name for name, engine in self.engines.items() if not isinstance(engine, RecordedEngine)}

    def _asked(self) -> set[str]:
        return {f"models/base/{name}" for name in self.models}

    def _recorded(self) -> set[str]:
        return {f"data/recorded/{name}.parquet" for name in self.recorded}


def _known(key: str, value: str | int, choices: Any) -> None:
    if value not in choices:
        raise ValueError(f"{key} = {value!r} is not one of {sorted(choices)}")


def _same(key: str, names: set[str], expected: set[str]) -> None:
    if names != expected:
        remedies = [f"add {name}" for name in sorted(expected - names)]
        remedies += [f"take out {name}" for name in sorted(names - expected)]
        listed = f"{key} names {sorted(names)}, expected exactly {sorted(expected)}"
        raise ValueError(f"{listed}: {', '.join(remedies)}")

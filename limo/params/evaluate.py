"""Sections `evaluate` and `candidates`: which models answer which benchmarks, and how; read by the stage answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from limo.params.benchmarks import Day
from limo.params.section import Name, Positive, Section
from limo.params.train import Prompt


class Protocol(Section):
    """How a benchmark is asked (paper 7.2)."""

    draws: Positive
    """Answers per problem, over which pass@1 is averaged."""
    temperature: Annotated[float, Field(ge=0, le=5)]
    """Temperature of the softmax; 0 is greedy."""
    top_p: Annotated[float, Field(gt=0, le=1)]
    """Share of the probability that the likeliest tokens have together, from which one is drawn; 1 is all of them."""
    max_tokens: Positive
    """Tokens of an answer, after which it is cut."""
    system: str | None
    """The system turn; null for that of `prompt`, '' for an empty one."""


class Evaluate(Section):
    """How candidates answer."""

    engine: Name
    """Key of `engines`."""
    protocols: dict[Name, Protocol]
    """Protocols by name."""
    benchmarks: dict[Name, list[Name]]
    """Every key of `benchmarks` with its protocols. The first is the one whose score enters the mean and stands under
    the benchmark's own name; that of another stands as BENCHMARK/PROTOCOL. Protocols that ask in the same way share
    their draws."""
    pass_at: list[Positive]
    """Numbers of draws k for which pass@k and all@k are given, where a protocol draws as many."""
    budgets: list[Positive]
    """Smaller limits of tokens under which every answer is judged again, from the same text."""
    released: dict[Name, Day]
    """Days on which models of `models` were released, 'YYYY-MM-DD', where known; see `benchmarks.NAME.published`."""
    comparisons: dict[Name, dict[Name, list[Name]]]
    """Families of comparisons by name: keys of `candidates`, each with those that it is compared with. P-values are
    adjusted within a family, so what is asked in one breath belongs into one."""

    published: dict[Name, list[Name]]
    """Models of limo/report/published.yaml whose results the report shows beside a candidate's, by candidate."""

    @model_validator(mode="after")
    def _asked(self) -> "Evaluate":
        for benchmark, names in self.benchmarks.items():
            if not names or len(set(names)) < len(names) or not set(names) <= set(self.protocols):
                raise ValueError(
                    f"benchmarks.{benchmark} is {names}: list one or more of the protocols {sorted(self.protocols)}, "
                    "each once"
                )
        return self

    @model_validator(mode="after")
    def _apart(self) -> "Evaluate":
        for family, pairs in self.comparisons.items():
            for name, others in pairs.items():
                if name in others or len(set(others)) < len(others) or not others:
                    raise ValueError(
                        f"comparisons.{family}.{name} is {others}: list the candidates that {name} is compared with, "
                        "each once, and not itself"
                    )
        return self


@dataclass(frozen=True)
class Exam:
    """A benchmark under one of its protocols."""

    benchmark: str
    named: str
    protocol: Protocol


def exams(evaluate: Evaluate) -> dict[str, Exam]:
    """Every benchmark under each of its protocols, by the name under which its figures stand."""
    return {
        name: Exam(benchmark, named, evaluate.protocols[named])
        for name, (benchmark, named) in exam_names(evaluate.benchmarks).items()
    }


def exam_names(benchmarks: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Benchmark and protocol by the name under which figures stand, from the protocols of each benchmark.

    BENCHMARK is the name of the first, BENCHMARK/PROTOCOL of the others; no name of params.yaml has a slash.
    """
    return {
        f"{benchmark}/{named}" if place else benchmark: (benchmark, named)
        for benchmark, protocols in benchmarks.items()
        for place, named in enumerate(protocols)
    }


def counts(exam: str) -> bool:
    """Whether an exam of this name enters the mean over benchmarks: it is the first of its benchmark."""
    return "/" not in exam


def system(prompt: Prompt, protocol: Protocol) -> str:
    """The system turn of a protocol."""
    return prompt.system if protocol.system is None else protocol.system

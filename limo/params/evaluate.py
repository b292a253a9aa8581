"""Sections `evaluate` and `candidates`: which models answer which benchmarks, and how; read by the stage answer."""

from typing import Annotated

from pydantic import Field, model_validator

from limo.params.benchmarks import Day
from limo.params.section import Name, Positive, Section


class Protocol(Section):
    """How one benchmark is sampled (paper 7.2)."""

    draws: Positive
    """Answers per problem, over which pass@1 is averaged."""
    temperature: Annotated[float, Field(ge=0, le=5)]
    """Temperature of the softmax; 0 is greedy."""
    top_p: Annotated[float, Field(gt=0, le=1)]
    """Share of the probability that the likeliest tokens have together, from which one is drawn; 1 is all of them."""


class Evaluate(Section):
    """How candidates answer."""

    engine: Name
    """Key of `engines`."""
    max_tokens: Positive
    """Tokens of an answer, after which it is cut."""
    protocols: dict[str, Protocol]
    """Every key of `benchmarks`, with how it is sampled."""
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
    def _apart(self) -> "Evaluate":
        for family, pairs in self.comparisons.items():
            for name, others in pairs.items():
                if name in others or len(set(others)) < len(others) or not others:
                    raise ValueError(
                        f"comparisons.{family}.{name} is {others}: list the candidates that {name} is compared with, "
                        "each once, and not itself"
                    )
        return self

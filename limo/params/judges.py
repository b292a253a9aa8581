"""Sections `judges` and `chain_judges`: models that judge answers and chains; read by judge, pair and vote."""

from typing import Annotated

from pydantic import Field

from limo.params.section import Fraction, Name, Positive, Section


class ExamJudge(Section):
    """A model that judges answers to some benchmarks, at temperature 0 (paper 7.2)."""

    model: Name
    """Key of `models`."""
    engine: Name
    """Key of `engines`."""
    max_tokens: Positive
    """Tokens of a judgement."""
    share: Fraction
    """Share of the answers that rules decide, chosen by a hash, which it judges too: so its agreement is known."""
    benchmarks: list[Name]
    """Keys of `benchmarks` whose undecided answers it settles; no two judges have one in common."""


class ChainJudge(Section):
    """A model that says which of two chains of a question reasons more soundly, in both orders, at temperature 0."""

    model: Name
    """Key of `models`."""
    engine: Name
    """Key of `engines`."""
    max_tokens: Positive
    """Tokens of a judgement."""
    neighbours: Positive
    """Each chain is compared with this many before it and after it, in a ring of its question's chains that a hash
    orders."""
    min_agreement: Annotated[float, Field(gt=0.5, le=1)]
    """Least agreement with human marks of mistakes, on which the judge is tried first; below, it is asked of no chain.
    A judge that tosses a coin reaches 0.5."""

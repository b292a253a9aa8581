"""Section `benchmarks`: what models are measured on, and how its rows are asked; read by the stage benchmarks."""

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Positive, Section
from limo.params.sources import Source

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Benchmark(Section):
    """A set of problems that every candidate answers, none of which may get into the pool."""

    source: Source
    """Where the rows come from, as under `sources`."""
    max_characters: Positive
    """The longest question that is accepted, whatever the pool's limit is: a longer one stops the stage."""
    repairs: str | None
    """File of corrected reference answers for exactly this file (docs/acquire.md, "Repairs"); null for none."""
    options: Literal["as_written", "shuffle", "circular"]
    """Multiple choice: as published, each row's options in an order of its own, or every rotation of them asked."""
    published: Day | None
    """Day from which its problems could be read, 'YYYY-MM-DD'; null where unknown."""

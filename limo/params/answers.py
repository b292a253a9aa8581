"""Section `answers`: how answers are read and compared; read by every stage that judges answers."""

from typing import Annotated, Literal

from pydantic import Field

from limo.params.section import Positive, Section


class Answers(Section):
    """How answers are read and compared."""

    extraction: Literal["boxed", "flexible"]
    """`boxed` reads the last `\\boxed{}` only; `flexible` then a stated answer, then the last number."""
    workers: Positive
    """Killable processes for comparisons that need computer algebra; their number changes no result."""
    timeout_s: Annotated[float, Field(gt=0)]
    """Processor seconds for one comparison, after which it is undecided."""
    memory_mb: Positive
    """Address space of one worker, in MiB."""

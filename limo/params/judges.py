"""Section `judges`: models that settle what rules leave undecided; read by the stage judge."""

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

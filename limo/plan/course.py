"""Pass rates and a band → the exact course of a problem under early stopping; used by `limo plan` and report."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from limo.generation.band import settled


@dataclass(frozen=True)
class Course:
    """What becomes of one problem, in expectation.

    `decided` draws settle its verdict, `paid` at most are started; `keep`, `easy` and `hard` are the probabilities of
    its verdicts and sum to 1.
    """

    decided: float
    paid: float
    keep: float
    easy: float
    hard: float


@cache
def course(rate: float, draws: int, low: int, high: int, lookahead: int) -> Course:
    """The exact course of a problem that each draw solves with probability `rate`, independently.

    A dynamic programme over (drawn, correct): from every state that `limo.generation.band.settled` leaves open, the
    next draw goes to (drawn + 1, correct + 1) with probability `rate`, else to (drawn + 1, correct).

    `paid` is an upper bound: when the verdict falls at draw T, at most draws T + 1 to T + lookahead - 1 are under way.
    """
    reached = {0: 1.0}
    stop = still = 0.0
    verdicts = {"keep": 0.0, "easy": 0.0, "hard": 0.0}
    for drawn in range(draws + 1):
        after: dict[int, float] = {}
        for correct, probability in reached.items():
            if not settled(["correct"] * correct + ["wrong"] * (drawn - correct), draws, low, high):
                after[correct] = after.get(correct, 0.0) + probability * (1 - rate)
                after[correct + 1] = after.get(correct + 1, 0.0) + probability * rate
                continue
            # Only a band that no draw can leave is decided before the first one, and then none is started.
            stop += probability * drawn
            still += probability * min(draws, drawn + lookahead - 1) if drawn else 0.0
            verdicts["easy" if correct > high else "hard" if correct < low else "keep"] += probability
        reached = after
    return Course(stop, still, **verdicts)


def mixed(pass_rates: Iterable[tuple[float, float]], draws: int, low: int, high: int, lookahead: int) -> Course:
    """The course of a problem whose pass rate is drawn from (rate, share) pairs with shares that sum to 1."""
    courses = [(share, course(rate, draws, low, high, lookahead)) for rate, share in pass_rates]

    def mean(name: str) -> float:
        return float(sum(share * getattr(each, name) for share, each in courses))

    return Course(mean("decided"), mean("paid"), mean("keep"), mean("easy"), mean("hard"))

"""Judges of answers and the benchmarks' sizes → requests and cost, at least and at most; used by `limo plan`."""

from collections.abc import Mapping
from dataclasses import dataclass

from limo import params
from limo.plan.forecast import Cost, cost


@dataclass(frozen=True)
class Requests:
    """Those to one judge about `answers`: a share of them at least, all of them at most.

    It gets what rules leave undecided, which is known once answers are there, and the share of the others. Costs are
    those of judgements of `max_tokens`, the longest there are; None where `plan` has no price for the engine.
    """

    judge: str
    engine: str
    answers: int
    least: float
    least_cost: Cost | None
    most_cost: Cost | None


def judging(p: params.Params, benchmarks: Mapping[str, int]) -> list[Requests]:
    """Every judge of answers, in order; none where nothing is answered.

    Args:
        p: all parameters; section `plan` is filled.
        benchmarks: problems of each benchmark.
    """
    if not p.candidates:
        return []
    of_all = params.exams(p.evaluate).values()
    planned = []
    for name, judge in p.judges.items():
        draws = [benchmarks[e.benchmark] * e.protocol.draws for e in of_all if e.benchmark in judge.benchmarks]
        answers = len(p.candidates) * sum(draws)
        price = p.plan.engines.get(judge.engine)
        sizes = params.Sizes(prompt_tokens=p.plan.answer.prompt_tokens, answer_tokens=judge.max_tokens)
        least, most = (cost(price, sizes, n) if price else None for n in (judge.share * answers, answers))
        planned.append(Requests(name, judge.engine, answers, judge.share * answers, least, most))
    return planned

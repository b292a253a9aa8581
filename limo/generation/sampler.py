from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from limo.generation.engines import Engine
from limo.generation.request import Completion, Request
from limo.generation.store import Store

Judge = Callable[[str, Completion], Any]
Settled = Callable[[Sequence[Any]], bool]


@dataclass
class Problem:
    """One problem to draw answers for, and what is known of them so far.

    `requests[i]` is draw i. Draws count in order: `verdicts` is the judged prefix, and completions that arrive early
    wait in `early` under their key.
    """

    id: str
    requests: Sequence[Request]
    keys: Sequence[str]
    answers: list[Completion] = field(default_factory=list)
    judged: list[Any] = field(default_factory=list)
    early: dict[str, Completion] = field(default_factory=dict)
    submitted: int = 0


@dataclass
class Tally:
    """What a run cost: answers drawn now, leading answers found in the store, tokens drawn now."""

    drawn: int = 0
    stored: int = 0
    tokens: int = 0


def decided(verdicts: Sequence[str], draws: int, low: int, high: int) -> bool:
    """Whether the rest of `draws` ordered draws can still change "low <= correct <= high".

    True once there are too many correct, once too few remain to reach `low`, or once both bounds are safe. The keep
    or drop that follows is the one of the full draw; only the counts of a stopped problem are censored.
    """
    correct = list(verdicts).count("correct")
    most = correct + draws - len(verdicts)
    return correct > high or most < low or (correct >= low and most <= high)


def run(
    problems: Sequence[Problem],
    open_engine: Callable[[], Engine],
    store: Store,
    judge: Judge,
    settled: Settled,
    lookahead: int,
    label: str,
) -> Tally:
    """Draw answers for every problem, in order, until `settled(judged prefix)` or its requests are used up.

    Answers already stored are used and never asked for again; a new one is stored the moment it ends. At most
    `lookahead` draws of a problem are under way at once: those drawn beyond the stopping point stay in the store and
    change nothing. `open_engine` is called only when something must be drawn. Results are left in the problems.
    """
    tally = Tally()
    known = {problem.id: problem for problem in problems}
    engine: Engine | None = None
    queue = deque(problems)
    active = 0
    with tqdm(total=len(problems), desc=label, unit="problem", mininterval=2) as bar:
        while queue or active:
            # Twice the engine's places, so that it never waits for a verdict.
            while queue and (engine is None or active * lookahead < 2 * engine.capacity):
                problem = queue.popleft()
                problem.early = store.get(problem.keys)
                _advance(problem, judge, settled)
                tally.stored += len(problem.answers)
                if _ended(problem, settled):
                    bar.update()
                    continue
                engine = engine or open_engine()
                active += 1
                _submit(problem, engine, lookahead)
            if engine is None or not active:  # the store had the rest
                break
            ended = engine.finished()
            if not ended:
                raise RuntimeError(
                    f"{label}: the engine has nothing under way while {active} problems wait for answers"
                )
            for name, completion in ended:
                identifier, index = name.rsplit("#", 1)
                problem = known[identifier]
                key = problem.keys[int(index)]
                store.put(key, completion)
                tally.drawn += 1
                tally.tokens += completion.tokens
                if _ended(problem, settled):
                    continue
                problem.early[key] = completion
                _advance(problem, judge, settled)
                if _ended(problem, settled):
                    active -= 1
                    bar.update()
                else:
                    _submit(problem, engine, lookahead)
            bar.set_postfix(answers=tally.drawn, stored=tally.stored, tokens=tally.tokens, refresh=False)
    return tally


def _submit(problem: Problem, engine: Engine, lookahead: int) -> None:
    """Ask for the next draws, so that `lookahead` beyond the prefix are known or under way."""
    end = min(len(problem.requests), len(problem.answers) + lookahead)
    wanted = [i for i in range(problem.submitted, end) if i >= len(problem.answers)]
    problem.submitted = max(problem.submitted, end)
    engine.submit((f"{problem.id}#{i}", problem.requests[i]) for i in wanted if problem.keys[i] not in problem.early)


def _advance(problem: Problem, judge: Judge, settled: Settled) -> None:
    """Judge the draws that continue the prefix, one by one, until the next is not known or none is needed."""
    while not _ended(problem, settled) and problem.keys[len(problem.answers)] in problem.early:
        completion = problem.early.pop(problem.keys[len(problem.answers)])
        problem.answers.append(completion)
        problem.judged.append(judge(problem.id, completion))


def _ended(problem: Problem, settled: Settled) -> bool:
    return len(problem.answers) == len(problem.requests) or settled(problem.judged)

"""A params file → what each stage that samples asks of which model; used by screen, rate, collect, answer and plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from limo import params
from limo.generation.band import settled

Settled = Callable[[Sequence[str]], bool]


class Asking(NamedTuple):
    """How one problem is asked: its system turn, its number of draws and their settings, and the name that seeds them.

    Two names of one problem may have the same seeds: then equal settings give the same answers, which are drawn once.
    """

    system: str
    draws: int
    sampling: params.Sampling
    seeded: str


# These seed draws: with another word here every drawn answer is another one. What people read is `Task.stage`.
_SCREEN = "screen"
_RATE = "rate"
_COLLECT = "collect {}"
_ANSWER = "answer"  # of every candidate: the model's fingerprint tells their draws apart


@dataclass(frozen=True)
class Task:
    """What a stage asks of one model.

    Attributes:
        key: the word that seeds the stage's draws and names the columns of its counts; stages share none, and it stays
            as it is for good.
        stage: what DVC calls the stage, for messages and tables that people read.
        model: what the attempts call the model.
        folder: where the model is, under the project's root.
        engine: the engine's name in `params.engines`.
        asks: how a problem is asked, by its id.
        settled: whether a problem's verdicts so far make the rest of its draws needless.
        lookahead: draws of one problem under way at once.
        measures: whether the answers are the result, whatever they are: useless ones then are a finding, no waste.
    """

    key: str
    stage: str
    model: str
    folder: Path
    engine: str
    asks: Callable[[str], Asking]
    settled: Settled
    lookahead: int
    measures: bool


def screen(p: params.Params) -> Task:
    """The small model's few draws for every pool problem, which end once they put it in the band or out of it."""
    return _filter(_SCREEN, "screen", p.screen)


def rate(p: params.Params, name: str) -> Task:
    """The draws of rater `name` for what the screen left, which end once they put a problem in its band or out of it.

    All raters share the word that seeds draws: the model's fingerprint tells theirs apart.
    """
    return _filter(_RATE, f"rate@{name}", p.rate.raters[name])


def teacher(p: params.Params, name: str) -> Task:
    """All chains that teacher `name` writes for every one of its questions."""
    rule = p.teachers[name]
    return Task(
        key=_COLLECT.format(name),
        stage=f"collect@{name}",
        model=rule.name,
        folder=Path(rule.path),
        engine=rule.engine,
        asks=alike(rule.system, rule.draws, rule.sampling),
        settled=never,
        lookahead=rule.draws,
        measures=False,
    )


def candidate(p: params.Params, name: str) -> Task:
    """All answers of candidate `name` to the benchmarks; the ids of its problems are EXAM:SOURCE_ID (`draws`).

    Draws are seeded by BENCHMARK:SOURCE_ID, whatever the protocol: equal settings then are equal answers.
    """
    exams, drawn = params.exams(p.evaluate), draws(p)
    how = {exam: _settings(p, exams[exam]) for exam in drawn}

    def asks(problem: str) -> Asking:
        exam, _, row = problem.partition(":")  # no name in params.yaml has a colon
        system, sampling = how[exam]
        return Asking(system, drawn[exam], sampling, f"{exams[exam].benchmark}:{row}")

    return Task(
        key=_ANSWER,
        stage=f"answer@{name}",
        model=name,
        folder=Path(p.candidates[name]),
        engine=p.evaluate.engine,
        asks=asks,
        settled=never,
        lookahead=max(drawn.values(), default=1),
        measures=True,
    )


def draws(p: params.Params) -> dict[str, int]:
    """The exams that are drawn, with their draws: the first of those that ask one benchmark in the same way.

    The others take the first of these draws (`shares`), so there are as many as the largest of them needs.
    """
    drawn: dict[str, int] = {}
    exams = params.exams(p.evaluate)
    for name, first in shares(p).items():
        drawn[first] = max(drawn.get(first, 0), exams[name].protocol.draws)
    return drawn


def shares(p: params.Params) -> dict[str, str]:
    """Of every exam the one whose draws it takes: the first of its benchmark with its system turn and settings."""
    first: dict[tuple[str, str, params.Sampling], str] = {}
    return {
        name: first.setdefault((exam.benchmark, *_settings(p, exam)), name)
        for name, exam in params.exams(p.evaluate).items()
    }


def alike(system: str, draws: int, sampling: params.Sampling) -> Callable[[str], Asking]:
    """Every problem is asked in the same way, and seeded by its id."""
    return lambda problem: Asking(system, draws, sampling, problem)


def never(_: Sequence[str]) -> bool:
    """No verdicts make further draws needless: all of them count."""
    return False


def _filter(key: str, stage: str, rule: params.Rater) -> Task:
    assert isinstance(rule, params.AskedRater), f"{stage}: a record is not asked"
    return Task(
        key=key,
        stage=stage,
        model=rule.name,
        folder=Path(rule.path),
        engine=rule.engine,
        asks=alike(rule.system, rule.draws, rule.sampling),
        settled=partial(settled, draws=rule.draws, low=rule.min_correct, high=rule.max_correct),
        lookahead=rule.lookahead,
        measures=False,
    )


def _settings(p: params.Params, exam: params.Exam) -> tuple[str, params.Sampling]:
    """The system turn of an exam and the settings of its draws."""
    rule = exam.protocol
    sampling = params.Sampling(temperature=rule.temperature, top_p=rule.top_p, max_tokens=rule.max_tokens)
    return params.system(p.prompt, rule), sampling

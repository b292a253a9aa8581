"""Stored and arriving answers → judged draws of the problems under way, and what they cost; used by the sampler."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue

from limo.answers.verify import Verdict
from limo.generation.engines.protocol import Engine
from limo.generation.task import Task
from limo.params import EngineCost, Generation, HostedCost, Sampling
from limo.store.request import Completion, Request, draw_key
from limo.store.store import Store

Judge = Callable[["ProblemDraws", Completion], "Future[Verdict]"]

_UNOPENED = 256  # problems under way while the store has all answers


class WasteError(Exception):
    """Too many answers are cut or hold no answer: the message says how many, and what to change."""


@dataclass
class ProblemDraws:
    """One problem to draw answers for, and what is known of them so far.

    Draws count in order: `judged` is the judged prefix; verdicts that arrive early wait in `early`.

    Attributes:
        answer: the reference answer.
        series: `request.series_key` of its draws; draw i has the seed `seeds[i]`.
        begun: how many draws have been looked for in the store.
        recalled: draws found there whose verdicts are under way; `missing`: those to ask the engine for after them,
            since they may settle the problem.
    """

    id: str
    question: str
    answer: str
    prompt_ids: tuple[int, ...]
    turns: tuple[tuple[str, str], ...]
    sampling: Sampling
    seeds: Sequence[int]
    series: str
    judged: list[Verdict] = field(default_factory=list)
    early: dict[int, Verdict] = field(default_factory=dict)
    begun: int = 0
    recalled: set[int] = field(default_factory=set)
    missing: list[int] = field(default_factory=list)

    def key(self, draw: int) -> str:
        """The store's key of a draw."""
        return draw_key(self.series, self.seeds[draw])

    def request(self, draw: int) -> Request:
        """What the engine is asked for a draw."""
        return Request(self.prompt_ids, self.turns, self.sampling, self.seeds[draw])


@dataclass
class Tally:
    """What a run has cost and found.

    Attributes:
        cost: what the engine costs, as params.yaml has it under `plan.engines`; None where it has no plan.
        drawn: answers drawn now; `tokens`: their tokens; `prompts`: those of their prompts; `cut`: answers that met the
            token limit.
        stored: answers found in the store.
        too_long: problems that are not asked, since their prompts leave no room for an answer.
        unsafe: problems that are not asked, since their questions hold a control token of the model.
        verdicts: of all answers that were judged, those beyond a stop among them; `unanswered`: held no answer.
        seconds: from the opening of the engine on.
    """

    cost: EngineCost | None
    drawn: int = 0
    stored: int = 0
    tokens: int = 0
    prompts: int = 0
    cut: int = 0
    unanswered: int = 0
    too_long: int = 0
    unsafe: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def counts(self) -> dict[str, int | float]:
        """The tally as one flat line of counts; tokens a second are those of the whole run."""
        rate = round(self.tokens / self.seconds, 1) if self.seconds else 0.0
        flat = {"drawn": self.drawn, "stored": self.stored, "tokens": self.tokens, "tokens_per_second": rate}
        judged = {name: self.verdicts[name] for name in sorted(self.verdicts)}
        rest = {"cut": self.cut, "unanswered": self.unanswered, "money": round(self.money(), 4)}
        unasked = {"too_long": self.too_long, "unsafe": self.unsafe}
        return {**flat, **rest, **{name: count for name, count in unasked.items() if count}, **judged}

    def money(self) -> float:
        """What was drawn has cost so far, in the unit of the prices; nothing where none are known."""
        if self.cost is None:
            return 0.0
        if isinstance(self.cost, HostedCost):
            paid = self.prompts * self.cost.price_per_million_in + self.tokens * self.cost.price_per_million_out
            return paid / 1_000_000
        return self.seconds / 3600 * self.cost.devices * self.cost.price_per_hour


class InFlight:
    """The problems of a task that are under way: what is asked of the engine, what is being judged, what has ended."""

    def __init__(self, task: Task, store: Store, judge: Judge, limits: Generation, tally: Tally):
        self.task, self.store, self.judge, self.limits, self.tally = task, store, judge, limits, tally
        self.active: dict[str, ProblemDraws] = {}
        self.asked: list[tuple[str, Request]] = []
        self.names: dict[str, tuple[str, int, str]] = {}  # of requests under way: problem, draw and key
        self.judging = 0
        self.verdicts: SimpleQueue[tuple[ProblemDraws, int, Future[Verdict]]] = SimpleQueue()
        self.done: list[ProblemDraws] = []

    def is_full(self, engine: Engine | None) -> bool:
        """Whether enough problems are under way: to keep the engine busy, or while none is open, the verifier."""
        if engine is None:
            return bool(self.names) or len(self.active) >= _UNOPENED
        return len(self.active) * self.task.lookahead >= 2 * engine.capacity

    def begin(self, problem: ProblemDraws) -> None:
        self.active[problem.id] = problem
        self._extend(problem)

    def take(self) -> list[tuple[str, Request]]:
        """The requests that the engine has not been asked yet. They count from here on: a verdict may come first."""
        asked, self.asked = self.asked, []
        self.tally.prompts += sum(len(request.prompt_ids) for _, request in asked)
        return asked

    def arrived(self, completions: Iterable[tuple[str, Completion]]) -> None:
        """Store answers and have them judged; the problem of one may have ended meanwhile."""
        for name, completion in completions:
            identifier, draw, key = self.names.pop(name)
            self.store.put(key, completion)
            self.tally.drawn += 1
            self.tally.tokens += completion.tokens
            self.tally.cut += completion.stop == "length"
            if problem := self.active.get(identifier):
                self._judge(problem, draw, completion)

    def settle(self) -> list[ProblemDraws]:
        """Take in the verdicts that are there; returns the problems that have ended with them."""
        while not self.verdicts.empty():
            self._settle(*self.verdicts.get())
        done, self.done = self.done, []
        return done

    def wait(self) -> None:
        """Wait for one verdict."""
        self._settle(*self.verdicts.get())

    def _settle(self, problem: ProblemDraws, draw: int, future: "Future[Verdict]") -> None:
        self.judging -= 1
        verdict = future.result()
        self._count(verdict)
        problem.early[draw] = verdict
        problem.recalled.discard(draw)
        if problem.id not in self.active:
            return
        while len(problem.judged) in problem.early and not self._is_over(problem):
            problem.judged.append(problem.early.pop(len(problem.judged)))
        self._extend(problem)

    def _extend(self, problem: ProblemDraws) -> None:
        """End the problem, or have `lookahead` draws beyond the judged prefix under way."""
        if self._is_over(problem):
            del self.active[problem.id]
            self.done.append(problem)
            return
        end = min(len(problem.seeds), len(problem.judged) + self.task.lookahead)
        keys = {draw: problem.key(draw) for draw in range(problem.begun, end)}
        stored = self.store.get(keys.values())
        problem.begun = max(problem.begun, end)
        for draw, key in keys.items():
            if key in stored:
                self.tally.stored += 1
                problem.recalled.add(draw)
                self._judge(problem, draw, stored[key])
            else:
                problem.missing.append(draw)
        if not problem.recalled:
            self._ask(problem)

    def _ask(self, problem: ProblemDraws) -> None:
        for draw in problem.missing:
            name = f"{problem.id}#{draw}"
            self.names[name] = problem.id, draw, problem.key(draw)
            self.asked.append((name, problem.request(draw)))
        problem.missing.clear()

    def _judge(self, problem: ProblemDraws, draw: int, completion: Completion) -> None:
        self.judging += 1
        future = self.judge(problem, completion)
        future.add_done_callback(lambda ended: self.verdicts.put((problem, draw, ended)))

    def _is_over(self, problem: ProblemDraws) -> bool:
        judged = problem.judged
        return len(judged) == len(problem.seeds) or self.task.settled([verdict.verdict for verdict in judged])

    def _count(self, verdict: Verdict) -> None:
        self.tally.verdicts[verdict.verdict] += 1
        self.tally.unanswered += verdict.extracted is None
        judged = self.tally.verdicts.total()
        if self.task.measures or judged < self.limits.after:
            return
        if (cut := self.tally.verdicts["truncated"]) > self.limits.max_truncated * judged:
            raise WasteError(
                f"{self.task.stage}: {cut} of {judged} answers were cut before they stated a result: raise "
                "sampling.max_tokens, or generation.max_truncated if this is what you want"
            )
        if self.tally.unanswered > self.limits.max_unanswered * judged:
            raise WasteError(
                f"{self.task.stage}: {self.tally.unanswered} of {judged} answers state no result: see that the system "
                "turn asks for one in a form that answers.extraction reads, or raise generation.max_unanswered if this "
                "is what you want"
            )

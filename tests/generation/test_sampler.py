import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.answers.verify import Verdict
from limo.generation.band import settled
from limo.generation.engines.protocol import RequestError
from limo.generation.in_flight import InFlight, Judge, ProblemDraws, Tally, WasteError
from limo.generation.sampler import run
from limo.generation.task import Settled, never
from limo.params import Generation, HostedCost, Sampling
from limo.store.request import Completion, Request, series_key
from limo.store.store import Store
from tests.generation.test_attempts import TASK

SAMPLING = Sampling(temperature=0.6, top_p=0.95, max_tokens=8)
LAX = Generation(after=1_000_000, max_truncated=1.0, max_unanswered=1.0)


class CrashError(Exception):
    pass


class ScriptedEngine:
    """Answers each request with its scripted text, in an order that `order` draws, and may crash on the way."""

    def __init__(self, script: dict[str, str], order: random.Random, capacity: int, crash_after: int | None):
        self.script, self.order, self.capacity, self.crash_after = script, order, capacity, crash_after
        self.under_way: list[str] = []
        self.closed = False
        self.requested: list[str] = []

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        for name, request in requests:
            assert request.seed == int(name.split("#")[1])
            self.under_way.append(name)
            self.requested.append(name)

    def close(self) -> None:
        self.closed = True

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        if patience is not None and self.order.random() < 0.2:
            return []
        if self.crash_after is not None and self.crash_after <= 0:
            raise CrashError
        done = [
            self.under_way.pop(self.order.randrange(len(self.under_way)))
            for _ in range(min(len(self.under_way), 1 + self.order.randrange(3)))
        ]
        if self.crash_after is not None:
            self.crash_after -= len(done)
        return [(name, Completion(self.script[name], 1, "eos")) for name in done]


def _problems(script: list[list[bool]]) -> tuple[list[ProblemDraws], dict[str, str]]:
    problems, texts = [], {}
    for number, outcomes in enumerate(script):
        name = f"p{number}"
        series = series_key("model", "numerics", (number,), SAMPLING)
        problems.append(ProblemDraws(name, "", "", (number,), (), SAMPLING, range(len(outcomes)), series))
        texts |= {f"{name}#{i}": "correct" if correct else "wrong" for i, correct in enumerate(outcomes)}
    return problems, texts


def _verdict(completion: Completion) -> Verdict:
    return Verdict(completion.text, None if completion.text == "truncated" else "7", "scripted")  # type: ignore[arg-type]


def _drawn(
    problems: list[ProblemDraws],
    engine: Callable[[], ScriptedEngine],
    store: Store,
    settled: Settled,
    lookahead: int,
    judge: Judge | None = None,
    limits: Generation = LAX,
) -> Tally:
    """Run to the end: every problem comes back once; verdicts are reached by two threads, in no order."""
    tally = Tally(HostedCost(kind="hosted", price_per_million_in=1.0, price_per_million_out=2.0))
    with ThreadPoolExecutor(2) as pool:
        aside = judge or (lambda _, completion: pool.submit(_verdict, completion))
        in_flight = InFlight(replace(TASK, settled=settled, lookahead=lookahead), store, aside, limits, tally)
        ended = list(run(problems, len(problems), engine, in_flight))
    assert sorted(problem.id for problem in ended) == sorted(problem.id for problem in problems)
    return tally


def _stop(outcomes: list[bool], low: int, high: int) -> int:
    """The number of ordered draws after which the rest can change nothing, by trying both extremes of the rest."""
    for drawn in range(len(outcomes) + 1):
        correct, rest = sum(outcomes[:drawn]), len(outcomes) - drawn
        if len({low <= correct + more <= high for more in range(rest + 1)}) == 1:
            return drawn
    raise AssertionError


@st.composite
def _situations(draw):
    draws = draw(st.integers(1, 6))
    low = draw(st.integers(0, draws))
    return {
        "script": draw(st.lists(st.lists(st.booleans(), min_size=draws, max_size=draws), min_size=1, max_size=8)),
        "low": low,
        "high": draw(st.integers(low, draws)),
        "lookahead": draw(st.integers(1, 7)),
        "capacity": draw(st.integers(1, 3)),
        "order": random.Random(draw(st.integers(0, 10**6))),
        "crash_after": draw(st.none() | st.integers(0, 20)),
        "stored": draw(st.floats(0, 1)),
    }


@settings(max_examples=150, deadline=None)
@given(s=_situations())
def test_decisions_and_counts_are_those_of_the_full_ordered_draw(tmp_path_factory, s):
    store = Store(tmp_path_factory.mktemp("store") / "store")
    _, texts = _problems(s["script"])
    draws = len(s["script"][0])
    requested: list[str] = []
    before = set()
    for problem in _problems(s["script"])[0]:
        for index in range(draws):
            key = problem.key(index)
            if s["order"].random() < s["stored"]:
                store.put(key, Completion(texts[f"{problem.id}#{index}"], 1, "eos"))
                before.add(f"{problem.id}#{index}")

    def go(crash_after: int | None) -> tuple[list[ProblemDraws], int]:
        problems, _ = _problems(s["script"])
        held = len(store)
        engine = ScriptedEngine(texts, s["order"], s["capacity"], crash_after)
        try:
            tally = _drawn(
                problems,
                lambda: engine,
                store,
                lambda verdicts: settled(verdicts, draws, s["low"], s["high"]),
                s["lookahead"],
            )
        finally:
            finished = [name for name in engine.requested if name not in engine.under_way]
            # Each name once in a run, none that was stored, and whatever ended is in the store.
            assert len(engine.requested) == len(set(engine.requested))
            assert not set(engine.requested) & before
            assert len(store) - held == len(finished)
            before.update(finished)
            requested.extend(finished)
        assert tally.drawn == tally.tokens == len(finished)
        assert tally.money() * 1e6 == pytest.approx(tally.prompts + 2 * tally.tokens)
        assert tally.prompts == len(engine.requested)
        assert engine.closed == bool(engine.requested)
        return problems, tally.drawn

    if s["crash_after"] is not None:
        with suppress(CrashError):
            go(s["crash_after"])
    problems, _ = go(None)
    for problem, outcomes in zip(problems, s["script"], strict=True):
        stop = _stop(outcomes, s["low"], s["high"])
        judged = [verdict.verdict for verdict in problem.judged]
        assert judged == ["correct" if correct else "wrong" for correct in outcomes[:stop]]
        # The last draws are asked for while one more is needed: at most lookahead - 1 lie beyond the stop.
        asked = [int(name.split("#")[1]) for name in requested if name.split("#")[0] == problem.id]
        assert all(index < stop + s["lookahead"] - 1 for index in asked)
    assert len(requested) == len(set(requested)), "an answer was drawn twice"
    again, drawn = go(None)
    assert drawn == 0
    assert [problem.judged for problem in again] == [problem.judged for problem in problems]


def test_no_engine_is_opened_when_the_store_has_every_answer(tmp_path):
    store = Store(tmp_path / "store")
    problems, texts = _problems([[True, False], [False, False]])
    for problem in problems:
        for index in range(2):
            store.put(problem.key(index), Completion(texts[f"{problem.id}#{index}"], 1, "eos"))

    def refuse():
        raise AssertionError("the model was loaded for nothing")

    tally = _drawn(problems, refuse, store, never, 2)
    assert (tally.drawn, tally.stored) == (0, 4)
    judged = [[verdict.verdict for verdict in problem.judged] for problem in problems]
    assert judged == [["correct", "wrong"], ["wrong", "wrong"]]


def test_problems_that_the_store_settles_after_the_last_draw_end_the_run(tmp_path):
    store = Store(tmp_path / "store")
    problems, texts = _problems([[True, False], [False, False]])
    for index in range(2):
        store.put(problems[1].key(index), Completion(texts[f"p1#{index}"], 1, "eos"))
    engine = ScriptedEngine(texts, random.Random(0), 1, None)
    tally = _drawn(problems, lambda: engine, store, never, 2)
    assert (tally.drawn, tally.stored) == (2, 2)
    judged = [[verdict.verdict for verdict in problem.judged] for problem in problems]
    assert judged == [["correct", "wrong"], ["wrong", "wrong"]]


def test_the_engine_goes_on_while_a_verdict_is_reached(tmp_path):
    """The first problem's verdict comes only after the second problem has been drawn in full."""
    store = Store(tmp_path / "store")
    problems, texts = _problems([[True, True], [False, False]])
    engine = ScriptedEngine(texts, random.Random(0), 2, None)
    held: list[tuple[Future[Verdict], Verdict]] = []
    second = []

    def judge(problem: ProblemDraws, completion: Completion) -> Future[Verdict]:
        future: Future[Verdict] = Future()
        if problem.id == "p0" and not second[1:]:
            held.append((future, _verdict(completion)))
            return future
        future.set_result(_verdict(completion))
        if problem.id == "p1":
            second.append(completion)
        if second[1:]:
            for waiting, verdict in held:
                waiting.set_result(verdict)
            held.clear()
        return future

    _drawn(problems, lambda: engine, store, never, 1, judge)
    assert len(second) == 2
    assert [len(problem.judged) for problem in problems] == [2, 2]


@pytest.mark.parametrize(
    ("text", "limits", "message"),
    [
        ("truncated", {"max_truncated": 0.5}, r"test: 10 of 10 answers were cut .* raise sampling\.max_tokens"),
        ("truncated", {"max_unanswered": 0.5}, r"test: 10 of 10 answers state no result"),
    ],
)
def test_a_run_that_wastes_its_answers_stops_with_advice(tmp_path, text, limits, message):
    store = Store(tmp_path / "store")
    problems, texts = _problems([[False]] * 30)
    engine = ScriptedEngine(dict.fromkeys(texts, text), random.Random(0), 2, None)
    strict = LAX.model_copy(update={"after": 10, **limits})
    with pytest.raises(WasteError, match=message):
        _drawn(problems, lambda: engine, store, never, 1, limits=strict)
    assert engine.closed
    assert len(store) >= 10


def test_what_measures_a_model_reports_useless_answers_and_goes_on(tmp_path):
    problems, texts = _problems([[False]] * 30)
    engine = ScriptedEngine(dict.fromkeys(texts, "truncated"), random.Random(0), 2, None)
    tally, strict = Tally(None), LAX.model_copy(update={"after": 10, "max_truncated": 0.5, "max_unanswered": 0.5})
    with ThreadPoolExecutor(1) as pool:
        task = replace(TASK, settled=never, lookahead=1, measures=True)
        judge = partial(pool.submit, lambda _, completion: _verdict(completion))
        ended = list(run(problems, 30, lambda: engine, InFlight(task, Store(tmp_path / "store"), judge, strict, tally)))
    assert len(ended) == tally.verdicts["truncated"] == 30


def test_an_error_of_the_verifier_ends_the_run(tmp_path):
    problems, texts = _problems([[False]])

    def broken(_: ProblemDraws, __: Completion) -> Future[Verdict]:
        future: Future[Verdict] = Future()
        future.set_exception(RuntimeError("no workers"))
        return future

    engine = ScriptedEngine(texts, random.Random(0), 1, None)
    with pytest.raises(RuntimeError, match="no workers"):
        _drawn(problems, lambda: engine, Store(tmp_path / "store"), never, 1, broken)


class RefusingEngine(ScriptedEngine):
    """Gives up one request, as the first to end; the others go on."""

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        if "p0#0" in self.under_way:
            self.under_way.remove("p0#0")
            raise RequestError("p0#0", "refused")
        return super().finished(patience)


def test_a_request_that_is_given_up_costs_none_of_its_neighbours(tmp_path):
    store = Store(tmp_path / "store")
    problems, texts = _problems([[False, False]] * 5)
    engine = RefusingEngine(texts, random.Random(0), 4, None)
    with pytest.raises(RequestError, match="p0#0: refused"):
        _drawn(problems, lambda: engine, store, never, 2)
    asked = set(engine.requested) - {"p0#0"}
    assert asked
    keys = [problems[int(name[1])].key(int(name[3])) for name in asked]
    assert store.get(keys).keys() == set(keys)

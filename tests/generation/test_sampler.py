import random
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limo.generation.request import Completion, Request
from limo.generation.sampler import Problem, decided, run
from limo.generation.store import Store
from limo.params import Sampling

SAMPLING = Sampling(temperature=0.6, top_p=0.95, max_tokens=8)


class CrashError(Exception):
    pass


class ScriptedEngine:
    """Answers each request with its scripted text, in an order that `order` draws, and may crash on the way."""

    def __init__(self, script: dict[str, str], order: random.Random, capacity: int, crash_after: int | None):
        self.script, self.order, self.capacity, self.crash_after = script, order, capacity, crash_after
        self.under_way: list[str] = []
        self.requested: list[str] = []

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        for name, request in requests:
            assert request.seed == int(name.split("#")[1])
            self.under_way.append(name)
            self.requested.append(name)

    def finished(self) -> list[tuple[str, Completion]]:
        if self.crash_after is not None and self.crash_after <= 0:
            raise CrashError
        done = [
            self.under_way.pop(self.order.randrange(len(self.under_way)))
            for _ in range(min(len(self.under_way), 1 + self.order.randrange(3)))
        ]
        if self.crash_after is not None:
            self.crash_after -= len(done)
        return [(name, Completion(self.script[name], 1, "eos")) for name in done]


def _problems(script: list[list[bool]]) -> tuple[list[Problem], dict[str, str]]:
    problems, texts = [], {}
    for number, outcomes in enumerate(script):
        name = f"p{number}"
        requests = [Request((number,), (), SAMPLING, draw) for draw in range(len(outcomes))]
        problems.append(Problem(name, requests, [request.key("model", "numerics") for request in requests]))
        texts |= {f"{name}#{i}": "correct" if correct else "wrong" for i, correct in enumerate(outcomes)}
    return problems, texts


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
    store = Store(tmp_path_factory.mktemp("store") / "answers.sqlite")
    _, texts = _problems(s["script"])
    draws = len(s["script"][0])
    requested: list[str] = []
    before = set()
    for problem in _problems(s["script"])[0]:
        for index, key in enumerate(problem.keys):
            if s["order"].random() < s["stored"]:
                store.put(key, Completion(texts[f"{problem.id}#{index}"], 1, "eos"))
                before.add(f"{problem.id}#{index}")

    def go(crash_after: int | None) -> tuple[list[Problem], int]:
        problems, _ = _problems(s["script"])
        held = len(store)
        engine = ScriptedEngine(texts, s["order"], s["capacity"], crash_after)
        judged = Counter()

        def judge(identifier: str, completion: Completion) -> str:
            judged[identifier] += 1
            return completion.text

        try:
            tally = run(
                problems,
                lambda: engine,
                store,
                judge,
                lambda verdicts: decided(verdicts, draws, s["low"], s["high"]),
                s["lookahead"],
                "test",
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
        assert judged == Counter({problem.id: len(problem.answers) for problem in problems if problem.answers})
        return problems, tally.drawn

    if s["crash_after"] is not None:
        with suppress(CrashError):
            go(s["crash_after"])
    problems, _ = go(None)
    for problem, outcomes in zip(problems, s["script"], strict=True):
        stop = _stop(outcomes, s["low"], s["high"])
        assert problem.judged == ["correct" if correct else "wrong" for correct in outcomes[:stop]]
        assert [answer.text for answer in problem.answers] == problem.judged
        # The last draws are asked for while one more is needed: at most lookahead - 1 lie beyond the stop.
        asked = [int(name.split("#")[1]) for name in requested if name.split("#")[0] == problem.id]
        assert all(index < stop + s["lookahead"] - 1 for index in asked)
    assert len(requested) == len(set(requested)), "an answer was drawn twice"
    again, drawn = go(None)
    assert drawn == 0
    assert [problem.judged for problem in again] == [problem.judged for problem in problems]


def test_no_engine_is_opened_when_the_store_has_every_answer(tmp_path):
    store = Store(tmp_path / "answers.sqlite")
    problems, texts = _problems([[True, False], [False, False]])
    for problem in problems:
        for index, key in enumerate(problem.keys):
            store.put(key, Completion(texts[f"{problem.id}#{index}"], 1, "eos"))

    def refuse():
        raise AssertionError("the model was loaded for nothing")

    tally = run(problems, refuse, store, lambda _, completion: completion.text, lambda _: False, 2, "test")
    assert (tally.drawn, tally.stored) == (0, 4)
    assert [problem.judged for problem in problems] == [["correct", "wrong"], ["wrong", "wrong"]]


def test_problems_that_the_store_settles_after_the_last_draw_end_the_run(tmp_path):
    store = Store(tmp_path / "answers.sqlite")
    problems, texts = _problems([[True, False], [False, False]])
    for index, key in enumerate(problems[1].keys):
        store.put(key, Completion(texts[f"p1#{index}"], 1, "eos"))
    engine = ScriptedEngine(texts, random.Random(0), 1, None)
    tally = run(problems, lambda: engine, store, lambda _, completion: completion.text, lambda _: False, 2, "test")
    assert (tally.drawn, tally.stored) == (2, 2)
    assert [problem.judged for problem in problems] == [["correct", "wrong"], ["wrong", "wrong"]]


@pytest.mark.parametrize(
    ("verdicts", "draws", "low", "high", "expected"),
    [
        ([], 4, 1, 3, False),
        (["wrong"] * 3, 4, 1, 3, False),
        (["wrong"] * 4, 4, 1, 3, True),
        (["correct", "wrong"], 4, 1, 3, True),
        (["correct"], 4, 0, 0, True),
        (["undecided", "truncated"], 3, 2, 3, True),
        ([], 4, 0, 4, True),
    ],
)
def test_sampling_stops_as_soon_as_the_rest_can_change_nothing(verdicts, draws, low, high, expected):
    assert decided(verdicts, draws, low, high) is expected

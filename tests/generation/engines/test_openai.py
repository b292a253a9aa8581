import asyncio
import gc
import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from limo.generation.engines import openai
from limo.generation.engines.choose import numerics
from limo.generation.engines.openai import OpenaiSampler
from limo.generation.engines.protocol import RequestError
from limo.params import OpenaiEngine, Sampling
from limo.store.request import Completion, Request
from tests import tiny_model
from tests.vllm.loopback import Faults, Handler, Loopback, Model, answer_of

KEY = "sk-0f3c-secret-9d27"
SETTINGS = OpenaiEngine(
    kind="openai",
    url="http://127.0.0.1:9/v1",
    model="small",
    endpoint="completions",
    fields="openai",
    max_length=None,
    key_variable=None,
    concurrency=8,
    timeout_s=10.0,
    attempts=12,
)


def _requests(count: int) -> dict[str, Request]:
    made = {}
    for number in range(count):
        sampling = Sampling(temperature=0.7, top_p=0.95, max_tokens=(4, 100)[number % 2])
        spoken = (("system", "Solve."), ("user", f"What is {number}?"))
        made[f"p{number // 4}#{number % 4}"] = Request((7, number), spoken, sampling, 2**59 + number)
    return made


def _expected(request: Request, endpoint: str) -> Completion:
    prompt: Any = list(request.turns) if endpoint == "chat" else list(request.prompt_ids)
    text, tokens, finish = answer_of(prompt, request.seed, request.sampling.max_tokens)
    return Completion(text, tokens, {"stop": "eos", "length": "length"}[finish])


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Loopback]]:
    """Starts servers that end with the test."""
    running = []

    def start(handler: Handler) -> Loopback:
        running.append(Loopback(handler))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def opened() -> Iterator[Callable[..., OpenaiSampler]]:
    """Opens engines that are closed with the test."""
    engines = []

    def start(folder: Any = "no folder", **changes: Any) -> OpenaiSampler:
        engines.append(OpenaiSampler(folder, SETTINGS.model_copy(update=changes)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def hasty(monkeypatch) -> None:
    monkeypatch.setattr(openai, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(openai, "LONGEST_PAUSE_S", 0.2)


def _drained(engine: OpenaiSampler) -> dict[str, Completion]:
    found = []
    while done := engine.finished():
        found += done
    assert len(dict(found)) == len(found), "an answer came twice"
    return dict(found)


def _failure(engine: OpenaiSampler) -> RequestError:
    with pytest.raises(RequestError) as caught:
        _drained(engine)
    return caught.value


def _reply(body: Any, **rest: Any) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(text=body if isinstance(body, str) else json.dumps(body), **rest)

    return handler


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_every_request_gets_its_own_answer_once(serve, opened, endpoint):
    model = Model(delay_s=0.005, room=9)
    engine = opened(url=serve(model).url + "/", endpoint=endpoint)
    requests = _requests(40)
    assert engine.finished() == []
    engine.submit(requests.items())
    found = _drained(engine)
    assert found == {name: _expected(request, endpoint) for name, request in requests.items()}
    assert {answer.stop for answer in found.values()} == {"eos", "length"}
    assert model.served == {request.seed: 1 for request in requests.values()}
    assert model.authorizations == {None}


def test_submit_does_not_wait_and_no_more_than_concurrency_are_under_way(serve, opened):
    model = Model(delay_s=0.3, room=9)
    engine = opened(url=serve(model).url, concurrency=5)
    assert engine.capacity == 5
    began = time.monotonic()
    engine.submit(_requests(20).items())
    assert time.monotonic() - began < 0.25
    assert engine.finished(patience=0.01) == []
    assert len(_drained(engine)) == 20
    assert model.most == 5


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_a_server_with_a_recipe_of_the_models_own_draws_by_ours(serve, opened, endpoint):
    recipe = {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.1, "repetition_penalty": 1.05}
    recipe |= {"presence_penalty": 1.5, "frequency_penalty": 0.5}  # of a generation_config.json
    drawn_by: list[dict[str, Any]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        drawn_by.append({name: sent.get(name, default) for name, default in recipe.items()})
        said = {"message": {"content": "4"}} if endpoint == "chat" else {"text": "4"}
        return web.json_response({"choices": [{"finish_reason": "stop", **said}], "usage": {"completion_tokens": 2}})

    engine = opened(url=serve(handler).url, endpoint=endpoint, fields="all")
    engine.submit(_requests(1).items())
    assert len(_drained(engine)) == 1
    neutral = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
    assert drawn_by == [{"temperature": 0.7, "top_p": 0.95, **neutral}]
    plain, whole = (numerics(SETTINGS.model_copy(update={"fields": fields})) for fields in ("openai", "all"))
    assert plain == "server small completions" != whole  # what was drawn before keeps its key


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_spoilt_way_loses_doubles_and_changes_nothing(serve, opened, hasty, endpoint, seed):
    faults = Faults(serve(Model(delay_s=0.01, room=9)).url, rate=0.3, kinds=Faults.KINDS, seed=seed, slow_s=1.5)
    engine = opened(url=serve(faults).url, endpoint=endpoint, timeout_s=0.8, concurrency=16)
    requests = _requests(100)
    engine.submit(requests.items())
    assert _drained(engine) == {name: _expected(request, endpoint) for name, request in requests.items()}
    assert {*faults.injected} == {"", *Faults.KINDS}
    assert sum(faults.injected.values()) - faults.injected[""] > 25


def test_a_server_that_is_down_for_a_while_costs_no_attempts(serve, opened, hasty):
    server = serve(Model(delay_s=0.05, room=9))
    engine = opened(url=server.url, concurrency=4, attempts=3)
    requests = _requests(40)
    engine.submit(requests.items())
    found = engine.finished()
    server.stop()
    time.sleep(0.3)  # for replies that were on their way
    found += engine.finished(patience=0.0)
    assert len(found) < 30
    # At 0.2 s at most from try to try, two seconds are ten tries or more.
    assert engine.finished(patience=2.0) == []
    server.start()
    found += _drained(engine).items()
    assert len(found) == 40
    assert dict(found) == {name: _expected(request, "completions") for name, request in requests.items()}


def test_a_server_that_stays_down_ends_the_wait(serve, opened, hasty, monkeypatch):
    monkeypatch.setattr(openai, "OUTAGE_S", 0.5)
    server = serve(Model(delay_s=0.01, room=9))
    engine = opened(url=server.url, attempts=3)
    requests = _requests(2)
    engine.submit(list(requests.items())[:1])
    assert len(_drained(engine)) == 1
    server.stop()
    began = time.monotonic()
    engine.submit(list(requests.items())[1:])
    assert "p0#1" in str(_failure(engine))
    assert 0.5 < time.monotonic() - began < 10


def test_a_server_that_was_never_there_is_given_up_after_the_attempts(opened, hasty):
    engine = opened(url=SETTINGS.url, attempts=3)
    engine.submit(list(_requests(1).items()))
    said = str(_failure(engine))
    assert "p0#0: http://127.0.0.1:9/v1/completions gave no answer in 3 attempts" in said
    assert "Connect call failed" in said


def test_a_refused_request_stops_after_the_finished_ones_are_returned(serve, opened):
    engine = opened(url=serve(Model(delay_s=0.01, room=9)).url, concurrency=1)
    requests = _requests(4)
    requests["p0#2"] = Request((1,) * 10, (), requests["p0#2"].sampling, 3)
    engine.submit(requests.items())
    while engine.background.ended.qsize() < 4:  # all have ended when the first are asked for
        time.sleep(0.01)
    assert sorted(name for name, _ in engine.finished()) == ["p0#0", "p0#1", "p0#3"]
    said = str(_failure(engine))
    assert "p0#2" in said
    assert 'HTTP 400: {"error": {"message": "maximum context length is 9 tokens"}}' in said
    assert "finished answers are stored" in said
    assert engine.finished() == []


def test_a_refusal_is_shown_shortened(serve, opened):
    engine = opened(url=serve(_reply("x" * 5000, status=404)).url)
    engine.submit(list(_requests(1).items()))
    said = str(_failure(engine))
    assert "HTTP 404: " + "x" * 300 + "." in said


def test_attempts_are_counted(serve, opened, hasty):
    faults = Faults("http://127.0.0.1:9", rate=1.0, kinds=("500",), seed=0, slow_s=0.0)
    engine = opened(url=serve(faults).url, attempts=4)
    engine.submit(list(_requests(1).items()))
    said = str(_failure(engine))
    assert "p0#0" in said
    assert "no answer in 4 attempts, the last time HTTP 500: in passing" in said
    assert "start the stage again" in said
    assert faults.injected == {"500": 4}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_the_server_may_ask_for_a_longer_pause(serve, opened, hasty, form):
    model = Model(delay_s=0.0, room=9)
    times: list[float] = []

    async def busy(request: web.Request) -> web.StreamResponse:
        times.append(time.monotonic())
        if len(times) > 1:
            return await model(request)
        later = datetime.now(UTC) + timedelta(seconds=3)  # the date has whole seconds: 2 or more
        return web.Response(
            status=429,
            headers={"Retry-After": "2" if form == "seconds" else format_datetime(later, usegmt=True)},
        )

    engine = opened(url=serve(busy).url)
    engine.submit(list(_requests(1).items()))
    assert len(_drained(engine)) == 1
    assert 1.95 < times[1] - times[0] < 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("86400", 300),
        ("inf", 300),
        ("nan", 0),
        ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 300),
        ("Wed, 99 Oct 2099 07:28:00 GMT", 0),
    ],
)
def test_pauses_asked_for_are_read_and_capped(header, seconds):
    assert openai._wish(header) == seconds


CHOICE = {"index": 0, "finish_reason": "stop", "text": "3"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html></html>", "Expecting value"),
        ("[]", "choices is NoneType, not list"),
        ({"choices": []}, "choices is empty"),
        ({"choices": ["3"]}, "finish_reason is NoneType, not str"),
        ({"choices": [CHOICE | {"finish_reason": None}]}, "finish_reason is NoneType, not str"),
        ({"choices": [CHOICE | {"finish_reason": "content_filter"}]}, "finish_reason is 'content_filter'"),
        ({"choices": [CHOICE | {"text": None}]}, "text is NoneType, not str"),
        ({"choices": [CHOICE | {"text": "\ud800"}]}, "surrogates not allowed"),
        ({"choices": [CHOICE], "usage": {"completion_tokens": -1}}, "usage.completion_tokens is -1"),
        ({"choices": [CHOICE], "usage": {"completion_tokens": "2"}}, "usage.completion_tokens is '2'"),
        ({"choices": [CHOICE], "usage": {"completion_tokens": 1.5}}, "usage.completion_tokens is 1.5"),
        ("[" * 100_000, "a malformed reply"),
    ],
)
def test_a_malformed_reply_is_named(serve, opened, body, said):
    engine = opened(url=serve(_reply(body)).url, attempts=1)
    engine.submit(list(_requests(1).items()))
    assert said in str(_failure(engine))


def _spoken(**message: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": "stop", "message": message}], "usage": {"completion_tokens": 5}}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (_spoken(content="Four.", reasoning_content="2 + 2"), "<think>\n2 + 2\n</think>\n\nFour."),
        (_spoken(content="\n\nFour.", reasoning="\n2 + 2\n"), "<think>\n2 + 2\n</think>\n\nFour."),
        (_spoken(content="Four.", reasoning_content=None), "Four."),
        (_spoken(content=None, reasoning_content="2 + 2"), "<think>\n2 + 2\n</think>\n\n"),
    ],
)
def test_split_off_thoughts_are_put_back(serve, opened, body, text):
    engine = opened(url=serve(_reply(body)).url, endpoint="chat")
    engine.submit(list(_requests(1).items()))
    assert _drained(engine) == {"p0#0": Completion(text, 5, "eos")}


def test_thoughts_that_were_cut_stay_open(serve, opened):
    body = _spoken(content=None, reasoning_content="2 + 2 is")
    body["choices"][0]["finish_reason"] = "length"
    engine = opened(url=serve(_reply(body)).url, endpoint="chat")
    engine.submit(list(_requests(1).items()))
    assert _drained(engine) == {"p0#0": Completion("<think>\n2 + 2 is", 5, "length")}


def test_tokens_are_counted_where_the_server_does_not(serve, opened, tmp_path):
    # The tiny tokenizer has one token per byte, and the end token counts.
    engine = opened(tiny_model.save(tmp_path), url=serve(_reply({"choices": [CHOICE | {"text": "añb"}]})).url)
    engine.submit(_requests(3).items())
    assert set(_drained(engine).values()) == {Completion("añb", 5, "eos")}


def test_trouble_is_told_in_few_lines(serve, opened, hasty, caplog):
    faults = Faults(serve(Model(delay_s=0.0, room=9)).url, rate=0.6, kinds=("503", "429"), seed=0, slow_s=0.0)
    engine = opened(url=serve(faults).url, attempts=100)
    engine.submit(_requests(40).items())
    assert len(_drained(engine)) == 40
    assert faults.injected["503"] > 10
    lines = [record for record in caplog.records if record.name == "limo.openai"]
    assert [line.levelno for line in lines] == [logging.WARNING] * 2
    assert {kind for kind in ("HTTP 503", "HTTP 429") for line in lines if kind in line.getMessage()} == {
        "HTTP 503",
        "HTTP 429",
    }


@pytest.mark.parametrize("trouble", ["refused", "overloaded", "garbled", "dropped", "malformed"])
def test_the_key_reaches_the_server_and_nothing_else(serve, opened, hasty, monkeypatch, caplog, capfd, trouble):
    monkeypatch.setenv("LIMO_TEST_KEY", KEY)
    received = []

    async def handler(request: web.Request) -> web.StreamResponse:
        sent = request.headers["Authorization"]
        received.append(sent)
        assert request.transport is not None
        if trouble == "garbled":
            request.transport.write(f"HTTP/9 {sent}\r\n\r\n".encode())
        if trouble in {"garbled", "dropped"}:
            request.transport.close()
        status = {"refused": 401, "overloaded": 503}.get(trouble, 200)
        # The end of what a message shows falls into the key.
        return web.Response(status=status, text="x" * (308 - len(sent)) + f"{sent} is unknown here")

    engine = opened(url=serve(handler).url, key_variable="LIMO_TEST_KEY", attempts=2)
    with caplog.at_level(logging.DEBUG):
        engine.submit(list(_requests(1).items()))
        error = _failure(engine)
    assert received[0] == f"Bearer {KEY}"
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(engine) + caplog.text
    assert error.__context__ is None
    assert error.__cause__ is None
    engine.close()
    shown += "".join(capfd.readouterr())
    assert "sk-0f3c" not in shown


@pytest.mark.parametrize("value", [None, "", "sk-1\n", "sk 1"])
def test_a_key_that_is_none_is_refused_at_opening(monkeypatch, value):
    monkeypatch.delenv("LIMO_TEST_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("LIMO_TEST_KEY", value)
    with pytest.raises(ValueError, match="environment variable LIMO_TEST_KEY is not set") as caught:
        OpenaiSampler("no folder", SETTINGS.model_copy(update={"key_variable": "LIMO_TEST_KEY"}))
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://localhost/v1", "http://user:secret@localhost/v1"])
def test_an_address_that_is_none_is_refused_at_opening(url):
    with pytest.raises(ValueError, match=r"engines\.\*\.url must read") as caught:
        OpenaiSampler("no folder", SETTINGS.model_copy(update={"url": url}))
    assert "secret" not in str(caught.value)


def test_a_request_that_cannot_be_written_is_refused_by_name(opened):
    engine = opened(endpoint="chat")
    request = _requests(1)["p0#0"]
    with pytest.raises(ValueError, match="p7#1: the request has no turns"):
        engine.submit([("p7#1", Request(request.prompt_ids, (), request.sampling, 1))])
    with pytest.raises(ValueError, match="p7#2: seed 9223372036854775808 has over 63 bits"):
        engine.submit([("p7#2", Request(request.prompt_ids, request.turns, request.sampling, 2**63))])


def test_closing_drops_what_is_under_way_and_ends_the_thread(serve, opened, caplog):
    cancelled = threading.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return web.Response()

    engine = opened(url=serve(endless).url)
    engine.submit(_requests(20).items())
    assert engine.finished(patience=0.2) == []
    began = time.monotonic()
    engine.close()
    engine.close()
    assert time.monotonic() - began < 10
    assert cancelled.wait(2)
    assert engine.finished() == []
    assert not engine.background.thread.is_alive()
    gc.collect()
    assert not caplog.records  # asyncio tells of tasks that were left behind


def test_the_numerics_name_the_model_and_no_place():
    assert numerics(SETTINGS) == "server small completions"
    assert numerics(SETTINGS) == numerics(SETTINGS.model_copy(update={"url": "https://elsewhere/v1"}))

import asyncio
import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Loopback:
    """An HTTP server on a loopback port, in a thread of its own; it can be started again on the same port."""

    def __init__(self, handler: Handler):
        self.handler = handler
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self.loop).result()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/{rest:.*}", self.handler)
        # A handler whose client has gone is cancelled, as a real server drops what nobody waits for.
        self.runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self.runner.addresses[0][1]

    def stop(self) -> None:
        """Drop every connection and refuse new ones."""
        if self.loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def _malformed(request: web.Request, number: int) -> web.StreamResponse:
    finish = {"index": 0, "text": "half", "message": {"role": "assistant", "content": "half"}}
    bodies: list[str] = [
        "<html>at your service</html>",
        json.dumps({"choices": []}),
        json.dumps({"choices": [finish | {"finish_reason": None}]}),
        json.dumps({"choices": [finish | {"finish_reason": "content_filter"}]}),
        json.dumps({"choices": [{"finish_reason": "stop", "text": None, "message": {"content": None}}]}),
        json.dumps({"choices": [finish | {"finish_reason": "stop"}], "usage": {"completion_tokens": -1}}),
        '{"choices": [{"finish_reason": "stop", "text": "cut in the midd',
    ]
    return web.Response(text=bodies[number % len(bodies)], content_type="application/json")


class Faults:
    """A proxy before `target` that spoils a share of the requests, decided by the request and how often it came."""

    KINDS = ("429", "408", "500", "503", "dropped", "cut", "garbled", "slow", "malformed")

    def __init__(self, target: str, rate: float, kinds: tuple[str, ...], seed: int, slow_s: float):
        self.target, self.rate, self.kinds, self.seed, self.slow_s = target, rate, kinds, seed, slow_s
        self.seen: Counter[str] = Counter()
        self.injected: Counter[str] = Counter()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        name = hashlib.sha256(body).hexdigest()
        dice = random.Random(f"{self.seed} {name} {self.seen[name]}")
        self.seen[name] += 1
        kind = dice.choice(self.kinds) if dice.random() < self.rate else ""
        self.injected[kind] += 1
        match kind:
            case "429":
                return web.Response(status=429, text="slow down", headers={"Retry-After": "0.1"})
            case "408" | "500" | "503":
                return web.Response(status=int(kind), text="in passing")
            case "dropped":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "garbled":
                assert request.transport is not None
                request.transport.write(b"HTTP/9 once upon a time\r\n\r\n")
                request.transport.close()
                return web.Response()
            case "slow":
                await asyncio.sleep(self.slow_s)
            case "malformed":
                return await _malformed(request, dice.randrange(100))
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.target + request.path.removeprefix("/v1"), data=body, headers=request.headers) as reply,
        ):
            answer = await reply.read()
        if kind == "cut":
            half = web.StreamResponse(headers={"Content-Length": str(len(answer))})
            await half.prepare(request)
            await half.write(answer[: len(answer) // 2])
            assert request.transport is not None
            request.transport.abort()
            return half
        return web.Response(status=reply.status, body=answer, content_type="application/json")


def answer_of(prompt: Any, seed: int, max_tokens: int) -> tuple[str, int, str]:
    """Text, tokens and finish_reason that `Model` gives: a pure function of the request."""
    digest = hashlib.sha256(f"{prompt} {seed}".encode()).hexdigest()
    words = [digest[i : i + 4] for i in range(0, 4 * (3 + int(digest[:2], 16) % 12), 4)]
    kept = words[:max_tokens]
    return " ".join(kept), len(kept), "stop" if len(words) <= max_tokens else "length"


class Model:
    """An OpenAI-compatible server's handler: strict about what it is sent, at most `room` prompt tokens."""

    def __init__(self, delay_s: float, room: int):
        self.delay_s, self.room = delay_s, room
        self.running = self.most = 0
        self.served: Counter[int] = Counter()
        self.authorizations: set[str | None] = set()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.authorizations.add(request.headers.get("Authorization"))
        sent = await request.json()
        chat = request.path == "/v1/chat/completions"
        what = "messages" if chat else "prompt"
        if sent.keys() != {"model", what, "max_tokens", "temperature", "top_p", "seed", "n"} or sent["n"] != 1:
            return web.Response(status=400, text=f"unexpected fields {sorted(sent)}")
        prompt = [(turn["role"], turn["content"]) for turn in sent["messages"]] if chat else sent["prompt"]
        if len(prompt) > self.room:
            return web.json_response(
                {"error": {"message": f"maximum context length is {self.room} tokens"}}, status=400
            )
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self.running -= 1
        self.served[sent["seed"]] += 1
        text, tokens, finish = answer_of(prompt, sent["seed"], sent["max_tokens"])
        spoken = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
        usage = {"prompt_tokens": len(prompt), "completion_tokens": tokens, "total_tokens": len(prompt) + tokens}
        return web.json_response({"choices": [{"index": 0, "finish_reason": finish, **spoken}], "usage": usage})

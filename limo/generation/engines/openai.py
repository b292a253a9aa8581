"""Requests → answers of an OpenAI-compatible server, tried again through its faults; opened by `engines.single`."""

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from limo.generation.engines.protocol import RequestError
from limo.generation.engines.replies import parse
from limo.generation.engines.thread import Background
from limo.models.load import load_tokenizer
from limo.params import OpenaiEngine
from limo.store.request import Completion, Request

log = logging.getLogger("limo.openai")

PATHS = {"completions": "completions", "chat": "chat/completions"}
PASSING = {408, 409, 429}  # beside 5xx
FIRST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_WISH_S = 0.5, 30.0, 300.0
CONNECT_S = 30.0
# What vLLM, SGLang and llama.cpp take for "as the model says, and nothing else". Where a request does not say them,
# such a server takes those of the model's generation_config.json.
NEUTRAL = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
OUTAGE_S = 900.0  # a large model takes that long to be loaded again
QUIET_S = 30.0
SHOWN = 300  # characters of a reply in a message


def numerics(settings: OpenaiEngine) -> str:
    """See `choose.numerics`: model, endpoint and whether every sampling field is said; no address, since the same data
    may be made at several places."""
    return f"server {settings.model} {settings.endpoint}{' all-fields' if settings.fields == 'all' else ''}"


@dataclass(frozen=True)
class Trouble:
    """Why a request got no answer: `wish` is the pause in seconds that the server asked for."""

    kind: str
    cause: str
    wish: float = 0.0
    final: bool = False
    unreachable: bool = False


class OpenaiSampler:
    """Samples on an OpenAI-compatible server, `concurrency` requests at a time, through its restarts and overloads.

    A request that fails in passing is tried again after a pause that doubles, `attempts` times in all. While a server
    that has been reached before takes no connections, tries do not count for OUTAGE_S seconds.
    """

    def __init__(self, folder: str | Path, settings: OpenaiEngine):
        """Open the engine; `folder` holds the model's tokenizer, read only if the server does not count tokens.

        Raises:
            ValueError: the address is none, or the variable that should hold the key is missing or holds no key.
        """
        self._key = _read_key(settings)
        self.url = f"{_checked(settings.url)}/{PATHS[settings.endpoint]}"
        self.settings = settings
        self.folder = folder
        self.capacity = settings.concurrency
        self.tokenizer: Any = None
        self.tokenizing = asyncio.Lock()
        self.places = asyncio.Semaphore(settings.concurrency)
        self.reached = False
        self.untold: Counter[str] = Counter()
        self.quiet_until: dict[str, float] = {}
        self.background: Background[Completion] = Background("limo-openai")
        self.session = self.background.call(self._connect())

    def submit(self, requests: Iterable[tuple[str, Request]]) -> None:
        """Queue requests, each under a name of the caller's; returns at once.

        Raises:
            ValueError: a request cannot be written for the endpoint; the message names it.
        """
        for name, request in requests:
            if self.settings.endpoint == "chat" and not request.turns:
                raise ValueError(f"{name}: the request has no turns: endpoint chat cannot send it, completions can")
            if request.seed >= 2**63:
                raise ValueError(f"{name}: seed {request.seed} has over 63 bits, servers take no larger ones")
            self.background.start(name, self._answer(name, request))

    def finished(self, patience: float | None = None) -> list[tuple[str, Completion]]:
        """Wait until at least one request has ended, or for some `patience` seconds, and return those that have ended.

        Empty when none has, or nothing is under way.

        Raises:
            RequestError: the server refuses a request or failed it `attempts` times; what had ended before has been
                returned, and the other requests go on.
        """
        return self.background.results(patience)

    def close(self) -> None:
        """Drop requests under way, close the connections and end the thread; a second call does nothing."""
        self.background.close(self.session.close)

    async def _connect(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            # `places` bounds them: a wait for a connection would use up the request's own time.
            connector=aiohttp.TCPConnector(limit=0),
            headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
            timeout=aiohttp.ClientTimeout(total=self.settings.timeout_s, sock_connect=CONNECT_S),
        )

    async def _answer(self, name: str, request: Request) -> Completion:
        async with self.places:
            attempts = tries = 0
            unreachable_since: float | None = None
            while True:
                outcome = await self._try(request)
                if isinstance(outcome, Completion):
                    return outcome
                if outcome.final:
                    raise RequestError(
                        name,
                        f"{self.url} refuses the request with {outcome.cause}. Correct engines.* or the "
                        f"stage's sampling in params.yaml and start the stage again: finished answers are stored",
                    )
                now = self.background.loop.time()
                unreachable_since = (unreachable_since or now) if outcome.unreachable else None
                if unreachable_since is None or not self.reached or now - unreachable_since > OUTAGE_S:
                    attempts += 1
                if attempts >= self.settings.attempts:
                    raise RequestError(
                        name,
                        f"{self.url} gave no answer in {attempts} attempts, the last time {outcome.cause}. "
                        f"Finished answers are stored: when the server is well, start the stage again",
                    )
                # A random share of the pause, so that requests that failed together do not come back together.
                most = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(tries, 10))
                pause = outcome.wish + random.uniform(0, most)  # noqa: S311 - decides no data
                tries += 1
                self._tell(outcome, pause)
                await asyncio.sleep(pause)

    async def _try(self, request: Request) -> Completion | Trouble:
        try:
            # A redirect would carry the key on, and turn the POST into a GET.
            async with self.session.post(self.url, json=self._body(request), allow_redirects=False) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            trouble = self._lost(error)
            self.reached |= not trouble.unreachable
            return trouble
        self.reached = True
        if response.status in PASSING or response.status >= 500:
            wish = _wish(response.headers.get("Retry-After", ""))
            return Trouble(f"HTTP {response.status}", f"HTTP {response.status}: {self._shown(body)}", wish)
        if response.status != 200:
            return Trouble("refusal", f"HTTP {response.status}: {self._shown(body)}", final=True)
        try:
            text, stop, counted = parse(body, self.settings.endpoint)
        except (ValueError, RecursionError) as error:
            return Trouble("malformed reply", f"a malformed reply ({error}): {self._shown(body)}")
        return Completion(text, await self._count(text, stop) if counted is None else counted, stop)

    def _body(self, request: Request) -> dict[str, Any]:
        prompt: dict[str, Any] = {"prompt": request.prompt_ids}
        if self.settings.endpoint == "chat":
            prompt = {"messages": [{"role": role, "content": content} for role, content in request.turns]}
        others = NEUTRAL if self.settings.fields == "all" else {}
        sampling = request.sampling.model_dump() | others
        return {"model": self.settings.model, **prompt, **sampling, "seed": request.seed, "n": 1}

    def _lost(self, error: Exception) -> Trouble:
        # Some of aiohttp's errors hold the request's headers: their text is kept and the error itself dropped.
        said = self._shown(f"{type(error).__name__} {error}".encode())
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            # A certificate that is wrong does not heal with time.
            return Trouble("no connection", said, unreachable=not isinstance(error, aiohttp.ClientSSLError))
        if isinstance(error, TimeoutError):
            return Trouble("no reply in time", f"no reply within timeout_s={self.settings.timeout_s:g} s")
        return Trouble("lost connection", said)

    def _shown(self, body: bytes) -> str:
        """The start of a reply, on one line, for a message; a server may quote the key."""
        text = body.decode(errors="replace")
        if self._key:
            text = text.replace(self._key, "[key]")
        return " ".join(text.split())[:SHOWN]

    def _tell(self, trouble: Trouble, pause: float) -> None:
        """One line per kind of trouble in QUIET_S seconds, however many requests it meets."""
        self.untold[trouble.kind] += 1
        now = self.background.loop.time()
        if now < self.quiet_until.get(trouble.kind, now):
            return
        self.quiet_until[trouble.kind] = now + QUIET_S
        log.warning(
            "%s: %s, %d since last told; next try in %.1f s (%s)",
            self.url,
            trouble.kind,
            self.untold.pop(trouble.kind),
            pause,
            trouble.cause,
        )

    async def _count(self, text: str, stop: str) -> int:
        """Tokens of an answer with its end token, by the model's own tokenizer."""
        async with self.tokenizing:  # loaded once, in a thread of its own: it takes seconds, and others' clocks run
            if self.tokenizer is None:
                self.tokenizer = await asyncio.to_thread(load_tokenizer, self.folder)
            return len(self.tokenizer(text, add_special_tokens=False)["input_ids"]) + (stop == "eos")


def _wish(header: str) -> float:
    """Seconds that a Retry-After header asks for, as a number or as a date; 0 where it says nothing readable."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return 0.0
        # HTTP dates are in GMT, also where the zone is left out.
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_WISH_S)


def _read_key(settings: OpenaiEngine) -> str | None:
    if settings.key_variable is None:
        return None
    key = os.environ.get(settings.key_variable, "")
    if not key or " " in key or not key.isprintable():
        raise ValueError(
            f"engines.*.key_variable: the environment variable {settings.key_variable} is not set, empty, or holds "
            f"blanks or line breaks: export the server's key in it, or set key_variable to null for a server without"
        )
    return key


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("engines.*.url must read http(s)://host[:port]/v1, without a user or password in it")
    return url.rstrip("/")

"""A headless Chromium, driven over its DevTools protocol."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
]
PATIENCE = 30  # seconds for an answer or an event
# What a page must not cause: messages, errors, refused contents.
COMPLAINTS = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded"}


def executable() -> str | None:
    """The browser that CHROMIUM names, or one on the PATH."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


class Tab:
    """One page. `events` holds what the browser has told about it, in order."""

    def __init__(self, loop, socket, session):
        self.loop, self.socket, self.session = loop, socket, session
        self.events: list[dict[str, Any]] = []
        self.calls = 0

    def send(self, method: str, **values: Any) -> dict[str, Any]:
        """The result of a command; events that come before it are kept."""
        self.calls += 1
        call = {"id": self.calls, "method": method, "params": values, "sessionId": self.session}
        self.loop.run_until_complete(self.socket.send_json({key: call[key] for key in call if call[key] is not None}))
        while (message := self._receive()).get("id") != self.calls:
            self.events.append(message)
        assert "error" not in message, f"{method}: {message.get('error')}"
        return message["result"]

    def wait(self, method: str) -> None:
        """Read on until an event has come since the last call."""
        while (message := self._receive()).get("method") != method:
            self.events.append(message)

    def open(self, url: str) -> None:
        """Load a page and let it come to rest."""
        self.send("Page.navigate", url=url)
        self.wait("Page.loadEventFired")
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found.get("exceptionDetails")
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        code = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "Space": 32}[key]
        typed = {"key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": "\r"} if key == "Enter" else {})}
        self.send("Input.dispatchKeyEvent", type="keyDown", **typed)
        self.send("Input.dispatchKeyEvent", type="keyUp", **typed)

    def resize(self, width: int, height: int = 900) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name: str) -> None:
        """Make the reader's system light or dark."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def requested(self) -> list[str]:
        return [event["params"]["request"]["url"] for event in self._of("Network.requestWillBeSent")]

    def complaints(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") in COMPLAINTS]

    def _of(self, method: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") == method]

    def _receive(self) -> dict[str, Any]:
        return self.loop.run_until_complete(asyncio.wait_for(self.socket.receive_json(), PATIENCE))


@contextmanager
def started(program: str, profile: Path) -> Iterator[str]:
    """A browser with a fresh profile; gives the address of its DevTools."""
    with (profile.parent / f"{profile.name}.log").open("wb") as log:
        process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={profile}"], stdout=log, stderr=log)
    try:
        yield asyncio.run(_address(profile / "DevToolsActivePort"))
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def tab(address: str) -> Iterator[Tab]:
    """A new tab that is watched from before its first request and shares no storage with another."""
    loop = asyncio.new_event_loop()
    client, socket = loop.run_until_complete(_connect(address))
    try:
        browser = Tab(loop, socket, None)
        context = browser.send("Target.createBrowserContext")["browserContextId"]
        target = browser.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        found = Tab(loop, socket, session)
        found.calls = browser.calls
        for domain in ("Page", "Runtime", "Log", "Network", "Audits", "Accessibility"):
            found.send(f"{domain}.enable")
        yield found
        browser.calls = found.calls
        browser.send("Target.disposeBrowserContext", browserContextId=context)
    finally:
        loop.run_until_complete(client.close())
        loop.close()


async def _connect(address: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    client = aiohttp.ClientSession()
    return client, await client.ws_connect(address, max_msg_size=0)


async def _address(file: Path) -> str:
    for _ in range(PATIENCE * 10):
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        await asyncio.sleep(0.1)
    raise TimeoutError(f"no {file.name} after {PATIENCE} s")

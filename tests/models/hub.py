"""A hub on loopback: repositories of files under one commit each, by the API that the hub's client speaks."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGE = 200  # bytes from which a file is stored apart, under its sha256


@dataclass
class Hub:
    """`files` by (kind, repository) and path; `cards` hold licences; `cut` bytes of an answer are sent at most."""

    files: dict[tuple[str, str], dict[str, bytes]]
    cards: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cut: int | None = None
    dies: bool = False  # once it has cut an answer
    down: bool = False
    forged: set[str] = field(default_factory=set)
    url: str = ""

    def commit(self, repo: str) -> str:
        return hashlib.sha1(repo.encode()).hexdigest()

    def environment(self, home: Path) -> dict[str, str]:
        settings = {"HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        return {**os.environ, **settings, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0"}


def hashes(content: bytes) -> tuple[str, str]:
    """Git's hash of a blob, and the sha256."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), hashlib.sha256(content).hexdigest()


class Answering(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        self.hub.asked.append(f"{self.command} {'/'.join(parts)} {self.headers.get('Range', '')}".strip())
        if parts[0] == "api":
            self.info(parts[1].removesuffix("s"), "/".join(parts[2:4]), parts[4:])
        else:
            kind, rest = ("dataset", parts[1:]) if parts[0] == "datasets" else ("model", parts)
            self.resolve(kind, "/".join(rest[:2]), "/".join(rest[4:]))

    def info(self, kind: str, repo: str, rest: list[str]) -> None:
        files = self.hub.files.get((kind, repo))
        if files is None:
            self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif rest[:1] == ["tree"]:
            self.send_json([self.entry(path, content) for path, content in files.items()])
        else:
            siblings = [{"rfilename": path} for path in files]
            card = {"cardData": self.hub.cards[repo]} if repo in self.hub.cards else {}
            self.send_json({"id": repo, "sha": self.hub.commit(repo), "siblings": siblings, **card})

    def entry(self, path: str, content: bytes) -> dict[str, object]:
        blob, sha256 = hashes(content)
        known = {"type": "file", "path": path, "size": len(content), "oid": blob}
        large = {"lfs": {"oid": sha256, "size": len(content), "pointerSize": 100}}
        return known | (large if len(content) >= LARGE else {})

    def resolve(self, kind: str, repo: str, path: str) -> None:
        content = self.hub.files.get((kind, repo), {}).get(path)
        if content is None:
            self.send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": self.hub.commit(repo)})
            return
        if self.hub.down and self.command == "GET":
            self.send(500, b"", {})
            return
        blob, sha256 = hashes(content)
        etag = sha256 if len(content) >= LARGE else blob
        headers = {"X-Repo-Commit": self.hub.commit(repo), "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if path in self.hub.forged:
            content = content[::-1]
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send(206 if start else 200, content[start:], headers)

    def send_json(self, value: object) -> None:
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.hub.cut is not None and len(body) > self.hub.cut:
            self.hub.down = self.hub.dies
            self.wfile.write(body[: self.hub.cut])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(body)


@contextmanager
def served(hub: Hub) -> Iterator[Hub]:
    """The hub answers while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Answering,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from limo import params
from limo.sources import rows as sources

ROWS = b"".join(json.dumps({"q": f"What is {n} + 1?", "a": n + 1}).encode() + b"\n" for n in range(200))
FIELDS = params.Fields(question="q", answer="a", id=None, solution=None, domain=None, level=None)


class Server(ThreadingHTTPServer):
    """Serves one file from any place on; of an answer no more than `sends` bytes where it is set."""

    content = ROWS
    sends: int | None = None
    ranges = True
    asked: list[str | None]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.server.ranges else 0
        if start >= len(self.server.content):
            self.send_error(416)
            return
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.sends])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.chdir(tmp_path)
    with Server() as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield served
        served.shutdown()


def spec(server: Server, content: bytes = ROWS, **changes: Any) -> params.UrlSource:
    values = {"url": f"http://127.0.0.1:{server.server_port}/a%20set/rows.jsonl?raw=1", "where": {}, "limit": None}
    values |= {
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "fields": FIELDS,
        "answer_from": "field",
    }
    return params.UrlSource(kind="url", **{**values, **changes})


def test_a_file_under_a_url_is_read_like_a_local_one_and_fetched_once(server: Server) -> None:
    for _ in range(2):
        table = sources.rows("s", spec(server), 1000)
        assert (table.height, table["answer"][199], table["source_id"][0]) == (200, "200", "line 1")
        assert table["source_revision"].unique().to_list() == [hashlib.sha256(ROWS).hexdigest()]
    assert server.asked == [None]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_broke_off_goes_on(server: Server, ranges: bool) -> None:
    server.ranges, server.sends = ranges, 1000
    with pytest.raises(ConnectionError, match=r"cannot be fetched: .*1000 bytes are kept, run again"):
        sources.rows("s", spec(server), 1000)
    server.sends = None
    assert sources.rows("s", spec(server), 1000).height == 200
    assert server.asked == [None, "bytes=1000-"]


def test_other_bytes_than_those_pinned_are_refused_and_not_kept(server: Server, tmp_path: Path) -> None:
    message = f"source s: .* has sha256 {hashlib.sha256(ROWS).hexdigest()}, and params.yaml pins {'0' * 64}"
    with pytest.raises(ValueError, match=message):
        sources.rows("s", spec(server, sha256="0" * 64), 1000)
    assert not [path for path in (tmp_path / ".limo").rglob("*") if path.is_file()]


def test_a_kept_file_that_was_damaged_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    sources.rows("s", spec(server), 1000)
    next((tmp_path / ".limo").rglob("rows.jsonl")).write_bytes(b"{}")
    assert sources.rows("s", spec(server), 1000).height == 200


def test_a_server_that_is_not_there_is_named(server: Server) -> None:
    away = spec(server, url="http://127.0.0.1:9/rows.jsonl")
    with pytest.raises(ConnectionError, match=re.escape("http://127.0.0.1:9/rows.jsonl cannot be fetched")):
        sources.rows("s", away, 1000)


def test_only_web_addresses_and_whole_hashes_are_taken(server: Server) -> None:
    for changes in ({"url": "file:///etc/hosts"}, {"sha256": "abc"}, {"sha256": "A" * 64}):
        with pytest.raises(ValidationError, match="should match pattern"):
            spec(server, **changes)

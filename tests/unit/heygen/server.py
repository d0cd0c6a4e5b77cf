"""A real HTTP server on loopback that gives scripted answers and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One request as it arrived. Bodies above a megabyte are counted, not kept."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    body_length: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """One scripted answer. `act`, when given, writes raw bytes to the socket in its place."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    length: int | None = None
    act: Callable[[Any], None] | None = None


class ScriptedServer:
    """Answers in the order of `answer()` calls; without one left, with what `default` makes of the request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.default: Callable[[Asked], Answer] = lambda _: Answer(200, {"data": {}})
        owner = self

        class Handler(_Handler):
            server_owner = owner

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def answer(self, status: int = 200, body: Any = b"", **more: Any) -> None:
        self.answers.append(Answer(status, body, **more))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up early is part of the tests, not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_owner: ScriptedServer

    def _handle(self) -> None:
        owner = self.server_owner
        length = int(self.headers.get("Content-Length") or 0)
        kept, left = bytearray(), length
        while left and (block := self.rfile.read(min(65536, left))):
            left -= len(block)
            if length <= 1_000_000:
                kept += block
        asked = Asked(self.command, self.path, dict(self.headers.items()), bytes(kept), length - left)
        owner.asked.append(asked)
        answer = owner.answers.pop(0) if owner.answers else owner.default(asked)
        if answer.delay:
            time.sleep(answer.delay)
        if answer.act is not None:
            self.close_connection = True
            answer.act(self)
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
        self.end_headers()
        self.wfile.write(body)
        if answer.length is not None:
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test output quiet."""

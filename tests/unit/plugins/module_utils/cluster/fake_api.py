# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server in this process: real HTTP on loopback, objects in a dictionary, no logic."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Object = dict[str, Any]


@dataclass
class FakeApi:
    """What the server holds and was asked.

    Attributes:
        objects: Path → object, collection (``{"items": [...]}``) or text.
        answers: Path → function of the query that makes the answer; comes first.
        requests: (method, path, query) of each request.
    """

    url: str = ""
    objects: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str]) -> Answer:
        """Return status and body of a request."""
        self.requests.append((method, path, query))
        if path in self.answers:
            return self.answers[path](query)
        if path in self.objects:
            return 200, self.objects[path]
        return 404, {"kind": "Status", "message": f"{path} not found", "code": 404}

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(1 for _, asked, _ in self.requests if asked == path)


def forbidden(_query: dict[str, str]) -> Answer:
    """Answer that the user may not."""
    return 403, {"kind": "Status", "message": 'things is forbidden: User "me" cannot list resource', "code": 403}


@contextmanager
def serving() -> Iterator[FakeApi]:
    """Serve for the length of a block."""
    api = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # header and body in one packet, else each answer takes 40 ms

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._respond()

        do_PATCH = do_PUT = do_POST

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            status, body, *headers = api.answer(self.command, parts.path, dict(parse_qsl(parts.query)))
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

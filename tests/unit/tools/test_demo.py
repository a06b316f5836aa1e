# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's small parts; the whole is what `make demo` itself proves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools.demo import RECAP, DemoError, ask, deployment_url, last_message, parse_exports


class Agent(BaseHTTPRequestHandler):
    """Answers a run by saying which host and path were asked for."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        ok = self.path == "/lgp/hello/runs/wait"
        content = f'{{"messages": [{{"content": "{self.headers["Host"]} {self.path}"}}]}}'
        self.send_response(200 if ok else 404)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Agent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_exports_become_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    text = "export KUBECONFIG='/a b/kubeconfig'\nexport PATH=/helm:$PATH\n# a comment\n"
    assert dict(parse_exports(text)) == {"KUBECONFIG": "/a b/kubeconfig", "PATH": "/helm:/usr/bin"}


def test_the_agent_is_called_through_the_ingress_with_its_own_host(address: str) -> None:
    assert ask("http://agents.example.com/lgp/hello", address) == "agents.example.com /lgp/hello/runs/wait"


def test_an_agent_that_is_not_there_fails_the_demo(address: str) -> None:
    with pytest.raises(DemoError, match="answered 404"):
        ask("http://agents.example.com/lgp/other", address)
    with pytest.raises(DemoError, match="did not answer"):
        ask("http://agents.example.com/lgp/hello", "127.0.0.1:1")


def test_the_url_is_found_in_both_generations_of_the_api() -> None:
    assert deployment_url({"url": "http://a/lgp/x/"}) == "http://a/lgp/x"
    assert deployment_url({"url": None, "source_config": {"custom_url": "http://b"}}) == "http://b"
    assert deployment_url({"source_config": None}) == ""


def test_the_last_message_is_the_answer() -> None:
    assert last_message({"messages": [{"content": "a"}, {"content": "b"}]}) == "b"
    assert last_message({"answer": 1}) == '{"answer": 1}'


def test_the_recap_is_read() -> None:
    found = RECAP.search("demo   : ok=41   changed=3    unreachable=0    failed=0    skipped=9")
    assert found
    assert found.groups() == ("41", "3", "0", "0")

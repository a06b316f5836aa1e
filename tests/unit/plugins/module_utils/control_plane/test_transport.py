# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import ssl
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import (
    Security,
    open_http,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    AnswerLost,
    InvalidInput,
    MalformedAnswer,
    MissingLibrary,
    NotFound,
    RateLimited,
    Rejected,
    ServerFailed,
    Unreachable,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Retries

IDEMPOTENT = ["GET", "DELETE"]
WRITING = ["POST", "PATCH"]
OK = {"ok": True}


def send(wire: Any, method: str = "GET", retries: Retries | None = None, **more: Any) -> Any:
    return asyncio.run(wire.transport(retries).call(method, "/v2/things", **more))


def test_request_carries_key_query_and_body(wire: Any, reply: Any, key: str) -> None:
    wire.script = [reply(201, OK)]
    assert send(wire, "POST", query={"a": 1}, body={"b": 2}) == OK
    (request,) = wire.requests
    assert str(request.url) == "https://plane.example.com/api-host/v2/things?a=1"
    assert request.headers["x-api-key"] == key
    assert request.content == b'{"b":2}'


@pytest.mark.parametrize("method", IDEMPOTENT)
@pytest.mark.parametrize("trouble", [408, 429, 500, 502, 503, 504, "reset", "time-out", "refused", "text", "broken"])
def test_what_is_safe_to_repeat_is_repeated(wire: Any, reply: Any, method: str, trouble: Any) -> None:
    wire.script = [spoilt(reply, trouble), spoilt(reply, trouble), reply(200, OK)]
    assert send(wire, method) == OK
    assert len(wire.requests) == 3
    assert len(wire.slept) == 2


@pytest.mark.parametrize("method", WRITING)
@pytest.mark.parametrize("trouble", [408, 500, 502, 503, 504, "reset", "time-out", "text", "broken"])
def test_write_of_unknown_effect_is_not_repeated(wire: Any, reply: Any, method: str, trouble: Any) -> None:
    wire.script = [spoilt(reply, trouble)]
    with pytest.raises(AnswerLost):
        send(wire, method)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("method", WRITING)
@pytest.mark.parametrize("trouble", [429, "refused"])
def test_write_that_was_not_taken_is_repeated(wire: Any, reply: Any, method: str, trouble: Any) -> None:
    wire.script = [spoilt(reply, trouble), reply(201, OK)]
    assert send(wire, method) == OK


@pytest.mark.parametrize("method", IDEMPOTENT + WRITING)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_clear_no_is_not_repeated(wire: Any, reply: Any, method: str, status: int) -> None:
    wire.script = [reply(status, {"detail": "no"})]
    with pytest.raises(AnswerError) as raised:
        send(wire, method)
    assert (raised.value.status, len(wire.requests)) == (status, 1)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (503, ServerFailed),
        (429, RateLimited),
        ("refused", Unreachable),
        ("reset", AnswerLost),
        ("text", MalformedAnswer),
    ],
)
def test_repetition_ends(wire: Any, reply: Any, trouble: Any, kind: type[AnswerError]) -> None:
    wire.respond = lambda _: spoilt(reply, trouble)
    with pytest.raises(kind, match="Given up after 4 tries"):
        send(wire, retries=Retries(attempts=4))
    assert len(wire.requests) == 4


def test_retry_after_is_honoured(wire: Any, reply: Any) -> None:
    wire.script = [reply(429, {}, retry_after="7"), reply(503, {}, retry_after="0"), reply(200, OK)]
    assert send(wire) == OK
    assert wire.slept == [7.0, wire.slept[1]]
    assert wire.slept[1] < 1


def test_retry_after_beyond_the_time_allowed_ends_at_once(wire: Any, reply: Any) -> None:
    wire.script = [reply(429, {"detail": "slow down"}, retry_after="50")]
    with pytest.raises(RateLimited):
        send(wire, retries=Retries(seconds=20))
    assert wire.slept == []


def test_retry_after_is_bounded(wire: Any, reply: Any) -> None:
    wire.script = [reply(429, {}, retry_after="86400"), reply(200, OK)]
    assert send(wire, retries=Retries(seconds=100)) == OK
    assert wire.slept == [60.0]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(wire: Any, reply: Any, status: int) -> None:
    wire.script = [reply(status, text="", location="https://elsewhere.example.com/v2/things")]
    with pytest.raises(Rejected, match=r"redirect to https://elsewhere\.example\.com") as raised:
        send(wire)
    assert len(wire.requests) == 1
    assert "key" in str(raised.value.cause)


@pytest.mark.parametrize("method", IDEMPOTENT + WRITING)
@pytest.mark.parametrize("status", [302, 400, 401, 404, 500])
def test_key_is_in_no_error(wire: Any, reply: Any, key: str, method: str, status: int) -> None:
    wire.respond = lambda _: reply(status, {"detail": f"your key {key} is odd"}, location=f"https://x/?{key}")
    with pytest.raises(AnswerError) as raised:
        send(wire, method)
    assert key not in f"{raised.value} {raised.value.as_result()} {raised.value!r}"


@pytest.mark.parametrize("error", [httpx.LocalProtocolError, httpx.ConnectError, httpx.ReadError, httpx.ProxyError])
def test_key_in_the_librarys_error_is_hidden(wire: Any, key: str, error: type[httpx.RequestError]) -> None:
    wire.respond = lambda _: error(f"Illegal header value {key!r}")
    with pytest.raises(AnswerError) as raised:
        send(wire)
    assert key not in str(raised.value)
    assert raised.value.__suppress_context__


def test_untrusted_certificate_is_told_at_once(wire: Any) -> None:
    wire.script = [httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")]
    with pytest.raises(Unreachable, match="ca_cert"):
        send(wire)
    assert wire.slept == []


def test_answer_that_does_not_fit_names_the_request(wire: Any, reply: Any) -> None:
    def read(_: Any) -> Any:
        raise MalformedAnswer("It has no id.")

    wire.respond = lambda _: reply(200, {})
    with pytest.raises(MalformedAnswer, match=r"GET https://plane\.example\.com/api-host/v2/things: It has no id"):
        send(wire, retries=Retries(attempts=1), read=read)


def test_html_in_place_of_json_names_the_likely_url(wire: Any, reply: Any) -> None:
    wire.respond = lambda _: reply(200, text="<!doctype html><title>LangSmith</title>")
    with pytest.raises(MalformedAnswer) as raised:
        send(wire, retries=Retries(attempts=1))
    assert "api-host" in str(raised.value.remedy)


def test_no_more_requests_at_once_than_allowed(wire: Any, reply: Any) -> None:
    running = peak = 0

    async def slow(_: httpx.Request) -> httpx.Response:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.001)
        running -= 1
        return httpx.Response(200, json=OK)

    async def many() -> None:
        transport = wire.transport()
        transport.http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
        await asyncio.gather(*(transport.call("GET", "/") for _ in range(50)))

    asyncio.run(many())
    assert peak == 8


def test_transport_to_another_base_shares_all_else(wire: Any, reply: Any, key: str) -> None:
    wire.script = [reply(200, OK)]
    asyncio.run(wire.transport().at("https://smith.example.com").call("GET", "/info"))
    assert (str(wire.requests[0].url), wire.requests[0].headers["x-api-key"]) == ("https://smith.example.com/info", key)


def test_missing_httpx_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingLibrary, match="httpx"):
        opened("https://x", Security())


def test_click_stays_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in: Any = object()
    monkeypatch.setitem(sys.modules, "click", stand_in)
    opened("http://x", Security())
    assert sys.modules["click"] is stand_in


def test_unusable_certificate_files_are_the_users_input(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"ca_cert: there is no file(?s:.*)client_key: there is no file"):
        opened("https://x", Security(ca_cert="/nowhere/ca.pem", client_key="/nowhere/key.pem"))
    with pytest.raises(InvalidInput, match="PEM"):
        opened("https://x", Security(ca_cert=str(broken)))


@pytest.mark.parametrize(("validate", "mode"), [(True, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE)])
def test_certificates_are_checked_unless_told_otherwise(validate: bool, mode: ssl.VerifyMode) -> None:
    context = opened("https://x", Security(validate=validate))._transport._pool._ssl_context
    assert context.verify_mode == mode
    assert context.check_hostname is validate


def test_client_for_plain_http_is_made_without_reading_certificates() -> None:
    started = time.process_time()
    opened("http://x", Security())
    assert time.process_time() - started < 5
    context = opened("http://x", Security())._transport._pool._ssl_context
    assert context.cert_store_stats()["x509"] == 0


def opened(url: str, security: Security) -> Any:
    async def open_and_close() -> Any:
        async with open_http(url, security, 5.0) as http:
            return http

    return asyncio.run(open_and_close())


def spoilt(reply: Callable[..., httpx.Response], trouble: Any) -> httpx.Response | Exception:
    """Return an answer that is none."""
    match trouble:
        case "reset":
            return httpx.ReadError("connection reset by peer")
        case "time-out":
            return httpx.ReadTimeout("")
        case "refused":
            return httpx.ConnectError("connection refused")
        case "text":
            return reply(200, text="<html>")
        case "broken":
            return reply(200, text='{"id": "12')
    return reply(trouble, {"detail": "not now"})


def test_not_found_keeps_what_the_server_says(wire: Any, reply: Any) -> None:
    wire.script = [reply(404, {"detail": "Deployment ID 1 not found."})]
    with pytest.raises(NotFound) as raised:
        send(wire)
    assert raised.value.cause == "Deployment ID 1 not found."


def test_with_an_address_requests_go_there_under_their_own_name() -> None:
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.headers["Host"], self.path))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    async def ask(address: str) -> None:
        url = "http://nowhere.invalid"
        async with open_http(url, Security(), 5, address=address) as http:
            await http.get(f"{url}/api-host/ok")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asyncio.run(ask(f"127.0.0.1:{server.server_port}"))
        server.shutdown()
    assert seen == [("nowhere.invalid", "/api-host/ok")]

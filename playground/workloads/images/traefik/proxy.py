# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reverse proxy itself: one request in, one request out, both streamed."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator

import httpx

from ...serving import Receive, Scope, Send
from .cluster import Cluster
from .table import Backend

log = logging.getLogger(__name__)

# Headers that belong to one connection, not to the message (RFC 9110, 7.6.1).
HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
CONNECT_SECONDS = 3.0
Header = tuple[bytes, bytes]


class Proxy:
    """An ASGI application that forwards by the cluster's table; ``tls`` says how clients reached the entry point."""

    def __init__(self, cluster: Cluster, http: httpx.AsyncClient, port: int, *, tls: bool) -> None:
        """``http`` carries the requests to the pods."""
        self._cluster, self._http, self._port, self._tls = cluster, http, port, tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request."""
        if scope["type"] != "http":
            return
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        route = self._cluster.table.find(_without_port(host), scope["path"])
        if route is None:
            await say(send, 404, "404 page not found\n")
            return
        targets = self._cluster.endpoints(_choose(route.backends)) if route.backends else []
        if not targets:
            await say(send, 503, "no available server\n")
            return
        await self._forward(scope, receive, send, targets)

    async def _forward(self, scope: Scope, receive: Receive, send: Send, targets: list[str]) -> None:
        path = scope["raw_path"].decode("latin-1") + (
            f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        )
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        body = Body(receive)
        last = len(targets) - 1
        for number, target in enumerate(targets):
            request = self._http.build_request(
                scope["method"],
                f"http://{target}{path}",
                headers=self._headers(scope),
                content=body if has_body else None,
            )
            try:
                answer = await self._http.send(request, stream=True)
            except httpx.ConnectError:
                if number == last:
                    await say(send, 502, "Bad Gateway\n")
                continue  # nothing was sent: another pod may take it
            except httpx.HTTPError as error:
                log.warning("%s %s: %s", scope["method"], path, error or type(error).__name__)
                await say(send, 504 if isinstance(error, httpx.TimeoutException) else 502, "Bad Gateway\n")
                return
            else:
                await pass_on(answer, send)
                return

    def _headers(self, scope: Scope) -> list[Header]:
        named = {
            value.strip().lower()
            for name, values in scope["headers"]
            if name == b"connection"
            for value in values.split(b",")
        }
        headers = [
            item for item in scope["headers"] if item[0] not in HOP | named and not item[0].startswith(b"x-forwarded-")
        ]
        host = next((value for name, value in headers if name == b"host"), b"")
        client = (scope.get("client") or ("127.0.0.1", 0))[0].encode()
        before = b", ".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        proto = b"https" if self._tls else b"http"
        return [
            *headers,
            (b"x-forwarded-for", b", ".join(item for item in (before, client) if item)),
            (b"x-forwarded-host", host),
            (b"x-forwarded-port", str(self._port).encode()),
            (b"x-forwarded-proto", proto),
            (b"x-real-ip", client),
        ]


class Body:
    """A request's body as it comes in, for the request that goes out."""

    def __init__(self, receive: Receive) -> None:
        """Read nothing yet."""
        self._receive = receive

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the parts of the body."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise httpx.ReadError("the client left")
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body"):
                return


async def pass_on(answer: httpx.Response, send: Send) -> None:
    """Hand an answer on as it comes in."""
    try:
        headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in HOP]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        async for chunk in answer.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await answer.aclose()


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _choose(backends: tuple[Backend, ...]) -> Backend:
    weights = [max(backend.weight, 0) for backend in backends]
    return random.choices(backends, weights if any(weights) else None)[0]  # noqa: S311 - load balancing


async def say(send: Send, status: int, text: str) -> None:
    """Answer with plain text."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})

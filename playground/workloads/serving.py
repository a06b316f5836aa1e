# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP serving for the programs in the pods: uvicorn, on the pod's address, ended by the program itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn

from .program import bind_address

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: SIGTERM belongs to the program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: App, port: int, *, tls: ssl.SSLContext | None = None, drain_seconds: int = 5) -> None:
    """Serve an ASGI application on the pod's address until cancelled; requests in flight may end first.

    Raises OSError when the address cannot be bound.
    """
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=bind_address(),
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=drain_seconds,
        timeout_keep_alive=75,
    )
    config.load()
    config.ssl = tls
    server = _Server(config)
    work = asyncio.create_task(_serve(server))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        server.should_exit = True
        await work
        raise


async def _serve(server: _Server) -> None:
    try:
        await server.serve()
    except SystemExit as stop:  # uvicorn's way to say that it could not bind
        raise OSError(f"cannot listen on {server.config.host}:{server.config.port}") from stop


def plain_app(answer: Callable[[str, str], tuple[int, str]]) -> App:
    """Make a tiny ASGI application of a function ``(method, path) -> (status, text)``."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, text = answer(scope["method"], scope["path"])
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    return app

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What surrounds every request: base path, latency, faults, log.

Plain ASGI, because only the outermost layer can leave a request without an answer.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.control_plane.connections import reset
from playground.control_plane.faults import Fault
from playground.control_plane.requestlog import Entry
from playground.control_plane.state import State

#: A self-hosted plane serves its API under ``[/<base path>]/api-host``, and LangSmith's own beside it.
BASE_PATH: Final = re.compile(r"^(?:/[^/]+)?/api-host(?=/|$)|^/(?!api/|internal/|playground/|v\d/)[^/]+(?=/api/v1/)")
NOT_LOGGED: Final = ("/playground/", "/ui/")
API: Final = ("/v1/", "/v2/", "/api/")


class Surroundings:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = BASE_PATH.sub("", scope["path"], count=1) or "/"
        scope = {**scope, "path": path, "raw_path": path.encode()}
        if path == "/" or path.startswith(NOT_LOGGED):
            await self._app(scope, receive, send)
            return
        fault = self._state.faults.strike(scope["method"], path)
        if self._state.settings.latency_ms and path.startswith(API):
            await asyncio.sleep(self._state.settings.latency_ms / 1000)
        begun, started, answered = time.time(), time.perf_counter(), [0]

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
            await send(message)

        try:
            await self._serve(fault, scope, receive, note)
        finally:
            seconds = time.perf_counter() - started
            query = scope["query_string"].decode("latin-1")
            self._state.requests.add(
                Entry(scope["method"], path, query, answered[0], begun, seconds, fault.kind if fault else None)
            )

    async def _serve(self, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> None:
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "slow" and not fault.after_commit:
            # The request is taken first: it will be served even if the client does not wait that long.
            taken = await _read(receive)
            await asyncio.sleep(fault.seconds)
            await self._app(scope, _again(taken, receive), send)
        elif fault.kind == "status" and not fault.after_commit:
            await _read(receive)
            await _answer_error(fault, send)
        elif fault.kind == "reset_before":
            await _read(receive)
            reset(scope)
        else:
            answer = await self._do(scope, receive)
            if fault.kind == "reset_after":
                reset(scope)
            elif fault.kind == "status":
                await _answer_error(fault, send)
            elif fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
                for message in answer:
                    await send(message)
            else:
                await _answer(send, answer[0]["status"], b"" if fault.kind == "empty" else b'{"resources": [{"id": "')

    async def _do(self, scope: Scope, receive: Receive) -> list[Message]:
        """Serve the request, keeping the answer back."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        return answer


async def _read(receive: Receive) -> list[Message]:
    """Take the request off the wire, so that the client is past sending when the fault strikes."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Hand out messages that were taken before, then go on."""
    waiting = iter(messages)

    async def replay() -> Message:
        return next(waiting, None) or await receive()

    return replay


async def _answer_error(fault: Fault, send: Send) -> None:
    headers = [] if fault.retry_after is None else [(b"retry-after", f"{fault.retry_after}".encode())]
    text = fault.detail or f"Fault on demand: {fault.status}"
    await _answer(send, fault.status, json.dumps({"detail": text}).encode(), headers)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    length = (b"content-length", str(len(body)).encode())
    content = (b"content-type", b"application/json")
    await send({"type": "http.response.start", "status": status, "headers": [content, length, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire whose other end is scripted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import client as client_module
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import transport as transport_module
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import Transport
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.urls import Endpoints
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Retries

KEY = "lsv2_sk_0123456789abcdef"
BASE = "https://plane.example.com/api-host"

Answer = httpx.Response | Exception


def answer(status: int = 200, document: Any = None, *, text: str | None = None, **headers: str) -> httpx.Response:
    """Return an answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if text is None:
        return httpx.Response(status, json=document, headers=named)
    return httpx.Response(status, text=text, headers=named)


class Wire:
    """Answers requests from a script, in order, or by a function; keeps what was asked and slept."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.respond: Callable[[httpx.Request], Answer] | None = None
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        next_answer = self.respond(request) if self.respond else self.script.pop(0)
        if isinstance(next_answer, Exception):
            raise next_answer
        return next_answer

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def bodies(self, method: str) -> list[Any]:
        """The JSON bodies of all requests of this method."""
        return [json.loads(request.content) for request in self.requests if request.method == method]

    def transport(self, retries: Retries | None = None) -> Transport:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.handle))
        headers = {"X-Api-Key": KEY}
        return Transport(
            http, BASE, headers, Redactor([KEY]), retries or Retries(), asyncio.Semaphore(8), sleep=self.sleep
        )

    def client(self) -> ControlPlane:
        transport = self.transport()
        return ControlPlane(transport, Endpoints(BASE, "https://smith.example.com"), transport.redact)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def reply() -> Callable[..., httpx.Response]:
    return answer


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def connected(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Put the wire under everything that connects by itself."""

    @asynccontextmanager
    async def open_http(*_: Any, **__: Any) -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(wire.handle)) as http:
            yield http

    async def no_sleep(seconds: float) -> None:
        wire.slept.append(seconds)

    monkeypatch.setattr(client_module, "open_http", open_http)
    monkeypatch.setattr(transport_module.Transport.__init__, "__defaults__", (no_sleep,))
    return wire

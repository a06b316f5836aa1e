# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a first service key, against the simulator's accounts and against answers that it never gives."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import accounts as module
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.accounts import (
    Access,
    Administrator,
    Langsmith,
    make_access,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerLost,
    MalformedAnswer,
    NotFound,
    Unauthorized,
)

from playground.control_plane import accounts
from playground.control_plane.accounts import Accounts
from playground.control_plane.app import create_app
from playground.control_plane.storage import Store

ADMIN = Administrator("admin@example.com", "Not-A-Password-1")
SMITH = Langsmith("http://smith.example.com")


def connect(monkeypatch: pytest.MonkeyPatch, transport: httpx.AsyncBaseTransport) -> None:
    @asynccontextmanager
    async def open_http(*_: Any, **__: Any) -> Any:
        async with httpx.AsyncClient(transport=transport) as http:
            yield http

    monkeypatch.setattr(module, "open_http", open_http)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put the simulator, with a workspace and its administrator, behind every connection."""
    store = Store(None)
    accounts.bootstrap(store, "Workspace 1", ADMIN.email, ADMIN.password)
    simulator = create_app(store, Accounts(store, "salt", "jwt", "between-parts"))
    connect(monkeypatch, httpx.ASGITransport(simulator))
    return simulator


def make(administrator: Administrator = ADMIN, workspace: str | None = None) -> Access:
    return asyncio.run(make_access(SMITH, administrator, "of a test", workspace))


@pytest.mark.usefixtures("app")
def test_the_key_is_for_the_oldest_workspace_or_the_one_named() -> None:
    first = make()
    assert first.api_key.startswith("lsv2_sk_")
    assert make(workspace=first.workspace_id).workspace_id == first.workspace_id


@pytest.mark.usefixtures("app")
def test_an_unknown_workspace_is_told_with_those_there_are() -> None:
    there = make().workspace_id
    with pytest.raises(NotFound, match="no workspace elsewhere") as told:
        make(workspace="elsewhere")
    assert there in str(told.value.remedy)


@pytest.mark.usefixtures("app")
def test_a_login_that_is_refused_is_told_with_what_to_do_and_without_the_password() -> None:
    with pytest.raises(Unauthorized, match="cannot log in") as told:
        make(Administrator(ADMIN.email, "s3cret-and-wrong"))
    assert "service key" in str(told.value.remedy)
    assert "s3cret-and-wrong" not in f"{told.value!r} {told.value} {told.value.cause} {told.value.remedy}"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"/api/v1/login": httpx.Response(404, json={"detail": "Not Found"})}, Unauthorized),
        ({"/api/v1/login": httpx.Response(200, json={"token": "x"})}, AnswerLost),
        ({"/api/v1/workspaces": httpx.Response(200, json={"items": []})}, MalformedAnswer),
        ({"/api/v1/workspaces": httpx.Response(200, json=[])}, NotFound),
        ({"/api/v1/orgs/current/service-keys": httpx.Response(200, json={"id": "1"})}, AnswerLost),
    ],
)
def test_an_api_that_answers_otherwise_is_told(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, httpx.Response], error: type[Exception]
) -> None:
    good = {
        "/api/v1/login": httpx.Response(200, json={"access_token": "t0ken"}),
        "/api/v1/workspaces": httpx.Response(200, json=[{"id": "one", "created_at": "2026"}]),
    }
    connect(monkeypatch, httpx.MockTransport(lambda request: {**good, **answers}[request.url.path]))
    with pytest.raises(error):
        make()


def test_the_password_goes_to_the_login_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {}

    def handle(request: httpx.Request) -> httpx.Response:
        asked[request.url.path] = request.headers["authorization"]
        return httpx.Response(
            200,
            json=[{"id": "one"}] if "workspaces" in request.url.path else {"access_token": "t0ken", "key": "k3y"},
        )

    connect(monkeypatch, httpx.MockTransport(handle))
    assert make() == Access("one", "k3y")
    login = base64.b64encode(f"{ADMIN.email}:{ADMIN.password}".encode()).decode()
    assert asked == {
        "/api/v1/login": f"Basic {login}",
        "/api/v1/workspaces": "Bearer t0ken",
        "/api/v1/orgs/current/service-keys": "Bearer t0ken",
    }

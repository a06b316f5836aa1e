# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The application: routes, errors and surroundings put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import settings as stored_settings
from playground.control_plane.auth import Authority
from playground.control_plane.http import Answer, state_of
from playground.control_plane.middleware import Surroundings
from playground.control_plane.routers import (
    accounts,
    admin,
    dataplane,
    deployments,
    langsmith,
    listeners,
    logs,
    revisions,
    ui,
)
from playground.control_plane.rules import Refusal
from playground.control_plane.settings import Settings
from playground.control_plane.state import State
from playground.control_plane.storage import Store


def create_app(store: Store, keys: Authority, defaults: Settings | None = None) -> Surroundings:
    """A control plane over a store.

    :param keys: who may use it, for which workspaces.
    :param defaults: the settings to begin with; those changed while running are in the store and win.
    """
    defaults = defaults or Settings()
    state = State(store, keys, defaults, stored_settings.load(store, defaults))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    app = FastAPI(title="Control plane simulator", version="0.1.0", lifespan=lifespan)
    app.state.control_plane = state
    for module in (deployments, revisions, listeners, logs, dataplane, langsmith, accounts, admin, ui):
        app.include_router(module.router)
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    return Surroundings(app, state)


async def _refused(_request: Request, refusal: Refusal) -> Response:
    headers = {"Allow": refusal.allow} if refusal.allow else None
    return Answer({"detail": refusal.detail}, status_code=refusal.status, headers=headers)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    context = state_of(request).settings.facts.error_context
    return Answer({"detail": [_item(item, context=context) for item in error.errors()]}, status_code=422)


def _item(item: dict[str, Any], *, context: bool) -> dict[str, Any]:
    """One item of a 422. Never repeats input that may hold a secret."""
    answer = {"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]}
    if context and item["loc"][:1] in (("path",), ("query",)):
        answer["input"] = item.get("input")
    return answer

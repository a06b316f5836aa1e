# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend and the host-backend: the control plane simulator, with LangSmith's accounts, on the shared database."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from ... import postgres
from ...serving import App, Receive, Scope, Send, serve
from .settings import Settings, database

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 120.0
HEALTH = ("/ok", "/health")


class Plane:
    """Answers ``/ok`` and ``/health`` with 503 until the database is there, and all else until it is migrated.

    The migrations run after all else is ready, as Helm's post-install hooks do: health cannot wait for them.
    """

    def __init__(self) -> None:
        """Nothing is served yet."""
        self._app: App | None = None
        self._healthy = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        health = scope["type"] == "http" and scope["path"] in HEALTH
        if self._app is not None:
            await self._app({**scope, "path": "/ok", "raw_path": b"/ok"} if health else scope, receive, send)
        elif scope["type"] == "http":
            status = 200 if health and self._healthy else 503
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"the database is not ready"})

    async def open(self, settings: Settings) -> None:
        """Wait for the database, then serve from it."""
        folder = await database(settings, PATIENCE_SECONDS)
        # FastAPI and SQLAlchemy take a second to import: health is answered meanwhile.
        from playground.control_plane.accounts import Accounts
        from playground.control_plane.app import create_app
        from playground.control_plane.storage import Store

        self._healthy = True
        await _migrated(folder)
        store = Store(folder)
        self._app = create_app(store, Accounts(store, settings.salt, settings.jwt_secret, settings.service_secret))
        log.info("serving")


async def plane(settings: Settings) -> int:
    """Serve until stopped; ends with 1 when there is no database."""
    served = Plane()
    server = asyncio.create_task(serve(served, settings.port))
    try:
        await served.open(settings)
    except postgres.PostgresError as error:
        log.critical("%s", error)
        server.cancel()
        return 1
    await server
    return 0


async def _migrated(folder: Path) -> None:
    if not any(folder.glob("*.sqlite3")):
        log.warning("the database has no tables yet: waiting for its migrations")
    while not any(folder.glob("*.sqlite3")):
        await asyncio.sleep(0.3)

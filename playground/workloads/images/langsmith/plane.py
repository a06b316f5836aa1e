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
    """Answers ``/ok`` and ``/health`` at once, with 503 until the database is there and migrated; then everything."""

    def __init__(self) -> None:
        """Nothing is served yet."""
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if self._app is not None:
            if scope["type"] == "http" and scope["path"] in HEALTH:
                scope = {**scope, "path": "/ok", "raw_path": b"/ok"}
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b"the database is not ready"})

    async def open(self, settings: Settings) -> None:
        """Wait for the database, then serve from it."""
        folder = await database(settings, PATIENCE_SECONDS)
        await _migrated(folder)
        # FastAPI and SQLAlchemy take a second to import: health is answered meanwhile.
        from playground.control_plane.accounts import Accounts
        from playground.control_plane.app import create_app
        from playground.control_plane.storage import Store

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

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts that do no work in the playground: they live as long as what they need answers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time

from ... import postgres, resp
from ...serving import plain_app, serve
from ..listener.saq import HEARTBEAT_SECONDS, heartbeat_key
from .settings import Settings

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
SOON_SECONDS = 0.5


class Service:
    """Health by what Postgres and Redis say."""

    def __init__(self, settings: Settings, queue: str = "") -> None:
        """``queue`` is the one that a worker shows life for."""
        self._settings, self._queue = settings, queue
        self._redis = resp.Client(settings.redis)
        self._wrong = "not looked yet"

    def health(self, _method: str, where: str) -> tuple[int, str]:
        """Answer ``/ok`` and ``/health``."""
        if where not in ("/ok", "/health"):
            return 404, "not found"
        return (503 if self._wrong else 200), json.dumps({"status": self._wrong or "ok"})

    async def run(self) -> int:
        """Look again and again."""
        while True:
            wrong = await self._look()
            if wrong != self._wrong:
                log.error("%s", wrong) if wrong else log.info("Postgres and Redis answer")
            self._wrong = wrong
            await asyncio.sleep(SOON_SECONDS if wrong else EVERY_SECONDS)

    async def _look(self) -> str:
        try:
            await asyncio.to_thread(postgres.login, self._settings.postgres)
            if self._queue:
                key = heartbeat_key(self._queue)
                await self._redis.command("SET", key, str(int(time.time())), "EX", str(HEARTBEAT_SECONDS))
            else:
                await self._redis.command("PING")
        except (postgres.PostgresError, resp.RedisError) as error:
            return str(error)
        return ""


async def service(settings: Settings, queue: str = "") -> int:
    """Serve health until stopped."""
    part = Service(settings, queue)
    health = asyncio.create_task(serve(plain_app(part.health), settings.port))
    try:
        return await part.run()
    finally:
        health.cancel()


async def playground() -> int:
    """Serve the health of a part that needs nothing."""
    await serve(plain_app(lambda _method, _path: (200, "ok")), int(os.environ["PORT"]))
    return 0

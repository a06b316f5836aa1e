# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``listener_entrypoint.sh``: the listener's process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Awaitable
from typing import TypeVar

import httpx

from ... import resp
from ...kube import SERVICE_ACCOUNT, ApiError, Kube
from ...paths import in_root
from ...program import run
from ...serving import plain_app, serve
from .cluster import Cluster
from .control_plane import ControlPlane, Refused, Unavailable
from .reconcile import Reconciler
from .saq import HEARTBEAT_SECONDS, heartbeat_key
from .settings import Settings, SettingsError, read

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

BUSY_SECONDS, IDLE_SECONDS = 0.5, 2.0
LOG_SECONDS = 10.0


class Listener:
    """Asks for work, again and again."""

    def __init__(self, settings: Settings, kube: Kube) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        self._redis = resp.Client(settings.redis)
        self._control_plane = ControlPlane(settings)
        self._changed = asyncio.Event()
        self._reconciler = Reconciler(settings, self._control_plane, Cluster(kube, settings, self._changed.set))
        self._checks = {"redis": "not asked yet", "control plane": "not asked yet"}
        self._said = 0.0

    def health(self, _method: str, where: str) -> tuple[int, str]:
        """Answer ``/health``: 200 only while Redis answers and the control plane accepts the key."""
        if where != "/health":
            return 404, "not found"
        return (200 if not any(self._checks.values()) else 503), json.dumps(
            {name: text or "ok" for name, text in self._checks.items()}
        )

    async def run(self) -> int:
        """Work round by round; ends with 1 when the control plane refuses this listener."""
        while True:
            busy = False
            try:
                busy = await self._round()
            except Refused as error:
                log.critical("the control plane refuses this listener: %s", error)
                return 1
            except (Unavailable, resp.RedisError, ApiError, httpx.HTTPError) as error:
                log.error("round failed: %s", error or type(error).__name__)
            try:
                async with asyncio.timeout(BUSY_SECONDS if busy else IDLE_SECONDS):
                    await self._changed.wait()
                await asyncio.sleep(0.05)
            except TimeoutError:
                pass
            self._changed.clear()

    async def _round(self) -> bool:
        if time.monotonic() - self._said >= LOG_SECONDS:
            log.info("Reconciling projects...")
            self._said = time.monotonic()
        await self._ask("redis", self._beat())
        namespaces = await self._ask("control plane", self._control_plane.namespaces())
        work = await self._ask("control plane", self._control_plane.work())
        results = await asyncio.gather(
            *(self._reconciler.step(item, namespaces) for item in work), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return any(results)

    async def _beat(self) -> None:
        await self._redis.command(
            "SET", heartbeat_key(self._settings.queue), str(int(time.time())), "EX", str(HEARTBEAT_SECONDS)
        )

    async def _ask(self, name: str, request: Awaitable[Answer]) -> Answer:
        try:
            result = await request
        except (Unavailable, Refused, resp.RedisError) as error:
            self._checks[name] = str(error)
            raise
        self._checks[name] = ""
        return result


async def listen() -> int:
    """Serve health and work until stopped."""
    namespace = (in_root(SERVICE_ACCOUNT) / "namespace").read_text(encoding="utf-8").strip()
    try:
        settings = read(os.environ, namespace)
        listener = Listener(settings, Kube.in_cluster("langgraph-listener"))
    except (SettingsError, ValueError) as error:
        log.critical("%s", error)
        return 1
    log.info(
        "listener %s of workspace %s at %s",
        settings.listener or "without a record",
        settings.workspace or "(any)",
        settings.control_plane,
    )
    health = asyncio.create_task(serve(plain_app(listener.health), settings.port))
    try:
        return await listener.run()
    finally:
        health.cancel()


if __name__ == "__main__":
    run(listen())

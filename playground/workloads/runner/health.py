# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether one run of a container has started, is ready, and is worth keeping."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ..kube import Object
from .probes import Prober, Target


class Watcher(Protocol):
    """Who is told about a container's health."""

    def health_changed(self) -> None:
        """Take note that ``started`` or ``ready`` changed."""

    def unhealthy(self, kind: str, message: str) -> None:
        """Take note of a failed probe."""

    def hopeless(self, kind: str) -> None:
        """Take note that the container has to be restarted."""


class Health:
    """The health of one run; without probes a container is started and ready at once."""

    def __init__(self, spec: Object, watcher: Watcher) -> None:
        """Start with what is known before any probe."""
        self._spec, self._watcher = spec, watcher
        self.started = not spec.get("startupProbe")
        self.ready = self.started and not spec.get("readinessProbe")

    async def run(self, target: Target) -> None:
        """Probe until cancelled."""
        if self._spec.get("startupProbe"):
            await Prober(self._spec["startupProbe"], "startup", target, self._on_startup).run()
        async with asyncio.TaskGroup() as group:
            for kind, report in (("readiness", self._on_readiness), ("liveness", self._on_liveness)):
                if probe := self._spec.get(f"{kind}Probe"):
                    group.create_task(Prober(probe, kind, target, report).run())

    def _on_startup(self, result: str, message: str) -> None:
        if result == "ok":
            self.started = True
            self.ready = not self._spec.get("readinessProbe")
            self._watcher.health_changed()
            return
        self._watcher.unhealthy("Startup", message)
        if result == "failed":
            self._watcher.hopeless("startup")

    def _on_readiness(self, result: str, message: str) -> None:
        if result != "ok":
            self._watcher.unhealthy("Readiness", message)
        if result != "failing" and self.ready != (result == "ok"):
            self.ready = result == "ok"
            self._watcher.health_changed()

    def _on_liveness(self, result: str, message: str) -> None:
        if result != "ok":
            self._watcher.unhealthy("Liveness", message)
        if result == "failed":
            self._watcher.hopeless("liveness")

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes Events, as a kubelet's recorder writes them: one object for a repeated fact, with a count."""

from __future__ import annotations

import asyncio
import logging
import secrets

import httpx

from ..kube import ApiError, Kube, Object, path
from .clock import now

log = logging.getLogger(__name__)


class Events:
    """A queue of Events, written in the background; a pod never waits for them."""

    def __init__(self, kube: Kube) -> None:
        """Write through ``kube``."""
        self._kube = kube
        self._queue: asyncio.Queue[tuple[Object, str, str, str, str]] = asyncio.Queue()
        self._seen: dict[tuple[str, str, str, str], tuple[str, int]] = {}

    def add(self, pod: Object, reason: str, message: str, kind: str = "Normal", container: str = "") -> None:
        """Record a fact about a pod or one of its containers; ``kind`` is Normal or Warning."""
        self._queue.put_nowait((pod, reason, message, kind, container))

    async def run(self) -> None:
        """Write what is queued until cancelled."""
        while True:
            pod, reason, message, kind, container = await self._queue.get()
            try:
                await self._write(pod, reason, message, kind, container)
            except (ApiError, httpx.HTTPError) as error:
                log.debug("event %s of %s lost: %s", reason, pod["metadata"]["name"], error)

    async def _write(self, pod: Object, reason: str, message: str, kind: str, container: str) -> None:
        metadata = pod["metadata"]
        key = metadata["uid"], container, reason, message
        if key in self._seen:
            name, count = self._seen[key]
            where = path("v1", "events", metadata["namespace"], name)
            try:
                await self._kube.patch(where, {"count": count + 1, "lastTimestamp": now()})
                self._seen[key] = name, count + 1
                return
            except ApiError as error:
                if not error.is_missing:
                    raise
        name = f"{metadata['name']}.{secrets.token_hex(8)}"
        involved = {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        }
        if container:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": metadata["namespace"]},
            "involvedObject": involved,
            "reason": reason,
            "message": message[:1000],
            "type": kind,
            "count": 1,
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "source": {"component": "kubelet", "host": pod["spec"].get("nodeName", "")},
            "reportingComponent": "kubelet",
            "reportingInstance": pod["spec"].get("nodeName", ""),
        }
        await self._kube.create(path("v1", "events", metadata["namespace"]), body)
        self._seen[key] = name, 1

    def forget(self, uid: str) -> None:
        """Drop what was remembered of a pod that is gone."""
        for key in [key for key in self._seen if key[0] == uid]:
            del self._seen[key]

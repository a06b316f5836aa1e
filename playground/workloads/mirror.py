# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live copies of API collections: one list, then a watch (an "informer")."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator

import httpx

from .kube import ApiError, Kube, Object

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
Handler = Callable[[str, Object], None]


class Mirror:
    """The objects of one collection, by ``(namespace, name)``, kept current.

    ``on_change(type, object)`` is called for ADDED, MODIFIED and DELETED, also for what a list shows after a gap.
    """

    def __init__(self, kube: Kube, where: str, on_change: Handler | None = None, **selectors: str) -> None:
        """Describe the collection; nothing is read before ``run``. Selectors: labelSelector, fieldSelector."""
        self._kube = kube
        self._where = where
        self._selectors = selectors
        self._on_change = on_change or (lambda _type, _object: None)
        self._items: dict[tuple[str, str], Object] = {}
        self.synced = asyncio.Event()
        self.problem = ""

    def get(self, namespace: str, name: str) -> Object | None:
        """Return one object, or None."""
        return self._items.get((namespace, name))

    def __iter__(self) -> Iterator[Object]:
        """Iterate over a snapshot of all objects."""
        return iter(list(self._items.values()))

    async def run(self) -> None:
        """Keep the copy current until cancelled; a missing or forbidden collection is tried again, ever slower."""
        failures = 0
        while True:
            try:
                version = await self._list()
                failures, self.problem = 0, ""
                await self._follow(version)
            except (ApiError, httpx.HTTPError, OSError, json.JSONDecodeError) as error:
                if isinstance(error, ApiError) and error.is_expired:
                    continue
                self._report(error)
                await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1

    def _report(self, error: Exception) -> None:
        problem = f"{type(error).__name__}: {error}"
        if problem != self.problem:
            absent = isinstance(error, ApiError) and error.is_missing
            log.log(logging.DEBUG if absent else logging.WARNING, "cannot watch %s: %s", self._where, problem)
        self.problem = problem

    async def _list(self) -> str:
        answer = await self._kube.get(self._where, **self._selectors)
        kind, version = answer["kind"].removesuffix("List"), answer["apiVersion"]
        fresh = {}
        for item in answer["items"]:
            item.setdefault("kind", kind)
            item.setdefault("apiVersion", version)
            fresh[_key(item)] = item
        gone = [item for key, item in self._items.items() if key not in fresh]
        before, self._items = self._items, fresh
        for item in gone:
            self._on_change("DELETED", item)
        for key, item in fresh.items():
            old = before.get(key)
            if old is None or old["metadata"]["uid"] != item["metadata"]["uid"]:
                self._on_change("ADDED", item)
            elif old["metadata"]["resourceVersion"] != item["metadata"]["resourceVersion"]:
                self._on_change("MODIFIED", item)
        self.synced.set()
        resource_version: str = answer["metadata"]["resourceVersion"]
        return resource_version

    async def _follow(self, version: str) -> None:
        while True:
            async for kind, item in self._kube.watch(self._where, {**self._selectors, "resourceVersion": version}):
                version = item["metadata"]["resourceVersion"]
                if kind == "BOOKMARK":
                    continue
                if kind == "DELETED":
                    self._items.pop(_key(item), None)
                else:
                    self._items[_key(item)] = item
                self._on_change(kind, item)


async def all_synced(mirrors: Iterable[Mirror]) -> None:
    """Wait until each mirror has seen its collection once."""
    for mirror in mirrors:
        await mirror.synced.wait()


def _key(item: Object) -> tuple[str, str]:
    metadata = item["metadata"]
    return metadata.get("namespace", ""), metadata["name"]

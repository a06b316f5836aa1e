# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listener's objects in the cluster: LGPs and Secrets of the namespaces it serves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from ...kube import ApiError, Kube, Object, path
from ...mirror import Mirror
from . import manifests
from .control_plane import Work
from .settings import Settings

MANAGER = "langgraph-listener"
SYNC_SECONDS = 5.0


class ClusterError(Exception):
    """The cluster does not let the listener do its work; ``str()`` says what and why."""


class Cluster:
    """LGPs by watch, Secrets and LGPs by writing; one watch for each namespace that work came for."""

    def __init__(self, kube: Kube, settings: Settings, on_change: Callable[[], None]) -> None:
        """``on_change`` is called when an LGP or a Secret of ours changes."""
        self._kube, self._settings, self._on_change = kube, settings, on_change
        self._lgps: dict[str, Mirror] = {}
        self._secrets: dict[str, Mirror] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def lgp(self, work: Work) -> Object | None:
        """Return the deployment's LGP as it lives, or None. Raises ClusterError for a forbidden namespace."""
        await self._follow(manifests.namespace(work, self._settings))
        return self._lgps[manifests.namespace(work, self._settings)].get(
            manifests.namespace(work, self._settings), manifests.lgp_name(work)
        )

    def is_applied(self, work: Work, live: Object | None) -> bool:
        """Say whether the LGP and the Secret of the work's revision are there."""
        if live is None or live["metadata"].get("deletionTimestamp"):
            return False
        namespace = manifests.namespace(work, self._settings)
        secret = self._secrets[namespace].get(namespace, f"{manifests.lgp_name(work)}-secrets")
        revision = work["revision"]["id"]
        return all(item is not None and _revision(item) == revision for item in (live, secret))

    async def apply(self, work: Work) -> None:
        """Write Secrets and LGP. Raises ClusterError when the API refuses."""
        try:
            await self._apply_secret(manifests.secret(work, self._settings))
            await self._make_once(manifests.database_secret(work, self._settings, secrets.token_urlsafe(24)))
            lgp = manifests.lgp(work, self._settings)
            where = path(manifests.API_VERSION, "lgps", lgp["metadata"]["namespace"], lgp["metadata"]["name"])
            await self._kube.apply(where, lgp, MANAGER)
        except ApiError as error:
            if error.status in (400, 403, 404, 422):
                raise ClusterError(f"{error.reason or error.status}: {error}") from error
            raise

    async def remove(self, work: Work) -> bool:
        """Delete the LGP and, when it is gone, the Secrets; True when nothing is left."""
        namespace, name = manifests.namespace(work, self._settings), manifests.lgp_name(work)
        await self._follow(namespace)
        if await self._kube.delete(path(manifests.API_VERSION, "lgps", namespace, name)):
            return self._lgps[namespace].get(namespace, name) is None
        for secret in (f"{name}-secrets", manifests.database_secret_name(work)):
            await self._kube.delete(path("v1", "secrets", namespace, secret))
        return True

    async def _apply_secret(self, secret: Object) -> None:
        """Write a Secret as a whole: a variable that is no longer given must go."""
        metadata = secret["metadata"]
        where = path("v1", "secrets", metadata["namespace"], metadata["name"])
        try:
            await self._kube.replace(where, secret)
        except ApiError as error:
            if not error.is_missing:
                raise
            await self._kube.create(path("v1", "secrets", metadata["namespace"]), secret)

    async def _make_once(self, secret: Object) -> None:
        try:
            await self._kube.create(path("v1", "secrets", secret["metadata"]["namespace"]), secret)
        except ApiError as error:
            if not error.is_conflict:
                raise

    async def _follow(self, namespace: str) -> None:
        if namespace not in self._lgps:
            selector = ",".join(f"{key}={value}" for key, value in manifests.MANAGED.items())
            for mirrors, where in (
                (self._lgps, path(manifests.API_VERSION, "lgps", namespace)),
                (self._secrets, path("v1", "secrets", namespace)),
            ):
                mirrors[namespace] = Mirror(
                    self._kube, where, lambda _kind, _item: self._on_change(), labelSelector=selector
                )
                self._tasks.append(asyncio.create_task(mirrors[namespace].run()))
        for mirror in (self._lgps[namespace], self._secrets[namespace]):
            try:
                async with asyncio.timeout(SYNC_SECONDS):
                    while not mirror.synced.is_set() and not mirror.problem:
                        await asyncio.sleep(0.02)
            except TimeoutError:
                pass
            if mirror.problem:
                raise ClusterError(f"namespace {namespace} cannot be served: {mirror.problem}")


def _revision(item: Object) -> str:
    return str((item["metadata"].get("annotations") or {}).get(manifests.REVISION, ""))

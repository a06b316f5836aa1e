# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""One deployment, one step further: apply, watch, check, report."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from ...kube import Object
from ...transport import transport
from . import manifests
from .cluster import Cluster, ClusterError
from .control_plane import ControlPlane, Work
from .settings import Settings

log = logging.getLogger(__name__)

BEFORE_DEPLOYING = ("CREATING", "QUEUED", "AWAITING_BUILD", "BUILDING", "AWAITING_DEPLOY")
HOPELESS_SECONDS = 15.0


class Reconciler:
    """Takes each deployment of a round one step towards what the control plane wants."""

    def __init__(self, settings: Settings, control_plane: ControlPlane, cluster: Cluster) -> None:
        """Keep only times and what was said last: all else is in the control plane and in the cluster."""
        self._settings, self._control_plane, self._cluster = settings, control_plane, cluster
        self._began: dict[str, float] = {}
        self._said: dict[str, str] = {}
        self._http = httpx.AsyncClient(transport=transport(verify=False), timeout=5)  # asks for life, trusts nothing

    async def step(self, work: Work, namespaces: list[str] | None) -> bool:
        """Do what can be done now; True while the deployment is on its way."""
        if work["action"] == "delete":
            return await self._delete(work)
        revision = work.get("revision")
        if not revision:
            return False
        pending = revision["status"] in (*BEFORE_DEPLOYING, "DEPLOYING")
        namespace = manifests.namespace(work, self._settings)
        if pending and namespaces is not None and namespace not in namespaces:
            await self._fail(
                work, f"namespace {namespace} is not one of this listener's: {', '.join(namespaces) or 'none'}"
            )
            return False
        if not pending and revision["status"] != "DEPLOYED":
            return False
        try:
            return await self._deploy(work, pending)
        except ClusterError as error:
            if not pending:
                log.error("%s: %s", work["name"], error)
            else:
                await self._fail(work, str(error))
            return False

    async def _deploy(self, work: Work, pending: bool) -> bool:
        live = await self._cluster.lgp(work)
        if not self._cluster.is_applied(work, live):
            if pending:
                await self._advance(work)
            log.info(
                "applying LGP %s/%s, revision %s",
                manifests.namespace(work, self._settings),
                manifests.lgp_name(work),
                work["revision"]["id"],
            )
            await self._cluster.apply(work)
            return True
        if not pending:
            return False
        await self._advance(work)
        return await self._watch(work, live or {})

    async def _advance(self, work: Work) -> None:
        """Report the way to DEPLOYING."""
        revision = work["revision"]
        self._began.setdefault(revision["id"], time.monotonic())
        for status in ("QUEUED", "AWAITING_DEPLOY", "DEPLOYING"):
            if _rank(revision["status"]) < _rank(status):
                await self._control_plane.revision(revision["id"], status)
                await self._control_plane.log(
                    revision["id"], f"{status}: {work['source_revision_config'].get('image_uri')}"
                )
                revision["status"] = status

    async def _watch(self, work: Work, live: Object) -> bool:
        revision = work["revision"]["id"]
        taken = time.monotonic() - self._began[revision]
        status = live.get("status") or {}
        conditions = {item["type"]: item for item in status.get("conditions") or []}
        ready, degraded = conditions.get("Ready") or {}, conditions.get("Degraded") or {}
        current = status.get("observedGeneration") == live["metadata"]["generation"]
        url = status.get("endpoint", "")
        waiting = ready.get("message") or "the operator has not taken the LGP up yet"
        if current and ready.get("status") == "True":
            waiting = await self._health(url) if self._settings.health_check and self._settings.ingress else ""
            if not waiting:
                await self._succeed(work, url)
                return False
        if degraded.get("status") == "True":
            waiting = f"{degraded['reason']}: {degraded['message']}"
            if min(_age(degraded["lastTransitionTime"]), taken) > HOPELESS_SECONDS:
                await self._fail(work, waiting)
                return False
        if taken > self._settings.deploy_seconds:
            await self._fail(
                work, f"Deployment is not ready after {self._settings.deploy_seconds:g} seconds: {waiting}"
            )
            return False
        if self._said.get(revision) != waiting:
            self._said[revision] = waiting
            await self._control_plane.log(revision, f"waiting: {waiting}")
        return True

    async def _health(self, url: str) -> str:
        """Call the agent from outside, through the ingress; return what is wrong."""
        if not url:
            return "no address to call: the operator knows no domain"
        try:
            answer = await self._http.get(f"{url}/ok")
        except httpx.HTTPError as error:
            return f"health check {url}/ok: {error or type(error).__name__}"
        return "" if answer.status_code == HTTPStatus.OK else f"health check {url}/ok: HTTP {answer.status_code}"

    async def _succeed(self, work: Work, url: str) -> None:
        revision = work["revision"]["id"]
        await self._control_plane.deployment(work["id"], url=url or None)
        await self._control_plane.log(revision, f"DEPLOYED: {url}")
        await self._control_plane.revision(revision, "DEPLOYED")
        self._forget(revision)
        log.info("%s is DEPLOYED at %s", work["name"], url)

    async def _fail(self, work: Work, message: str) -> None:
        revision = work["revision"]["id"]
        await self._advance(work)
        await self._control_plane.log(revision, message, "ERROR")
        await self._control_plane.revision(revision, "DEPLOY_FAILED", message)
        self._forget(revision)
        log.error("%s: DEPLOY_FAILED: %s", work["name"], message)

    async def _delete(self, work: Work) -> bool:
        try:
            if not await self._cluster.remove(work):
                return True
        except ClusterError as error:
            log.error("%s cannot be deleted: %s", work["name"], error)
            return False
        await self._control_plane.deployment(work["id"], deleted=True)
        log.info("%s is deleted", work["name"])
        return False

    def _forget(self, revision: str) -> None:
        self._began.pop(revision, None)
        self._said.pop(revision, None)


def _rank(status: str) -> int:
    order = (*BEFORE_DEPLOYING, "DEPLOYING")
    return order.index(status) if status in order else len(order)


def _age(moment: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leader election by a Lease: of several operators one works, the others wait."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime

import httpx

from ...kube import ApiError, Kube, Object, path

log = logging.getLogger(__name__)

NAME = "langgraph-operator.apps.langchain.ai"
LEASE_SECONDS = 6
RENEW_SECONDS = 2.0


class Lease:
    """One candidate for a Lease."""

    def __init__(self, kube: Kube, namespace: str, identity: str) -> None:
        """Ask for nothing yet."""
        self._kube, self._namespace, self._identity = kube, namespace, identity
        self._where = path("coordination.k8s.io/v1", "leases", namespace, NAME)
        self._seen = ("", "")
        self._seen_at = 0.0

    async def acquire(self) -> None:
        """Wait until the Lease is ours. A holder that renews is left alone, a silent one is replaced."""
        said = ""
        while True:
            try:
                holder = await self._try()
            except (ApiError, httpx.HTTPError) as error:
                holder = f"unknown ({error})"
            if holder == self._identity:
                log.info("successfully acquired lease %s/%s", self._namespace, NAME)
                return
            if holder != said:
                log.info("lease %s/%s is held by %s: waiting", self._namespace, NAME, holder)
                said = holder
            await asyncio.sleep(0.5)

    async def keep(self) -> None:
        """Renew the Lease until it is lost; then return, so that the operator ends."""
        renewed = time.monotonic()
        while time.monotonic() - renewed < LEASE_SECONDS:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                if await self._try() != self._identity:
                    return
                renewed = time.monotonic()
            except (ApiError, httpx.HTTPError) as error:
                log.warning("cannot renew the lease: %s", error)

    async def release(self) -> None:
        """Give the Lease up, so that a successor need not wait for its end."""
        try:
            lease = await self._kube.get(self._where)
            if lease["spec"].get("holderIdentity") == self._identity:
                lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
                await self._kube.replace(self._where, lease)
        except (ApiError, httpx.HTTPError) as error:
            log.warning("cannot release the lease: %s", error)

    async def _try(self) -> str:
        """Take or renew the Lease if that is allowed; return the holder."""
        try:
            lease = await self._kube.get(self._where)
        except ApiError as error:
            if not error.is_missing:
                raise
            body: Object = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
            body |= {"metadata": {"name": NAME, "namespace": self._namespace}, "spec": self._spec({})}
            await self._kube.create(path("coordination.k8s.io/v1", "leases", self._namespace), body)
            return self._identity
        holder = str(lease["spec"].get("holderIdentity") or "")
        sign = holder, str(lease["spec"].get("renewTime"))
        if sign != self._seen:
            self._seen, self._seen_at = sign, time.monotonic()
        silent = time.monotonic() - self._seen_at > float(lease["spec"].get("leaseDurationSeconds") or LEASE_SECONDS)
        if holder not in ("", self._identity) and not silent:
            return holder
        lease["spec"] = self._spec(lease["spec"])
        try:
            await self._kube.replace(self._where, lease)
        except ApiError as error:
            if error.is_conflict:
                return "another candidate"
            raise
        return self._identity

    def _spec(self, before: Object) -> Object:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        mine = before.get("holderIdentity") == self._identity
        transitions = before.get("leaseTransitions", -1) + (0 if mine else 1)
        acquired = before["acquireTime"] if mine else moment
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": acquired,
            "renewTime": moment,
            "leaseTransitions": max(transitions, 0),
        }

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/manager``: the operator's process."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys

from ...kube import SERVICE_ACCOUNT, Kube
from ...mirror import all_synced
from ...paths import in_root
from ...program import run
from ...serving import plain_app, serve
from .election import Lease
from .reconcile import Reconciler
from .settings import Settings, read

log = logging.getLogger(__name__)


async def operate(settings: Settings, kube: Kube) -> int:
    """Serve health, wait for the lease, then reconcile; ends with 1 when the lease is lost."""
    log.info(
        "watching %s; %s; templates: %s",
        ", ".join(settings.namespaces) if settings.namespaces != ("",) else "all namespaces",
        f"shared Ingress {'/'.join(settings.ingress)}" if settings.ingress else f"Gateway {settings.gateway}",
        ", ".join(sorted(settings.templates)) or "none",
    )
    async with asyncio.TaskGroup() as group:
        health = group.create_task(serve(plain_app(_health), settings.health_port))
        lease = Lease(
            kube, settings.own_namespace, f"{os.environ.get('HOSTNAME') or socket.gethostname()}_{secrets.token_hex(4)}"
        )
        try:
            if settings.leader_elect:
                await lease.acquire()
            work = asyncio.create_task(_reconcile(settings, kube))
            keep = asyncio.create_task(lease.keep() if settings.leader_elect else asyncio.Event().wait())
            try:
                done, _ = await asyncio.wait({work, keep, health}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                log.error("leader election lost")
                return 1
            finally:
                for task in (work, keep):
                    task.cancel()
                await asyncio.gather(work, keep, return_exceptions=True)
                if settings.leader_elect:
                    await lease.release()
        finally:
            health.cancel()


async def _reconcile(settings: Settings, kube: Kube) -> None:
    reconciler = Reconciler(kube, settings)
    async with asyncio.TaskGroup() as group:
        for mirror in reconciler.mirrors:
            group.create_task(mirror.run())
        await all_synced(reconciler.first())
        group.create_task(reconciler.queue.run())


def _health(_method: str, path: str) -> tuple[int, str]:
    if path in ("/healthz", "/readyz"):
        return 200, "ok"
    if path == "/metrics":
        return (
            200,
            "# HELP lgp_operator_up Whether the operator runs.\n# TYPE lgp_operator_up gauge\nlgp_operator_up 1\n",
        )
    return 404, "not found"


if __name__ == "__main__":
    namespace = (in_root(SERVICE_ACCOUNT) / "namespace").read_text(encoding="utf-8").strip()
    run(operate(read(sys.argv[1:], os.environ, namespace), Kube.in_cluster("lgp-operator")))

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``traefik``: the ingress controller's process."""

from __future__ import annotations

import asyncio
import logging
import sys

import httpx

from ...kube import Kube
from ...program import run
from ...serving import App, plain_app, serve
from .cluster import Cluster
from .proxy import CONNECT_SECONDS, Proxy
from .settings import Settings, read

log = logging.getLogger(__name__)

INTERNAL = ("traefik", "metrics")


async def route(settings: Settings, kube: Kube) -> int:
    """Serve all entry points until stopped."""
    certificates = None
    if settings.tls:
        from .certificates import Certificates  # costs time to import, and many a controller needs none

        certificates = Certificates()
    cluster = Cluster(kube, settings, certificates)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50, keepalive_expiry=3)
    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as http, asyncio.TaskGroup() as group:
        group.create_task(cluster.run())
        for name, port in settings.entry_points.items():
            app: App = (
                plain_app(lambda _method, path: _internal(cluster, path))
                if name in INTERNAL
                else Proxy(cluster, http, port, tls=name in settings.tls)
            )
            tls = certificates.context if certificates and name in settings.tls else None
            group.create_task(serve(app, port, tls=tls))
            log.info("entry point %s on port %d", name, port)
        await asyncio.Event().wait()
    return 0


def _internal(cluster: Cluster, path: str) -> tuple[int, str]:
    if path == "/ping":
        return (200, "OK") if cluster.ready else (503, "not read yet")
    if path == "/metrics":
        return 200, f"# TYPE traefik_routes gauge\ntraefik_routes {len(cluster.table.routes)}\n"
    return 404, "404 page not found\n"


if __name__ == "__main__":
    run(route(read(sys.argv[1:]), Kube.in_cluster("traefik")))

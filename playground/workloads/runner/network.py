# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playground's cluster network: which name and port leads to which process, written for all processes to read."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from ..kube import Kube, Object, path
from ..mirror import Mirror
from ..names import Table, loopback

SETTLE_SECONDS = 0.02
GATEWAY = "gateway.networking.k8s.io/v1"


class Network:
    """Services, their endpoints and the host names of routes, as one table kept current by watches."""

    def __init__(self, kube: Kube, file: Path, domain: str = "cluster.local") -> None:
        """Write the table to ``file``."""
        self._file = file
        self._domain = domain
        self._changed = asyncio.Event()
        self._services = self._mirror(kube, path("v1", "services"))
        self._slices = self._mirror(kube, path("discovery.k8s.io/v1", "endpointslices"))
        self._ingresses = self._mirror(kube, path("networking.k8s.io/v1", "ingresses"))
        self._routes = self._mirror(kube, path(GATEWAY, "httproutes"))
        self._balancer: dict[int, list[str]] = {}

    def _mirror(self, kube: Kube, where: str) -> Mirror:
        return Mirror(kube, where, lambda _kind, _object: self._changed.set())

    def targets(self, port: int) -> list[str]:
        """Return ``address:port`` of the ready pods behind the load balancers' port."""
        return list(self._balancer.get(port, []))

    async def run(self) -> None:
        """Keep the table current until cancelled."""
        async with asyncio.TaskGroup() as group:
            for mirror in (self._services, self._slices, self._ingresses, self._routes):
                group.create_task(mirror.run())
            group.create_task(self._write())

    async def _write(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._changed.clear()
            table = self._table()
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(table, indent=1), encoding="utf-8")
            os.replace(fresh, self._file)

    def _table(self) -> Table:
        table: Table = {}
        balancer: dict[int, list[str]] = {}
        slices = _by_service(self._slices)
        for service in self._services:
            metadata, spec = service["metadata"], service["spec"]
            full = f"{metadata['name']}.{metadata['namespace']}.svc"
            mine = slices.get((metadata["namespace"], metadata["name"]), [])
            for port in spec.get("ports") or []:
                targets = [target for item in mine for target in _targets(item, port.get("name", ""))]
                if not targets and spec.get("clusterIP") not in (None, "", "None"):
                    targets = [f"{spec['clusterIP']}:{port['port']}"]  # nothing listens there: refused at once
                for name in (full, f"{full}.{self._domain}"):
                    table[f"{name}:{port['port']}"] = targets
                if spec.get("type") == "LoadBalancer":
                    balancer.setdefault(port["port"], []).extend(
                        target for target in targets if not target.startswith(spec["clusterIP"])
                    )
            for item in mine:
                _add_hosts(table, item, full, self._domain)
        for host in self._hosts():
            table |= {f"{host}:{port}": targets for port, targets in balancer.items()}
        self._balancer = balancer
        return table

    def _hosts(self) -> set[str]:
        hosts = {rule.get("host", "") for item in self._ingresses for rule in item["spec"].get("rules") or []}
        hosts |= {host for item in self._routes for host in item["spec"].get("hostnames") or []}
        return {host.lower() for host in hosts if host}


def _by_service(slices: Mirror) -> dict[tuple[str, str], list[Object]]:
    result: dict[tuple[str, str], list[Object]] = {}
    for item in slices:
        name = (item["metadata"].get("labels") or {}).get("kubernetes.io/service-name", "")
        result.setdefault((item["metadata"]["namespace"], name), []).append(item)
    return result


def _targets(item: Object, port_name: str) -> list[str]:
    ports = [port["port"] for port in item.get("ports") or [] if (port.get("name") or "") == port_name]
    return [
        f"{loopback(address)}:{port}"
        for endpoint in item.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready", True)
        for address in endpoint["addresses"]
        for port in ports
    ]


def _add_hosts(table: Table, item: Object, full: str, domain: str) -> None:
    """Add the names of a headless service's pods, e.g. those of a StatefulSet."""
    for endpoint in item.get("endpoints") or []:
        host = endpoint.get("hostname")
        for port in item.get("ports") or [] if host else []:
            targets = [f"{loopback(address)}:{port['port']}" for address in endpoint["addresses"]]
            for name in (f"{host}.{full}", f"{host}.{full}.{domain}"):
                table[f"{name}:{port['port']}"] = targets

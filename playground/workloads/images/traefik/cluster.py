# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the proxy knows of the cluster: routes, Services and their endpoints, kept current by watches."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import httpx

from ...kube import ApiError, Kube, Object, path
from ...mirror import Mirror, all_synced
from ...names import reachable
from .settings import Settings
from .table import Backend, Route, Table, gateway_routes, ingress_routes, is_mine

if TYPE_CHECKING:
    from .certificates import Certificates

GATEWAY = "gateway.networking.k8s.io/v1"
GATEWAY_CONTROLLER = "traefik.io/gateway-controller"
TLS_SECRETS = "type=kubernetes.io/tls"
SETTLE_SECONDS = 0.01


class Cluster:
    """Routes and endpoints; ``table`` is replaced as a whole, so that a request sees the old or the new one."""

    def __init__(self, kube: Kube, settings: Settings, certificates: Certificates | None = None) -> None:
        """Set the watches up; Secrets are read only where there are ``certificates`` to keep current."""
        self._kube, self._settings, self._certificates = kube, settings, certificates
        self.table = Table([])
        self._changed = asyncio.Event()
        spaces = settings.namespaces
        net = "networking.k8s.io/v1"
        self._services = [self._mirror(path("v1", "services", space)) for space in spaces]
        self._slices = [self._mirror(path("discovery.k8s.io/v1", "endpointslices", space)) for space in spaces]
        self._ingresses = [self._mirror(path(net, "ingresses", space)) for space in spaces] if settings.ingress else []
        self._classes = [self._mirror(path(net, "ingressclasses"))] if settings.ingress else []
        self._secrets = (
            [self._mirror(path("v1", "secrets", space), TLS_SECRETS) for space in spaces] if certificates else []
        )
        self._routes = [self._mirror(path(GATEWAY, "httproutes"))] if settings.gateway else []
        self._gateways = [self._mirror(path(GATEWAY, "gateways"))] if settings.gateway else []
        self._gateway_classes = [self._mirror(path(GATEWAY, "gatewayclasses"))] if settings.gateway else []

    def _mirror(self, where: str, fields: str = "") -> Mirror:
        selectors = {"fieldSelector": fields} if fields else {}
        return Mirror(self._kube, where, lambda _kind, _object: self._changed.set(), **selectors)

    @property
    def ready(self) -> bool:
        """Whether everything that requests depend on has been read once."""
        return all(mirror.synced.is_set() for mirror in self._needed())

    def _needed(self) -> list[Mirror]:
        return [*self._services, *self._slices, *self._ingresses, *self._classes, *self._secrets]

    async def run(self) -> None:
        """Keep the table current until cancelled."""
        async with asyncio.TaskGroup() as group:
            for mirror in [*self._needed(), *self._routes, *self._gateways, *self._gateway_classes]:
                group.create_task(mirror.run())
            await all_synced(self._needed())
            self._changed.set()
            while True:
                await self._changed.wait()
                await asyncio.sleep(SETTLE_SECONDS)
                self._changed.clear()
                self.table = Table(self._all_routes())
                if self._certificates:
                    self._certificates.update(self._mine(), (item for mirror in self._secrets for item in mirror))
                await self._publish()

    def _all_routes(self) -> list[Route]:
        routes = [route for ingress in self._mine() for route in ingress_routes(ingress)]
        routes += [route for mirror in self._routes for item in mirror for route in gateway_routes(item, self._accepts)]
        return routes

    def _mine(self) -> list[Object]:
        classes = [item for mirror in self._classes for item in mirror]
        return [
            item
            for mirror in self._ingresses
            for item in mirror
            if is_mine(item, classes, self._settings.ingress_class)
        ]

    def _accepts(self, parent: Object, route: Object) -> bool:
        """Say whether a Gateway of ours takes a route: by name, and by the namespaces its listeners allow."""
        namespace = parent.get("namespace") or route["metadata"]["namespace"]
        gateway = next((found for mirror in self._gateways if (found := mirror.get(namespace, parent["name"]))), None)
        if gateway is None or parent.get("kind", "Gateway") != "Gateway":
            return False
        classes = {
            item["metadata"]["name"]
            for mirror in self._gateway_classes
            for item in mirror
            if item["spec"].get("controllerName") == GATEWAY_CONTROLLER
        }
        if gateway["spec"].get("gatewayClassName") not in classes:
            return False
        for listener in gateway["spec"].get("listeners") or []:
            if parent.get("sectionName") not in (None, listener.get("name")):
                continue
            allowed = ((listener.get("allowedRoutes") or {}).get("namespaces") or {}).get("from", "Same")
            if allowed in ("All", "Selector") or route["metadata"]["namespace"] == namespace:
                return True
        return False

    def endpoints(self, backend: Backend) -> list[str]:
        """Return ``address:port`` of a backend's ready endpoints, in random order."""
        service = next(
            (found for mirror in self._services if (found := mirror.get(backend.namespace, backend.service))), None
        )
        ports = (service or {"spec": {}})["spec"].get("ports") or []
        port = next((item for item in ports if backend.port in (item["port"], item.get("name"))), None)
        if port is None:
            return []
        addresses: list[str] = []
        for mirror in self._slices:
            for item in mirror:
                labels = item["metadata"].get("labels") or {}
                if (
                    item["metadata"]["namespace"] == backend.namespace
                    and labels.get("kubernetes.io/service-name") == backend.service
                ):
                    addresses += _addresses(item, port.get("name") or "")
        random.shuffle(addresses)
        return addresses

    async def _publish(self) -> None:
        """Write the published Service's address into the status of our Ingresses, as Traefik does."""
        if self._settings.published_service is None:
            return
        service = next(
            (found for mirror in self._services if (found := mirror.get(*self._settings.published_service))), None
        )
        addresses = (((service or {}).get("status") or {}).get("loadBalancer") or {}).get("ingress")
        if not addresses:
            return
        wanted = [{key: item[key] for key in ("ip", "hostname") if key in item} for item in addresses]
        for ingress in self._mine():
            shown = ((ingress.get("status") or {}).get("loadBalancer") or {}).get("ingress")
            if shown == wanted:
                continue
            metadata = ingress["metadata"]
            where = path("networking.k8s.io/v1", "ingresses", metadata["namespace"], metadata["name"], "status")
            try:
                await self._kube.replace(where, {**ingress, "status": {"loadBalancer": {"ingress": wanted}}})
            except (ApiError, httpx.HTTPError):
                continue  # nothing depends on it; the next change tries again


def _addresses(item: Object, port_name: str) -> list[str]:
    ports = [port["port"] for port in item.get("ports") or [] if (port.get("name") or "") == port_name]
    return [
        f"{reachable(address)}:{port}"
        for endpoint in item.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready", True)
        for address in endpoint["addresses"]
        for port in ports
    ]

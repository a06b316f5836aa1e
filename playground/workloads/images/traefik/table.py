# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request goes where. Pure: made of objects, asked with host and path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...kube import Object

CONTROLLER = "traefik.io/ingress-controller"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
OWN_CLASS = "traefik"


@dataclass(frozen=True)
class Backend:
    """A Service's port, by number or name, with a weight among others."""

    namespace: str
    service: str
    port: int | str
    weight: int = 1


@dataclass(frozen=True)
class Route:
    """Requests for a host ("" for any, ``*.`` in front for one level of subdomains) below a path."""

    host: str
    path: str
    exact: bool
    backends: tuple[Backend, ...]

    def matches(self, host: str, path: str) -> bool:
        """Say whether a request is this route's; prefixes end at slashes."""
        if self.host.startswith("*."):
            _, _, rest = host.partition(".")
            if rest != self.host[2:]:
                return False
        elif self.host not in ("", host):
            return False
        if self.exact:
            return path == self.path
        prefix = self.path.rstrip("/")
        return path == prefix or path.startswith(f"{prefix}/")

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """Order routes: a named host before a wildcard before none, exact paths first, then the longest prefix."""
        return bool(self.host), not self.host.startswith("*."), self.exact, len(self.path)


class Table:
    """All routes, best first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Sort once; asking is then a walk."""
        self.routes = sorted(routes, key=lambda route: route.rank, reverse=True)

    def find(self, host: str, path: str) -> Route | None:
        """Return the route of a request, or None."""
        return next((route for route in self.routes if route.matches(host, path)), None)


def is_mine(ingress: Object, classes: Iterable[Object], wanted: str) -> bool:
    """Say whether an Ingress is this controller's, by Traefik's rules.

    A class by name must belong to the controller (and be ``wanted``, if that is set); else the old annotation decides.
    """
    name = ingress["spec"].get("ingressClassName")
    annotation = (ingress["metadata"].get("annotations") or {}).get(CLASS_ANNOTATION, "")
    if name is not None:
        mine = {item["metadata"]["name"] for item in classes if item["spec"].get("controller") == CONTROLLER}
        return name in mine and wanted in ("", name)
    return annotation == wanted if wanted else annotation in ("", OWN_CLASS)


def ingress_routes(ingress: Object) -> Iterable[Route]:
    """Return the routes of an Ingress."""
    namespace = ingress["metadata"]["namespace"]
    for rule in ingress["spec"].get("rules") or []:
        for item in (rule.get("http") or {}).get("paths") or []:
            if backend := _ingress_backend(namespace, item["backend"]):
                yield Route(
                    (rule.get("host") or "").lower(),
                    item.get("path") or "/",
                    item.get("pathType") == "Exact",
                    (backend,),
                )
    default = ingress["spec"].get("defaultBackend")
    if default and (backend := _ingress_backend(namespace, default)):
        yield Route("", "/", False, (backend,))


def gateway_routes(route: Object, accepts: Callable[[Object, Object], bool]) -> Iterable[Route]:
    """Return an HTTPRoute's routes, if ``accepts(parentRef, route)`` lets it attach to one of our Gateways."""
    if not any(accepts(parent, route) for parent in route["spec"].get("parentRefs") or []):
        return
    namespace = route["metadata"]["namespace"]
    for rule in route["spec"].get("rules") or []:
        backends = tuple(
            Backend(item.get("namespace") or namespace, item["name"], item["port"], item.get("weight", 1))
            for item in rule.get("backendRefs") or []
            if item.get("kind", "Service") == "Service" and item.get("port")
        )
        for match in rule.get("matches") or [{}]:
            path = match.get("path") or {}
            for host in route["spec"].get("hostnames") or [""]:
                yield Route(host.lower(), path.get("value") or "/", path.get("type") == "Exact", backends)


def _ingress_backend(namespace: str, backend: Object) -> Backend | None:
    service = backend.get("service")
    if not service:
        return None
    port = service.get("port") or {}
    return Backend(namespace, service["name"], port.get("number") or port.get("name") or 80)

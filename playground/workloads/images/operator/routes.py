# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent's way in: its path on the shared Ingress, or a route of its own on a Gateway."""

from __future__ import annotations

import copy
from typing import Any

from ...kube import Kube, Object, path
from . import desired
from .settings import Gateway, Settings

SHARED = "lgp-operator.io/shared-ingress"
INGRESS = "networking.k8s.io/v1"
GATEWAY_ROUTES = {
    "gateway": ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
    "istio": ("networking.istio.io/v1", "VirtualService", "virtualservices"),
}


class RouteError(Exception):
    """An agent cannot be routed to as things are; ``reason`` is the condition's, ``str()`` says what and why."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the condition's two parts."""
        super().__init__(message)
        self.reason = reason


def ingress_with(ingress: Object, lgp: Object, settings: Settings) -> Object:
    """Return the Ingress's spec with the agent's path; the paths of others stay as they are.

    Raises RouteError when the Ingress may not be used for this agent.
    """
    metadata = ingress["metadata"]
    where = f"Ingress {metadata['namespace']}/{metadata['name']}"
    # The langgraph-dataplane chart sets it, the langsmith chart does not: only a no is a no.
    if (metadata.get("annotations") or {}).get(SHARED, "true") != "true":
        raise RouteError("IngressNotShared", f'{where} is not to be shared: its annotation {SHARED} is not "true"')
    if metadata["namespace"] != lgp["metadata"]["namespace"]:
        raise RouteError(
            "OtherNamespace",
            f"{where} cannot lead to a Service of namespace {lgp['metadata']['namespace']}: an Ingress reaches its own "
            "namespace only; put the shared Ingress there, or use a Gateway",
        )
    spec: Object = copy.deepcopy(ingress.get("spec") or {})
    wanted = _path(lgp, settings)
    rules = spec["rules"] = spec.get("rules") or []
    rule = next((item for item in rules if (item.get("host") or "") == settings.domain), None)
    if rule is None:
        rule = {"host": settings.domain} if settings.domain else {}
        rules.append(rule)
    http = rule.get("http") or {}
    paths = http.get("paths") or []
    paths = [item for item in paths if item.get("path") != wanted["path"]] if wanted not in paths else paths
    rule["http"] = http | {"paths": paths if wanted in paths else [*paths, wanted]}
    return spec


def ingress_without(ingress: Object, lgp: Object, settings: Settings) -> Object:
    """Return the Ingress's spec without the agent's path."""
    spec: Object = copy.deepcopy(ingress.get("spec") or {})
    gone = settings.prefix(desired.name(lgp))
    for rule in spec.get("rules") or []:
        http = rule.get("http") or {}
        paths = [item for item in http.get("paths") or [] if item.get("path") != gone]
        if paths:
            http["paths"] = paths
        else:
            rule.pop("http", None)
    spec["rules"] = [rule for rule in spec.get("rules") or [] if rule.get("http")] or spec.get("rules") or []
    return spec


def gateway_route(lgp: Object, settings: Settings, gateway: Gateway) -> Object:
    """Return the agent's HTTPRoute or VirtualService."""
    version, kind, _ = GATEWAY_ROUTES[gateway.kind]
    namespace, prefix = lgp["metadata"]["namespace"], settings.prefix(desired.name(lgp))
    hosts = [settings.domain] if settings.domain else []
    spec: dict[str, Any]
    if gateway.kind == "gateway":
        match = {"path": {"type": "PathPrefix", "value": prefix}}
        spec = {
            "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace or namespace}],
            "rules": [{"matches": [match], "backendRefs": [{"name": desired.name(lgp), "port": desired.PORT}]}],
        }
        if hosts:
            spec["hostnames"] = hosts
    else:
        destination = {
            "host": f"{desired.name(lgp)}.{namespace}.svc.{settings.cluster_domain}",
            "port": {"number": desired.PORT},
        }
        spec = {
            "hosts": hosts or ["*"],
            "gateways": [f"{gateway.namespace}/{gateway.name}" if gateway.namespace else gateway.name],
            "http": [{"match": [{"uri": {"prefix": prefix}}], "route": [{"destination": destination}]}],
        }
    metadata = {"name": desired.name(lgp), "namespace": namespace, "labels": {desired.LABEL: desired.name(lgp)}}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": metadata | {"ownerReferences": [desired.owner(lgp)]},
        "spec": spec,
    }


async def write_ingress(kube: Kube, ingress: Object, spec: Object) -> bool:
    """Write an Ingress's rules if they change. A write of others in between is not lost: conflict, try again."""
    if (ingress.get("spec") or {}).get("rules") == spec.get("rules"):
        return False
    metadata = ingress["metadata"]
    body = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "spec": {"rules": spec["rules"]}}
    await kube.patch(path(INGRESS, "ingresses", metadata["namespace"], metadata["name"]), body)
    return True


def _path(lgp: Object, settings: Settings) -> Object:
    service = {"name": desired.name(lgp), "port": {"number": desired.PORT}}
    return {"path": settings.prefix(desired.name(lgp)), "pathType": "Prefix", "backend": {"service": service}}

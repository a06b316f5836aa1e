# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenShift's part in a playground: makes Routes of Ingresses of its class, and admits each hostname for one namespace.

As OpenShift's own controllers do: a Route for each path whose Service names the port, TLS at the edge where the Ingress
has an entry for it, and the oldest claim of a hostname wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.integration.site.helpers import MERGE, again_and_again

CONTROLLER = "openshift.io/ingress-to-route"
ROUTES = "/apis/route.openshift.io/v1"
NETWORKING = "/apis/networking.k8s.io/v1"
Object = dict[str, Any]


@contextmanager
def at_work(api: httpx.Client) -> Iterator[None]:
    """Have OpenShift look after Ingresses and Routes meanwhile."""

    def work() -> None:
        try:
            make_routes(api)
            admit_routes(api)
        except httpx.HTTPStatusError as error:
            if error.response.status_code not in (httpx.codes.CONFLICT, httpx.codes.NOT_FOUND):
                raise  # else somebody was faster; it is looked at again

    with again_and_again(work, 0.2):
        yield


def make_routes(api: httpx.Client) -> None:
    """Make what is missing of the Routes of all Ingresses."""
    classes = {
        item["metadata"]["name"]
        for item in items(api, f"{NETWORKING}/ingressclasses")
        if item["spec"]["controller"] == CONTROLLER
    }
    there = [
        (route["metadata"]["namespace"], route["spec"]["host"], route["spec"].get("path"))
        for route in items(api, f"{ROUTES}/routes")
    ]
    for ingress in items(api, f"{NETWORKING}/ingresses"):
        namespace = ingress["metadata"]["namespace"]
        if ingress["spec"].get("ingressClassName") not in classes:
            continue
        for rule in ingress["spec"].get("rules") or []:
            for path in rule["http"]["paths"]:
                port = target_port(api, namespace, path["backend"]["service"])
                if rule.get("host") and port and (namespace, rule["host"], path["path"]) not in there:
                    made = route(ingress, rule["host"], path, port)
                    api.post(f"{ROUTES}/namespaces/{namespace}/routes", json=made).raise_for_status()


def route(ingress: Object, host: str, path: Object, port: int | str) -> Object:
    """Return the Route of one path."""
    metadata = ingress["metadata"]
    owner = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": metadata["name"], "uid": metadata["uid"]}
    edge = {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}
    return {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": {
            "generateName": f"{metadata['name']}-",
            "annotations": metadata.get("annotations", {}),
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {
            "host": host,
            "path": path["path"],
            "port": {"targetPort": port},
            "to": {"kind": "Service", "name": path["backend"]["service"]["name"], "weight": 100},
            **({"tls": edge} if ingress["spec"].get("tls") else {}),
        },
    }


def target_port(api: httpx.Client, namespace: str, backend: Object) -> int | str | None:
    """Return the port's name or target in the Service, None where the Service does not name the port."""
    service = api.get(f"/api/v1/namespaces/{namespace}/services/{backend['name']}")
    ports = service.json()["spec"].get("ports", []) if service.is_success else []
    wanted: int | str = backend["port"].get("number") or backend["port"]["name"]
    return next(
        (port.get("name") or port["targetPort"] for port in ports if wanted in (port["port"], port.get("name"))), None
    )


def admit_routes(api: httpx.Client) -> None:
    """Tell of each new Route whether the router takes it."""
    owners: dict[str, str] = {}
    for found in sorted(items(api, f"{ROUTES}/routes"), key=lambda item: item["metadata"]["creationTimestamp"]):
        metadata, host = found["metadata"], found["spec"]["host"]
        owner = owners.setdefault(host, metadata["namespace"])
        if "status" in found:
            continue
        said = {"type": "Admitted", "status": "True"}
        if owner != metadata["namespace"]:
            message = f"a route in another namespace holds {host}"
            said = {"type": "Admitted", "status": "False", "reason": "HostAlreadyClaimed", "message": message}
        status = {"ingress": [{"routerName": "default", "host": host, "conditions": [said]}]}
        path = f"{ROUTES}/namespaces/{metadata['namespace']}/routes/{metadata['name']}/status"
        api.patch(path, json={"status": status}, headers=MERGE).raise_for_status()


def items(api: httpx.Client, collection: str) -> list[Object]:
    """Return the objects of a collection."""
    found: list[Object] = api.get(collection).raise_for_status().json()["items"]
    return found

# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until OpenShift's router has admitted the Routes that are made of an Ingress, and says why it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    Object,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import ROUTE
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MAY_PASS, TimedOut
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, wait_until

_REMEDIES = {
    "HostAlreadyClaimed": "Another namespace has a Route for this hostname (kubectl get routes -A): remove it, or take "
    "another hostname.",
    "ExtendedValidationFailed": "Look at the certificate in the Secret that the Ingress names.",
}


class NotAdmitted(TimedOut):
    """Routes that were waited for are not admitted."""


def routes_admitted(task: Task) -> Outcome:
    """Open the connection and wait."""
    options = task.options
    with connected(Connection.of(options)) as server:
        routes = wait(server, options["namespace"], options["ingress"], options["timeout"])
    return Outcome(result={"routes": [_result(route) for route in routes]})


def wait(server: ApiServer, namespace: str, ingress: str, timeout: float) -> Sequence[Object]:
    """Return the Routes of an Ingress once all are admitted; one that is refused ends the wait."""
    waited = wait_until(
        lambda: made_of(server.list(ROUTE.collection(namespace)), ingress),
        lambda routes: bool(routes) and (_all_admitted(routes) or any(map(_refusal, routes))),
        Deadline(timeout),
        passing=MAY_PASS,
    )
    if waited.value and _all_admitted(waited.value):
        return waited.value
    refused = next((route for route in waited.value if _refusal(route)), None)
    if refused is not None:
        reason, look = _refusal(refused), f"Look at it: kubectl describe route {name(refused)} -n {namespace}"
        raise NotAdmitted(
            f"OpenShift's router does not admit Route {namespace}/{name(refused)} for {_address(refused)}.",
            cause=": ".join(filter(None, (reason.get("reason"), reason.get("message")))),
            remedy=_REMEDIES.get(reason.get("reason", ""), look),
        )
    if waited.value:
        raise NotAdmitted(
            f"No router has admitted the Routes of Ingress {namespace}/{ingress} within {timeout:g} s.",
            cause="No router serves this namespace, or its labels (an IngressController with a selector).",
            remedy="Look at the routers: kubectl get ingresscontrollers -n openshift-ingress-operator",
        )
    raise NotAdmitted(
        f"OpenShift has made no Route of Ingress {namespace}/{ingress} within {timeout:g} s.",
        cause="Its class is not served by openshift.io/ingress-to-route, or a Secret that its tls names is missing.",
        remedy=f"Look at the Ingress: kubectl describe ingress {ingress} -n {namespace}",
    )


def made_of(routes: Sequence[Object], ingress: str) -> list[Object]:
    """Return the Routes that OpenShift has made of an Ingress."""
    return [
        route
        for route in routes
        if any(
            owner["kind"] == "Ingress" and owner["name"] == ingress
            for owner in route["metadata"].get("ownerReferences") or []
        )
    ]


def _conditions(route: Object) -> list[Mapping[str, Any]]:
    """Return what each router says of the admission."""
    return [
        condition
        for router in (route.get("status") or {}).get("ingress") or []
        for condition in router.get("conditions") or []
        if condition.get("type") == "Admitted"
    ]


def _all_admitted(routes: Sequence[Object]) -> bool:
    return all(any(said["status"] == "True" for said in _conditions(route)) for route in routes)


def _refusal(route: Object) -> Mapping[str, Any]:
    """Return the condition by which a Route is refused, where no other router admits it; {} where it is not."""
    said = _conditions(route)
    if any(condition["status"] == "True" for condition in said):
        return {}
    return next((condition for condition in said if condition["status"] == "False"), {})


def _address(route: Object) -> str:
    return f"{route['spec'].get('host', '')}{route['spec'].get('path', '')}"


def _result(route: Object) -> dict[str, Any]:
    spec = route["spec"]
    return {
        "name": name(route),
        "host": spec.get("host", ""),
        "path": spec.get("path", ""),
        "service": spec["to"]["name"],
        "termination": (spec.get("tls") or {}).get("termination", ""),
    }

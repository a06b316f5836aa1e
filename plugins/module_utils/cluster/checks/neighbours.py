# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of other installations around a data plane: who holds its hostname, its queue, and who reads its logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import SHARED_INGRESS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    helm_owner,
    labels_of,
    marked,
    name,
    namespace,
)

_PLATFORMS = ("langsmith", "langgraph-dataplane")


def hostname_taken(situation: Situation) -> Iterator[Finding]:
    """Find who else leads the hostname somewhere from another namespace: an Ingress reaches its own one only."""
    entry = situation.wanted.entry
    if not entry or not entry["hostname"] or situation.wanted.gateway:
        return
    for thing in situation.seen.ingresses or ():
        hosts = {rule.get("host") for rule in (thing.get("spec") or {}).get("rules") or []}
        if entry["hostname"] not in hosts or _is_ours(thing, situation):
            continue
        agents = marked(thing, SHARED_INGRESS) or labels_of(thing).get("app.kubernetes.io/name") in _PLATFORMS
        yield (Finding.error if agents else Finding.warning)(
            "hostname_taken",
            f"{entry['hostname']} is led to namespace {namespace(thing)} already, by Ingress "
            f"{namespace(thing)}/{name(thing)}.",
            why="Agents of other namespaces would need a second Ingress for the same hostname; some controllers join "
            "the two, others take the older one only.",
            remedy="Use a Gateway for both (ingress_mode: gateway, or istio), or a hostname of its own "
            "(ingress_hostname).",
        )


def route_taken(situation: Situation) -> Iterator[Finding]:
    """Find a Route of another namespace that holds the hostname: OpenShift's router gives a host to one namespace."""
    entry = situation.wanted.entry
    if not entry or situation.wanted.ingress_mode != "openshift":
        return
    holders = sorted(
        f"{namespace(thing)}/{name(thing)}"
        for thing in situation.seen.routes or ()
        if (thing.get("spec") or {}).get("host") == entry["hostname"] and namespace(thing) not in entry["namespaces"]
    )
    if holders:
        yield Finding.error(
            "route_taken",
            f"{entry['hostname']} belongs to Route {holders[0]}.",
            why="OpenShift's router admits a hostname for the first namespace that claims it; Routes of others stay "
            "unadmitted (HostAlreadyClaimed).",
            remedy="Take another hostname (ingress_hostname), remove that Route, or let the router share hostnames "
            "among namespaces (namespaceOwnership: InterNamespaceAllowed) and ignore this check.",
        )


def openshift_routes(situation: Situation) -> Iterator[Finding]:
    """Demand that the cluster knows Routes where an Ingress is to become some."""
    kinds = situation.seen.route_kinds
    if situation.wanted.ingress_mode == "openshift" and kinds is not None and "Route" not in kinds:
        yield Finding.error(
            "openshift_routes",
            "The cluster does not know Route of route.openshift.io.",
            why="ingress_mode is openshift, and only OpenShift makes Routes of an Ingress.",
            remedy="Check the kubeconfig's context, or use another ingress_mode.",
        )


def queue_taken(situation: Situation) -> Iterator[Finding]:
    """Find another listener that works the same queue in the same Redis."""
    queues = list(situation.seen.queues or ())
    own = next((queue for queue in queues if not queue.listener), None)
    if own is None:
        return
    for queue in queues:
        same = queue.listener and (queue.name, queue.redis) == (own.name, own.redis)
        if not same or situation.ours(queue.release):
            continue
        yield Finding.error(
            "queue_taken",
            f"The listener {queue.listener} works the queue {queue.name} in Redis {queue.redis}.",
            why="Two listeners would take each other's jobs, and deployments of the one would be lost to the other.",
            remedy="Name another queue (listener_queue), or another database or Redis (redis_url).",
        )


def log_reader_present(situation: Situation) -> Iterator[Finding]:
    """Demand the account that is to read agents' logs."""
    wanted, readers = situation.wanted.log_reader, situation.seen.log_readers
    if wanted and readers is not None and not readers:
        yield Finding.error(
            "log_reader_present",
            f"There is no ServiceAccount {wanted['namespace']}/{wanted['name']}.",
            why="It is to read the agents' logs (listener_log_reader); the right would be given to nobody.",
            remedy="Name the ServiceAccount of the control plane's host-backend, in this cluster: kubectl get "
            f"serviceaccounts -n {wanted['namespace']}. Logs of another cluster cannot be read.",
        )


def _is_ours(ingress: Mapping[str, Any], situation: Situation) -> bool:
    return namespace(ingress) in (situation.wanted.entry or {})["namespaces"] or situation.ours(helm_owner(ingress))

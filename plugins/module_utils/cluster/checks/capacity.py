# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of room: nodes, quotas, limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.quantities import amount, readable
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.reading import MOST_PODS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name, namespace

_COUNTED = ("cpu", "memory")


def spare_capacity(situation: Situation) -> Iterator[Finding]:
    """Compare what will be requested with what schedulable nodes have to spare."""
    seen, requests = situation.seen, situation.wanted.requests
    new = situation.nothing_asked() or situation.to_install()
    if not requests or not new or seen.nodes is None or seen.pods is None or len(seen.pods) >= MOST_PODS:
        return
    spare = spare_by_node(situation)
    for resource in _COUNTED:
        wanted, free = amount(requests.get(resource)), sum((node[resource] for node in spare.values()), Decimal(0))
        if wanted <= free:
            continue
        what = (
            f"{readable(wanted, resource)} {resource} will be requested, and the {len(spare)} schedulable nodes have "
            f"{readable(max(free, Decimal(0)), resource)} to spare."
        )
        why = "Pods that find no room stay Pending (requests count, not use)."
        if seen.autoscalers:
            yield Finding.warning(
                "spare_capacity",
                what,
                why=f"{why} The cluster has an autoscaler ({name(seen.autoscalers[0])}), which may add nodes; that "
                "takes minutes.",
                remedy="Nothing, if the autoscaler's limits allow for it; else raise them.",
            )
        else:
            yield Finding.error(
                "spare_capacity",
                what,
                why=why,
                remedy="Add nodes, or ask for less (listener_resources, operator_resources, redis_resources).",
            )


def spare_by_node(situation: Situation) -> dict[str, dict[str, Decimal]]:
    """Return what each schedulable node has left: allocatable less the requests of its pods."""
    spare = {
        name(node): {
            resource: amount(((node.get("status") or {}).get("allocatable") or {}).get(resource))
            for resource in _COUNTED
        }
        for node in situation.seen.nodes or ()
        if _schedulable(node)
    }
    for pod in situation.seen.pods or ():
        node = (pod.get("spec") or {}).get("nodeName")
        if node in spare:
            for resource in _COUNTED:
                spare[node][resource] -= pod_requests(pod)[resource]
    return spare


def pod_requests(pod: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return what the scheduler counts for a pod: its containers together, or its largest init container."""
    spec = pod.get("spec") or {}
    total: dict[str, Decimal] = defaultdict(Decimal)
    for resource in _COUNTED:
        together = sum((_request(container, resource) for container in spec.get("containers") or []), Decimal(0))
        largest = max(
            (_request(container, resource) for container in spec.get("initContainers") or []), default=Decimal(0)
        )
        total[resource] = max(together, largest) + amount((spec.get("overhead") or {}).get(resource))
    return total


def _request(container: Mapping[str, Any], resource: str) -> Decimal:
    return amount(((container.get("resources") or {}).get("requests") or {}).get(resource))


def _schedulable(node: Mapping[str, Any]) -> bool:
    spec = node.get("spec") or {}
    ready = any(
        entry.get("type") == "Ready" and entry.get("status") == "True"
        for entry in (node.get("status") or {}).get("conditions") or []
    )
    tainted = any(taint.get("effect") in ("NoSchedule", "NoExecute") for taint in spec.get("taints") or [])
    return ready and not spec.get("unschedulable") and not tainted


def quota_exceeded(situation: Situation) -> Iterator[Finding]:
    """Compare what will be requested with what quotas of the release's namespaces leave."""
    requests = situation.wanted.requests
    targets = {component.release.namespace for component in situation.to_install() if component.release}
    for quota in situation.seen.quotas or ():
        if namespace(quota) not in targets:
            continue
        hard, used = ((quota.get("status") or {}).get(part) or {} for part in ("hard", "used"))
        for resource in _COUNTED:
            key = next((key for key in (f"requests.{resource}", resource) if key in hard), None)
            wanted = amount(requests.get(resource))
            left = amount(hard.get(key)) - amount(used.get(key)) if key else wanted
            if wanted > left:
                yield Finding.error(
                    "quota_exceeded",
                    f"ResourceQuota {namespace(quota)}/{name(quota)} leaves "
                    f"{readable(max(left, Decimal(0)), resource)} of {key}, "
                    f"and {readable(wanted, resource)} will be requested.",
                    why="Pods beyond a quota are not made at all; only an event says so.",
                    remedy=f"Raise {key} in the quota, or ask for less.",
                )
        if (amount(hard.get("pods")) - amount(used.get("pods")) <= 0) and "pods" in hard:
            yield Finding.error(
                "quota_exceeded",
                f"ResourceQuota {namespace(quota)}/{name(quota)} leaves no more pods.",
                why="Pods beyond a quota are not made at all; only an event says so.",
                remedy="Raise pods in the quota.",
            )


def limit_range(situation: Situation) -> Iterator[Finding]:
    """Warn of limits a container that are lower than what one will ask for."""
    requests = situation.wanted.requests
    for entry in situation.seen.limit_ranges or ():
        for limit in (entry.get("spec") or {}).get("limits") or []:
            for resource in _COUNTED:
                most = (limit.get("max") or {}).get(resource)
                if limit.get("type") == "Container" and most and amount(requests.get(resource)) > amount(most):
                    yield Finding.warning(
                        "limit_range",
                        f"LimitRange {namespace(entry)}/{name(entry)} allows a container at most {most} {resource}.",
                        why=f"In all {requests[resource]} will be requested; a single container that asks for more "
                        f"than {most} is refused.",
                        remedy="Raise the LimitRange, or keep each container's resources below it.",
                    )

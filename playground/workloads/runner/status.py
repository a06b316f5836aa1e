# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pod's status as the API shows it, computed from its containers' states."""

from __future__ import annotations

from typing import Protocol

from ..kube import Object
from .clock import now


class ContainerState(Protocol):
    """What the status of a pod needs to know of a container."""

    @property
    def spec(self) -> Object:
        """The container of the pod's spec."""

    @property
    def state(self) -> Object:
        """``{"waiting": …}``, ``{"running": …}`` or ``{"terminated": …}``."""

    @property
    def ready(self) -> bool:
        """Whether its readiness probe (or, without one, its start) succeeded."""

    def status(self) -> Object:
        """Return its entry for ``containerStatuses``."""


def phase(main: list[ContainerState], init: list[ContainerState], policy: str) -> str:
    """Return Pending, Running, Succeeded or Failed."""
    codes = [item.state["terminated"]["exitCode"] for item in main if "terminated" in item.state]
    for item in init:
        if policy == "Never" and item.state.get("terminated", {}).get("exitCode"):
            return "Failed"
    if main and len(codes) == len(main) and policy != "Always":
        if all(code == 0 for code in codes):
            return "Succeeded"
        if policy == "Never":
            return "Failed"
    if all("waiting" in item.state and not item.status()["restartCount"] for item in main):
        return "Pending"
    return "Running"


def pod_status(
    pod: Object,
    main: list[ContainerState],
    init: list[ContainerState],
    addresses: dict[str, str],
    started: str,
    ending: bool,
) -> Object:
    """Return the whole status that the runner owns; conditions keep their transition time while they do not change."""
    policy = pod["spec"].get("restartPolicy") or "Always"
    where = phase(main, init, policy)
    finished = where in ("Succeeded", "Failed")
    initialized = all(_done(item) for item in init)
    unready = [item.spec["name"] for item in main if not item.ready or ending]
    why = (
        ("PodCompleted", "")
        if finished
        else ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    )
    uninitialized = [item.spec["name"] for item in init if not _done(item)]
    wanted = [
        ("PodReadyToStartContainers", not finished, "", ""),
        (
            "Initialized",
            initialized,
            *_why(
                not initialized,
                ("ContainersNotInitialized", f"containers with incomplete status: [{' '.join(uninitialized)}]"),
            ),
        ),
        ("Ready", not unready and not finished, *_why(bool(unready) or finished, why)),
        ("ContainersReady", not unready and not finished, *_why(bool(unready) or finished, why)),
    ]
    conditions = [
        item for item in (pod.get("status") or {}).get("conditions") or [] if item["type"] not in {w[0] for w in wanted}
    ]
    before = {item["type"]: item for item in (pod.get("status") or {}).get("conditions") or []}
    for kind, good, reason, message in wanted:
        conditions.append(_condition(before.get(kind), kind, good, reason, message))
    result: Object = {
        "phase": where,
        "conditions": conditions,
        "hostIP": addresses["hostIP"],
        "hostIPs": [{"ip": addresses["hostIP"]}],
        "podIP": addresses["podIP"],
        "podIPs": [{"ip": addresses["podIP"]}],
        "startTime": started,
        "containerStatuses": [item.status() for item in main],
    }
    if init:
        result["initContainerStatuses"] = [item.status() for item in init]
    return result


def _done(item: ContainerState) -> bool:
    if item.spec.get("restartPolicy") == "Always":
        return bool(item.status().get("started"))
    return bool(item.state.get("terminated", {}).get("exitCode") == 0)


def _why(needed: bool, why: tuple[str, str]) -> tuple[str, str]:
    return why if needed else ("", "")


def _condition(before: Object | None, kind: str, good: bool, reason: str, message: str) -> Object:
    value = "True" if good else "False"
    same = before is not None and before["status"] == value
    result = {"type": kind, "status": value, "lastProbeTime": None}
    result["lastTransitionTime"] = before["lastTransitionTime"] if before is not None and same else now()
    if reason:
        result |= {"reason": reason, "message": message}
    return result

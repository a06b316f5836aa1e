# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an LGP is doing, read off its objects. Pure: no request is made here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...kube import Object

REVISION = "deployment.kubernetes.io/revision"
CRASHES = 2
WAITING_PROBLEMS = (
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
)


@dataclass(frozen=True)
class Fact:
    """A condition's content."""

    kind: str
    good: bool
    reason: str
    message: str


def availability(deployment: Object | None) -> Fact:
    """Say whether the server's Deployment runs what it should, everywhere."""
    kind = "DeploymentAvailable"
    if deployment is None:
        return Fact(kind, False, "Creating", "the Deployment does not exist yet")
    status, wanted = deployment.get("status") or {}, deployment["spec"].get("replicas", 1)
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        return Fact(kind, False, "Progressing", "the Deployment's change has not been taken up yet")
    updated, available, total = (status.get(key, 0) for key in ("updatedReplicas", "availableReplicas", "replicas"))
    if updated == wanted == available and total == wanted:
        return Fact(kind, True, "Available", f"{available} of {wanted} replicas are available")
    return Fact(kind, False, "Progressing", f"{available} of {wanted} replicas are available, {updated} are up to date")


def current(pods: Iterable[Object], sets: Iterable[Object]) -> list[Object]:
    """Return the pods that are meant to stay: those of a Deployment's older ReplicaSets are on their way out."""
    newest: dict[str, Object] = {}
    uids = set()
    for item in sets:
        uids.add(item["metadata"]["uid"])
        for owner in item["metadata"].get("ownerReferences") or []:
            if owner["uid"] not in newest or _revision(item) > _revision(newest[owner["uid"]]):
                newest[owner["uid"]] = item
    old = uids - {item["metadata"]["uid"] for item in newest.values()}
    return [pod for pod in pods if not old & {owner["uid"] for owner in pod["metadata"].get("ownerReferences") or []}]


def trouble(pods: Iterable[Object]) -> Fact:
    """Name the first pod that cannot run, with the kubelet's words."""
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        status, name = pod.get("status") or {}, pod["metadata"]["name"]
        for item in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
            if found := _container_trouble(item):
                return Fact("Degraded", True, found[0], f"pod {name}, container {item['name']}: {found[1]}")
        for condition in status.get("conditions") or []:
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                reason = condition.get("reason", "Unschedulable")
                return Fact("Degraded", True, reason, f"pod {name}: {condition.get('message', '')}")
    return Fact("Degraded", False, "AsExpected", "")


def _container_trouble(item: Object) -> tuple[str, str] | None:
    """Return reason and message; a container that keeps crashing is in trouble also while it runs."""
    waiting = (item.get("state") or {}).get("waiting") or {}
    code = ((item.get("lastState") or {}).get("terminated") or {}).get("exitCode")
    if code and item.get("restartCount", 0) >= CRASHES and not item.get("ready"):
        return "CrashLoopBackOff", f"ended with exit code {code}, restarted {item['restartCount']} times"
    if waiting.get("reason") in WAITING_PROBLEMS:
        return waiting["reason"], waiting.get("message") or waiting["reason"]
    return None


def status(
    lgp: Object, facts: list[Fact], deployment: Object | None, sets: Iterable[Object], endpoint: str, moment: str
) -> Object:
    """Return the LGP's status; conditions keep their transition time while they do not change."""
    generation = lgp["metadata"]["generation"]
    before = {item["type"]: item for item in (lgp.get("status") or {}).get("conditions") or []}
    result: Object = {
        "observedGeneration": generation,
        "conditions": [_condition(fact, before.get(fact.kind), generation, moment) for fact in facts],
    }
    if endpoint:
        result["endpoint"] = endpoint
    if deployment is not None:
        result["deploymentStatus"] = _deployment_status(deployment, lgp, moment)
        newest = _newest(deployment, sets)
        available = any(fact.good for fact in facts if fact.kind == "DeploymentAvailable")
        successful = newest if available else (lgp.get("status") or {}).get("lastSuccessfulReplicaSet")
        if newest:
            result["lastCreatedReplicaSet"] = newest
        if successful:
            result["lastSuccessfulReplicaSet"] = successful
    return result


def _deployment_status(deployment: Object, lgp: Object, moment: str) -> Object:
    status = deployment.get("status") or {}
    keys = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")
    result: Object = {key: status.get(key, 0) for key in keys}
    revision = (deployment["metadata"].get("annotations") or {}).get(REVISION, "")
    result["updateRevision"] = revision
    before = (lgp.get("status") or {}).get("deploymentStatus") or {}
    same = before.get("updateRevision") == revision and before.get("lastUpdateTime")
    result["lastUpdateTime"] = before["lastUpdateTime"] if same else moment
    return result


def _newest(deployment: Object, sets: Iterable[Object]) -> Object | None:
    """Return a reference to the Deployment's newest ReplicaSet."""
    uid = deployment["metadata"]["uid"]
    own = [item for item in sets if any(ref["uid"] == uid for ref in item["metadata"].get("ownerReferences") or [])]
    if not own:
        return None
    newest = max(own, key=_revision)
    metadata = newest["metadata"]
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet"} | {
        key: metadata[key] for key in ("name", "namespace", "uid")
    }


def _revision(item: Object) -> int:
    return int((item["metadata"].get("annotations") or {}).get(REVISION, 0))


def _condition(fact: Fact, before: Object | None, generation: int, moment: str) -> Object:
    value = "True" if fact.good else "False"
    same = before is not None and before["status"] == value and before["reason"] == fact.reason
    return {
        "type": fact.kind,
        "status": value,
        "reason": fact.reason,
        "message": fact.message[:1000],
        "observedGeneration": generation,
        "lastTransitionTime": before["lastTransitionTime"] if before is not None and same else moment,
    }

# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness of workloads, by rules per kind. Pure: an object in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Readiness:
    """Whether a workload is ready.

    Attributes:
        ready: It is, with all replicas of its newest revision.
        have: Replicas that are ready and up to date.
        want: Replicas asked for.
        why: What is missing, "" when ready.
        final: It failed and waiting will not help.
    """

    ready: bool
    have: int
    want: int
    why: str = ""
    final: bool = False


MISSING = Readiness(ready=False, have=0, want=1, why="does not exist")


def readiness(kind: str, thing: Object | None) -> Readiness:
    """Return the readiness of an object of a kind that :data:`RULES` knows; None is an object that is not there."""
    if thing is None:
        return MISSING
    if thing["metadata"].get("deletionTimestamp"):
        return Readiness(ready=False, have=0, want=1, why="is being deleted")
    return RULES[kind](thing)


def condition(thing: Object, kind: str) -> Object:
    """Return a condition of an object's status, {} where it has none of that type."""
    for entry in (thing.get("status") or {}).get("conditions") or []:
        if entry.get("type") == kind:
            return dict(entry)
    return {}


def _counted(want: int, have: int, why: str, *, final: bool = False) -> Readiness:
    return Readiness(ready=not why, have=max(0, min(have, want)), want=want, why=why, final=final)


def _seen(thing: Object) -> bool:
    """Whether the controller has acted on the newest change."""
    return int((thing.get("status") or {}).get("observedGeneration") or 0) >= int(
        thing["metadata"].get("generation") or 0
    )


def deployment(thing: Object) -> Readiness:
    """All replicas are of the newest revision and available, and none of an older one is left."""
    want = _replicas(thing)
    status = thing.get("status") or {}
    updated, available, total = (
        int(status.get(key) or 0) for key in ("updatedReplicas", "availableReplicas", "replicas")
    )
    have = min(updated, available)
    if not _seen(thing):
        return _counted(want, 0, "its newest change has not been acted on yet")
    failure = condition(thing, "ReplicaFailure")
    if failure.get("status") == "True" and updated < want:
        return _counted(want, have, f"pods cannot be made: {failure.get('message', '')}")
    if (thing.get("spec") or {}).get("paused"):
        return _counted(want, have, "its roll-out is paused" if have < want else "")
    if updated < want or available < want:
        return _counted(want, have, f"{have} of {want} ready")
    return _counted(want, have, f"{total - updated} old pods are still there" if total > updated else "")


def stateful_set(thing: Object) -> Readiness:
    """All replicas are ready, and those above the partition are of the newest revision."""
    want = _replicas(thing)
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    strategy = spec.get("updateStrategy") or {}
    ready, updated = int(status.get("readyReplicas") or 0), int(status.get("updatedReplicas") or 0)
    if not _seen(thing):
        return _counted(want, 0, "its newest change has not been acted on yet")
    if ready < want:
        return _counted(want, ready, f"{ready} of {want} ready")
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    rolling = strategy.get("type", "RollingUpdate") == "RollingUpdate"
    if rolling and status.get("currentRevision") != status.get("updateRevision") and updated < want - partition:
        return _counted(want, updated, f"{updated} of {want - partition} updated")
    return _counted(want, ready, "")


def daemon_set(thing: Object) -> Readiness:
    """Every node that it is for has an updated, available pod."""
    status = thing.get("status") or {}
    want = int(status.get("desiredNumberScheduled") or 0)
    have = min(int(status.get("updatedNumberScheduled") or 0), int(status.get("numberAvailable") or 0))
    if not _seen(thing):
        return _counted(want, 0, "its newest change has not been acted on yet")
    return _counted(want, have, f"{have} of {want} ready" if have < want else "")


def job(thing: Object) -> Readiness:
    """It completed; one that failed does not come back by waiting."""
    want = int((thing.get("spec") or {}).get("completions") or 1)
    have = int((thing.get("status") or {}).get("succeeded") or 0)
    if condition(thing, "Complete").get("status") == "True":
        return _counted(want, want, "")
    failed = condition(thing, "Failed")
    if failed.get("status") == "True":
        return _counted(want, have, f"failed: {failed.get('message') or failed.get('reason')}", final=True)
    return _counted(want, have, f"{have} of {want} completed")


def pod(thing: Object) -> Readiness:
    """It is ready, or it has done its work."""
    phase = (thing.get("status") or {}).get("phase")
    if phase == "Succeeded" or condition(thing, "Ready").get("status") == "True":
        return _counted(1, 1, "")
    return _counted(1, 0, f"is {phase or 'Pending'}", final=phase == "Failed")


RULES: Mapping[str, Callable[[Object], Readiness]] = {
    "DaemonSet": daemon_set,
    "Deployment": deployment,
    "Job": job,
    "Pod": pod,
    "StatefulSet": stateful_set,
}


def _replicas(thing: Object) -> int:
    wanted = (thing.get("spec") or {}).get("replicas")
    return 1 if wanted is None else int(wanted)

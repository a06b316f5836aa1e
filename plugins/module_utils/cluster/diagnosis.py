# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a pod is not ready, and why there is none. Pure: what the API says of a workload in, troubles out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import redacted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import condition

Object = Mapping[str, Any]

CRASH = "CrashLoopBackOff"
IMAGE = "ImagePullBackOff"
CONFIG = "CreateContainerConfigError"
UNSCHEDULABLE = "Unschedulable"
VOLUME = "VolumePending"
CREATE = "FailedCreate"
MOUNT = "FailedMount"
PROBE = "ProbeFailing"
MEMORY = "OOMKilled"
EVICTED = "Evicted"
NO_PODS = "NoPods"
STARTING = "Starting"
LOG = "LogLineMissing"

_OF_IMAGE = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
)
_OF_CONFIG = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"})
# Worse first: of several troubles the first is the one to explain.
SEVERITY = (CREATE, CONFIG, IMAGE, MEMORY, CRASH, EVICTED, VOLUME, UNSCHEDULABLE, MOUNT, LOG, PROBE, NO_PODS, STARTING)


@dataclass(frozen=True)
class Trouble:
    """One thing that keeps a workload from being ready.

    Attributes:
        symptom: One of the names above.
        subject: Kind, namespace and name of the object that has it.
        summary: It in a few words.
        lines: What Kubernetes says of it.
        log: Last lines of the container's log, once they are read.
        container: Container whose log may tell more, None where no log can.
        restarts: How often that container was restarted.
    """

    symptom: str
    subject: str
    summary: str
    lines: tuple[str, ...] = ()
    container: str | None = None
    restarts: int = 0
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What is known around a workload.

    Attributes:
        pods: Its pods of the newest revision.
        events: Warnings of its namespace.
        claims: PersistentVolumeClaims of its namespace.
        makers: What makes its pods: the workload itself, and the ReplicaSet of a Deployment.
    """

    pods: Sequence[Object] = ()
    events: Sequence[Object] = ()
    claims: Sequence[Object] = ()
    makers: Sequence[Object] = field(default=())


def troubles(label: str, around: Surroundings) -> list[Trouble]:
    """Return what keeps a workload from being ready, the worst first."""
    found = [
        *_of_makers(label, around),
        *(trouble for pod in around.pods for trouble in pod_troubles(pod, around)),
    ]
    if not found and not around.pods:
        found.append(Trouble(NO_PODS, label, "no pod has been made yet", _messages(around.makers, around.events)))
    return sorted(found, key=lambda trouble: SEVERITY.index(trouble.symptom))


def _of_makers(label: str, around: Surroundings) -> Iterator[Trouble]:
    lines = [
        message
        for maker in around.makers
        if (
            message := condition(maker, "ReplicaFailure").get("message")
            or condition(maker, "FailedCreate").get("message")
        )
    ]
    lines += [
        str(event.get("message", ""))
        for event in around.events
        if event.get("reason") == "FailedCreate" and _about(event, around.makers)
    ]
    if lines and len(around.pods) < max((_wanted(maker) for maker in around.makers), default=1):
        yield Trouble(
            CREATE, label, "its pods cannot be made", tuple(dict.fromkeys(redacted(line) for line in lines))[-3:]
        )


def pod_troubles(pod: Object, around: Surroundings) -> Iterator[Trouble]:
    """Yield what keeps one pod from being ready; nothing for one that is."""
    if condition(pod, "Ready").get("status") == "True":
        return
    status = pod.get("status") or {}
    label = f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
    if status.get("reason") == "Evicted":
        yield Trouble(EVICTED, label, "evicted", (str(status.get("message", "")),))
        return
    unscheduled = condition(pod, "PodScheduled")
    if unscheduled.get("status") == "False":
        yield from _unscheduled(pod, label, unscheduled, around)
        return
    statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    found = [trouble for entry in statuses for trouble in _of_container(entry, label)]
    if found:
        yield from found
        return
    yield from _still_starting(pod, label, statuses, around)


def _unscheduled(pod: Object, label: str, state: Object, around: Surroundings) -> Iterator[Trouble]:
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in (pod.get("spec") or {}).get("volumes") or []
        if volume.get("persistentVolumeClaim")
    }
    pending = [
        claim
        for claim in around.claims
        if claim["metadata"]["name"] in claims and (claim.get("status") or {}).get("phase") == "Pending"
    ]
    for claim in pending:
        wanted = (claim.get("spec") or {}).get("storageClassName")
        lines = _messages([claim], around.events) or (
            f"storageClassName: {wanted}" if wanted else "it names no StorageClass",
        )
        name = f"PersistentVolumeClaim {claim['metadata']['namespace']}/{claim['metadata']['name']}"
        yield Trouble(VOLUME, name, "Pending, so the pod that needs it is not placed", lines)
    message = str(state.get("message") or "")
    if not pending or "PersistentVolumeClaim" not in message:
        yield Trouble(UNSCHEDULABLE, label, "no node has room for it", (message,) if message else ())


def _of_container(entry: Object, label: str) -> Iterator[Trouble]:
    name, restarts = str(entry.get("name")), int(entry.get("restartCount") or 0)
    waiting = (entry.get("state") or {}).get("waiting") or {}
    ended = (entry.get("state") or {}).get("terminated") or (entry.get("lastState") or {}).get("terminated") or {}
    reason, message = waiting.get("reason"), str(waiting.get("message") or "")
    if reason in _OF_IMAGE:
        yield Trouble(IMAGE, label, f"{reason}, image {entry.get('image')}", (redacted(message),) if message else ())
    elif reason in _OF_CONFIG:
        yield Trouble(CONFIG, label, f"{reason} of container {name}", (redacted(message),) if message else ())
    elif entry.get("ready"):
        return
    elif ended.get("reason") == MEMORY:
        yield Trouble(MEMORY, label, f"container {name} ran out of memory ({_restarts(restarts)})", (), name, restarts)
    elif reason == CRASH or (ended and ended.get("exitCode")):
        summary = f"{reason or 'Error'} (exit {ended.get('exitCode', '?')}, {_restarts(restarts)})"
        yield Trouble(CRASH, label, summary, (), name, restarts)


def _still_starting(pod: Object, label: str, statuses: Sequence[Object], around: Surroundings) -> Iterator[Trouble]:
    mine = [event for event in around.events if _about(event, [pod])]
    mounts = [
        redacted(str(event.get("message")))
        for event in mine
        if event.get("reason") in ("FailedMount", "FailedAttachVolume")
    ]
    probes = [redacted(str(event.get("message"))) for event in mine if event.get("reason") == "Unhealthy"]
    running = next(
        (entry for entry in statuses if "running" in (entry.get("state") or {}) and not entry.get("ready")), None
    )
    if running is not None:
        name, restarts = str(running.get("name")), int(running.get("restartCount") or 0)
        summary = f"container {name} runs, and is not ready ({_restarts(restarts)})"
        yield Trouble(PROBE, label, summary, tuple(dict.fromkeys(probes))[-1:], name, restarts)
    elif mounts:
        yield Trouble(MOUNT, label, "its volumes cannot be mounted", tuple(dict.fromkeys(mounts))[-2:])
    else:
        phase = (pod.get("status") or {}).get("phase") or "Pending"
        reasons = {str(((entry.get("state") or {}).get("waiting") or {}).get("reason")) for entry in statuses} - {
            "None"
        }
        placed = [event for event in mine if event.get("reason") != "FailedScheduling"]
        yield Trouble(STARTING, label, ", ".join([phase, *sorted(reasons)]), _messages([pod], placed))


def _messages(things: Iterable[Object], events: Sequence[Object]) -> tuple[str, ...]:
    things = list(things)
    found = [redacted(str(event.get("message"))) for event in events if _about(event, things)]
    return tuple(dict.fromkeys(found))[-2:]


def _about(event: Object, things: Iterable[Object]) -> bool:
    involved = event.get("involvedObject") or {}
    return any(
        involved.get("uid") == thing["metadata"].get("uid")
        if involved.get("uid") and thing["metadata"].get("uid")
        else involved.get("name") == thing["metadata"]["name"]
        for thing in things
    )


def _wanted(maker: Object) -> int:
    replicas = (maker.get("spec") or {}).get("replicas")
    return 1 if replicas is None else int(replicas)


def _restarts(count: int) -> str:
    return "1 restart" if count == 1 else f"{count} restarts"

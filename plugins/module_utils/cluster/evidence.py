# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what explains why a workload is not ready: its pods, their events, claims and logs.

Where that may not be read, the explanation is shorter, and nothing fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer, Object
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.diagnosis import (
    CRASH,
    MEMORY,
    Surroundings,
    Trouble,
    troubles,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import redacted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError

_LOG_LINES = 6
_LOG_SEARCHED = 200
_LINE_LENGTH = 300
_MOST_TROUBLES = 3


class Evidence:
    """Looks around workloads."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server

    def pod_troubles(self, workload: Object, address: Address) -> list[Trouble]:
        """Return what the pods alone tell; cheap enough for every poll."""
        return troubles(str(address), Surroundings(pods=self.pods(workload, address)))

    def troubles(self, workload: Object, address: Address) -> list[Trouble]:
        """Return everything that can be told, with the last lines of logs."""
        namespace = str(address.namespace)
        around = Surroundings(
            pods=self.pods(workload, address),
            events=self._list("Event", namespace, fieldSelector="type=Warning"),
            claims=self._list("PersistentVolumeClaim", namespace),
            makers=[workload, *self._replica_sets(workload, address)[:1]],
        )
        return [self.with_log(trouble) for trouble in troubles(str(address), around)[:_MOST_TROUBLES]]

    def logged(self, workload: Object, address: Address, text: str) -> bool:
        """Whether a container of the workload's pods has logged a line that holds ``text``."""
        return any(
            text in line
            for pod in self.pods(workload, address)
            for container in (pod.get("spec") or {}).get("containers") or []
            for line in self._log(str(address.namespace), pod["metadata"]["name"], container["name"], _LOG_SEARCHED)
        )

    def pods(self, workload: Object, address: Address) -> list[Object]:
        """Return the pods of the newest revision; those of older ones are on their way out."""
        if address.kind.kind == "Pod":
            return [workload]
        selector = _selector((workload.get("spec") or {}).get("selector") or {})
        pods = self._list("Pod", str(address.namespace), labelSelector=selector) if selector else []
        if address.kind.kind == "Deployment":
            sets = self._replica_sets(workload, address)
            newest = (sets[0]["metadata"].get("labels") or {}).get("pod-template-hash") if sets else None
            return _labelled(pods, "pod-template-hash", newest)
        if address.kind.kind == "StatefulSet":
            return _labelled(pods, "controller-revision-hash", (workload.get("status") or {}).get("updateRevision"))
        return pods

    def _replica_sets(self, workload: Object, address: Address) -> list[Object]:
        """Return a Deployment's ReplicaSets, the newest first."""
        if address.kind.kind != "Deployment":
            return []
        selector = _selector((workload.get("spec") or {}).get("selector") or {})
        sets = self._list("ReplicaSet", str(address.namespace), labelSelector=selector)
        uid = workload["metadata"].get("uid")
        own = [
            entry
            for entry in sets
            if any(ref.get("uid") == uid for ref in entry["metadata"].get("ownerReferences") or [])
        ]
        return sorted(own, key=_revision, reverse=True)

    def _list(self, kind: str, namespace: str, **query: Any) -> list[Object]:
        try:
            return self._server.list(known(kind).collection(namespace), **query)
        except AnswerError:
            return []

    def with_log(self, trouble: Trouble) -> Trouble:
        """Add the last lines of the container's log to a trouble that a log can explain."""
        if trouble.container is None:
            return trouble
        namespace, _slash, pod = trouble.subject.removeprefix("Pod ").partition("/")
        # One that was started again just now has not yet said why it will end like the one before.
        ended = trouble.restarts > 0 and trouble.symptom in {CRASH, MEMORY}
        lines = self._log(namespace, pod, trouble.container, _LOG_LINES, ended=ended)
        return replace(trouble, log=tuple(lines[-_LOG_LINES:]))

    def _log(self, namespace: str, pod: str, container: str, lines: int, *, ended: bool = False) -> list[str]:
        """Return the last lines of a container's log; with ``ended`` those of the instance before, if there is one."""
        path = f"{known('Pod').path(pod, namespace)}/log"
        instances: tuple[dict[str, str], ...] = ({}, {"previous": "true"})
        for previous in reversed(instances) if ended else instances:
            try:
                text = self._server.text(path, container=container, tailLines=lines, **previous)
            except AnswerError:
                continue
            found = [redacted(line.rstrip())[:_LINE_LENGTH] for line in text.splitlines() if line.strip()]
            if found:
                return found
        return []


def _labelled(pods: Sequence[Object], label: str, value: str | None) -> list[Object]:
    matching = [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(label) == value]
    return matching if value else list(pods)


def _revision(replica_set: Object) -> int:
    text = (replica_set["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision", "0")
    return int(text) if text.isdigit() else 0


def _selector(selector: Mapping[str, Any]) -> str:
    """Return a label selector as text."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for entry in selector.get("matchExpressions") or []:
        key, values = entry["key"], ",".join(entry.get("values") or [])
        words = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        parts.append(words[entry["operator"]])
    return ",".join(parts)

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written to the cluster, and by whom: read from the API server's audit log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from playground import kubeapi

_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
# Questions that are asked with a POST: nothing is stored.
_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews", "subjectaccessreviews")
_OWN_AGENTS = (
    "kube-apiserver/",
    "kube-controller-manager/",
    "kube-scheduler/",
    "kwok",
    "playground",
    kubeapi.USER_AGENT,
)
_SETTLE_SECONDS = 5.0


@dataclass(frozen=True)
class Write:
    """A mutating request that reached the API server."""

    verb: str
    uri: str
    user: str
    user_agent: str
    status: int

    def __str__(self) -> str:
        return f"{self.verb} {self.uri} -> {self.status} by {self.user_agent.split(' ')[0]} ({self.user})"


class AuditLog:
    """The audit log of one playground, read from a mark on."""

    def __init__(self, log: Path, kubeconfig: Path) -> None:
        self._log = log
        self._kubeconfig = kubeconfig
        self._offset = 0
        self.mark()

    def mark(self) -> None:
        """Forget what was written until now."""
        self._settle(self._log.stat().st_size)
        self._offset = self._log.stat().st_size

    def writes(self) -> list[Write]:
        """Return what others than the playground itself have written since the mark, refused requests included.

        Its own are the control plane's components, kwok, and what lives in pods (ServiceAccounts).
        """
        self._settle(self._offset)
        return [_write(event) for event in self._events(self._offset) if _is_write(event) and not _is_own(event)]

    def _events(self, offset: int) -> Iterator[dict[str, Any]]:
        with self._log.open("rb") as stream:
            stream.seek(offset)
            for line in stream:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def _settle(self, offset: int) -> None:
        """Wait until a request of our own is in the log: then all that were answered before are, too."""
        sign = uuid4().hex
        with kubeapi.connect(self._kubeconfig) as api:
            api.get(f"/version?audit={sign}").raise_for_status()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not any(sign in event["requestURI"] for event in self._events(offset)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._log} does not show a request within {_SETTLE_SECONDS} s")
            time.sleep(0.02)


def _is_write(event: dict[str, Any]) -> bool:
    resource = event.get("objectRef", {}).get("resource", "")
    return event["verb"] in _WRITES and resource not in _REVIEWS and "dryRun=All" not in event["requestURI"]


def _is_own(event: dict[str, Any]) -> bool:
    user: str = event["user"].get("username", "")
    agent: str = event.get("userAgent", "")
    return user.startswith("system:") or agent.startswith(_OWN_AGENTS)


def _write(event: dict[str, Any]) -> Write:
    return Write(
        verb=event["verb"],
        uri=event["requestURI"],
        user=event["user"].get("username", ""),
        user_agent=event.get("userAgent", ""),
        status=event.get("responseStatus", {}).get("code", 0),
    )

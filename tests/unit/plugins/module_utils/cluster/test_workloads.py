# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness by kind."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import readiness

from tests.unit.plugins.module_utils.cluster.builders import condition, thing


def workload(generation: int = 2, spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    return thing("x", "y", generation=generation, spec=spec or {}, status={"observedGeneration": 2, **status})


DONE: dict[str, Any] = {"updatedReplicas": 2, "availableReplicas": 2, "replicas": 2}
TWO: dict[str, Any] = {"replicas": 2}


@pytest.mark.parametrize(
    ("live", "ready", "have", "why"),
    [
        (workload(spec=TWO, **DONE), True, 2, ""),
        (workload(spec={"replicas": 0}), True, 0, ""),
        (workload(updatedReplicas=1, availableReplicas=1, replicas=1), True, 1, ""),
        (workload(generation=3, spec=TWO, **DONE), False, 0, "has not been acted on"),
        (workload(spec=TWO, **{**DONE, "availableReplicas": 1}), False, 1, "1 of 2 ready"),
        (workload(spec=TWO, **{**DONE, "updatedReplicas": 1}), False, 1, "1 of 2 ready"),
        (workload(spec=TWO, **{**DONE, "replicas": 3}), False, 2, "1 old pods"),
        (workload(spec={**TWO, "paused": True}, availableReplicas=1, updatedReplicas=1), False, 1, "paused"),
        (workload(spec=TWO, **condition("ReplicaFailure", message="exceeded quota")), False, 0, "exceeded quota"),
    ],
)
def test_deployment(live: dict[str, Any], ready: bool, have: int, why: str) -> None:
    verdict = readiness("Deployment", live)
    assert (verdict.ready, verdict.have) == (ready, have)
    assert why in verdict.why


SAME: dict[str, Any] = {"currentRevision": "a", "updateRevision": "a"}
OTHER: dict[str, Any] = {"currentRevision": "a", "updateRevision": "b"}


@pytest.mark.parametrize(
    ("live", "ready"),
    [
        (workload(readyReplicas=1, updatedReplicas=1, **SAME), True),
        (workload(readyReplicas=0, **SAME), False),
        (workload(generation=3, readyReplicas=1, **SAME), False),
        (workload(readyReplicas=1, updatedReplicas=0, **OTHER), False),
        (workload(spec={"updateStrategy": {"type": "OnDelete"}}, readyReplicas=1, updatedReplicas=0, **OTHER), True),
        (
            workload(
                spec={"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}},
                readyReplicas=2,
                updatedReplicas=1,
                **OTHER,
            ),
            True,
        ),
    ],
)
def test_stateful_set(live: dict[str, Any], ready: bool) -> None:
    assert readiness("StatefulSet", live).ready is ready


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}, True),
        ({"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}, False),
        ({"desiredNumberScheduled": 0}, True),
    ],
)
def test_daemon_set(status: dict[str, Any], ready: bool) -> None:
    assert readiness("DaemonSet", workload(**status)).ready is ready


def test_job() -> None:
    assert readiness("Job", workload(**condition("Complete"))).ready
    assert not readiness("Job", workload()).ready
    failed = readiness("Job", workload(**condition("Failed", message="BackoffLimitExceeded")))
    assert failed.final
    assert "BackoffLimitExceeded" in failed.why


def test_pod() -> None:
    assert readiness("Pod", workload(**condition("Ready"))).ready
    assert readiness("Pod", workload(phase="Succeeded")).ready
    assert not readiness("Pod", workload(phase="Running", **condition("Ready", "False"))).ready
    assert readiness("Pod", workload(phase="Failed")).final


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"])
def test_what_is_missing_or_leaving_is_not_ready(kind: str) -> None:
    assert readiness(kind, None).why == "does not exist"
    leaving = thing("x", "y", deletionTimestamp="now", status=condition("Complete"))
    assert readiness(kind, leaving).why == "is being deleted"

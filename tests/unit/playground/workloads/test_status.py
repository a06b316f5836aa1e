# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pod's phase and conditions."""

from __future__ import annotations

from typing import Any

import pytest

from playground.workloads.runner.status import phase, pod_status

RUNNING: dict[str, Any] = {"running": {"startedAt": "t"}}
WAITING: dict[str, Any] = {"waiting": {"reason": "ContainerCreating"}}
ADDRESSES = {"podIP": "240.128.0.7", "hostIP": "127.0.0.1"}


def ended(code: int) -> dict[str, Any]:
    return {"terminated": {"exitCode": code}}


class Fake:
    """A container in a given state."""

    def __init__(self, state: dict[str, Any], *, ready: bool = False, restarts: int = 0, name: str = "c") -> None:
        self.spec = {"name": name}
        self.state, self.ready, self._restarts = state, ready, restarts

    def status(self) -> dict[str, Any]:
        return {"name": self.spec["name"], "restartCount": self._restarts, "state": self.state, "ready": self.ready}


@pytest.mark.parametrize(
    ("main", "init", "policy", "expected"),
    [
        ([WAITING], [], "Always", "Pending"),
        ([WAITING], [RUNNING], "Always", "Pending"),
        ([RUNNING], [], "Always", "Running"),
        ([RUNNING, WAITING], [], "Always", "Running"),
        ([ended(0)], [], "Always", "Running"),
        ([ended(0)], [], "OnFailure", "Succeeded"),
        ([ended(1)], [], "OnFailure", "Running"),
        ([ended(1)], [], "Never", "Failed"),
        ([ended(0), RUNNING], [], "Never", "Running"),
        ([WAITING], [ended(3)], "Never", "Failed"),
    ],
)
def test_phase(main: list[Any], init: list[Any], policy: str, expected: str) -> None:
    assert phase([Fake(state) for state in main], [Fake(state) for state in init], policy) == expected


def test_a_crashed_container_that_waits_is_a_running_pod() -> None:
    assert phase([Fake({"waiting": {"reason": "CrashLoopBackOff"}}, restarts=1)], [], "Always") == "Running"


def conditions(pod: dict[str, Any], *containers: Fake, ending: bool = False) -> dict[str, Any]:
    status = pod_status(pod, list(containers), [], ADDRESSES, "start", ending)
    return {item["type"]: item for item in status["conditions"]}


def test_unready_containers_are_named() -> None:
    found = conditions({"spec": {}}, Fake(RUNNING, ready=True, name="a"), Fake(RUNNING, name="b"))
    assert found["Ready"]["status"] == "False"
    assert found["Ready"]["message"] == "containers with unready status: [b]"
    assert found["Initialized"]["status"] == "True"


def test_a_pod_that_ends_gets_no_traffic() -> None:
    assert conditions({"spec": {}}, Fake(RUNNING, ready=True))["Ready"]["status"] == "True"
    assert conditions({"spec": {}}, Fake(RUNNING, ready=True), ending=True)["Ready"]["status"] == "False"


def test_conditions_keep_their_time_and_those_of_others_stay() -> None:
    before = [
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": "t0"},
        {"type": "Ready", "status": "True", "lastTransitionTime": "t1"},
        {"type": "ContainersReady", "status": "False", "lastTransitionTime": "t2"},
    ]
    found = conditions({"spec": {}, "status": {"conditions": before}}, Fake(RUNNING, ready=True))
    assert found["PodScheduled"] == before[0]
    assert found["Ready"]["lastTransitionTime"] == "t1"
    assert found["ContainersReady"]["lastTransitionTime"] != "t2"

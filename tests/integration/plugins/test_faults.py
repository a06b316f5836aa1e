# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every write x every fault: the end state is right, nothing is doubled or lost, and the message names the cause."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    AnswerLost,
    RateLimited,
    Unauthorized,
    Unreachable,
)

from .faults import EVERY_FAULT, TIMES, spoil

IMAGE = "registry.example.com/agents/hello:1"
SECRET = "sk-a-secret-of-the-agent"

pytestmark = pytest.mark.usefixtures("hurried")


def deployment(plane: Any, **options: Any) -> Any:
    given = {"name": "agent", "image": IMAGE, "secrets": {"TOKEN": SECRET}, **options}
    return plane.run(operations.deployment, **given)


@EVERY_FAULT
@TIMES
def test_create_listener(plane: Any, fault: dict[str, Any], times: int) -> None:
    hurry = spoil(plane, "POST /v2/listeners", fault, times)
    outcome = plane.run(operations.listener, compute_id="c1", namespaces=["a"], **hurry)
    (made,) = plane.listeners("c1")
    assert outcome.result["listener"]["id"] == made["id"]


@EVERY_FAULT
@TIMES
def test_change_listener(plane: Any, fault: dict[str, Any], times: int) -> None:
    plane.run(operations.listener, compute_id="c1", namespaces=["a"])
    hurry = spoil(plane, "PATCH /v2/listeners/{id}", fault, times)
    plane.run(operations.listener, compute_id="c1", namespaces=["a", "b"], **hurry)
    (made,) = plane.listeners("c1")
    assert made["compute_config"]["k8s_namespaces"] == ["a", "b"]


@EVERY_FAULT
@TIMES
def test_delete_listener(plane: Any, fault: dict[str, Any], times: int) -> None:
    plane.run(operations.listener, compute_id="c1", namespaces=["a"])
    hurry = spoil(plane, "DELETE /v2/listeners/{id}", fault, times)
    assert plane.run(operations.listener, compute_id="c1", state="absent", **hurry).changed
    assert plane.listeners("c1") == []


@EVERY_FAULT
def test_reads_of_a_run(plane: Any, fault: dict[str, Any]) -> None:
    listener = plane.run(operations.listener, compute_id="c1", namespaces=["a"]).result["listener"]
    for route in ("GET /v2/listeners", "GET /v2/deployments", "GET /v2/deployments/{id}/revisions/{revision}"):
        hurry = spoil(plane, route, fault, 2)
    outcome = deployment(plane, listener_id=listener["id"], **hurry)
    assert outcome.result["deployment"]["latest_revision"]["status"] == "DEPLOYED"
    assert len(plane.deployments("agent")) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, AnswerLost),
        ({"kind": "status", "status": 429}, RateLimited),
        ({"kind": "reset_before"}, AnswerLost),
        ({"kind": "malformed"}, None),
    ],
    ids=["503", "429", "reset", "malformed"],
)
def test_trouble_that_does_not_end_is_told_and_doubles_nothing(
    plane: Any, fault: dict[str, Any], error: type[AnswerError] | None
) -> None:
    plane.fault("POST /v2/deployments", **fault)
    if error is None:  # The deployment was made and only the answer is broken: looking it up is enough.
        assert deployment(plane).changed
    else:
        with pytest.raises(error, match="POST http"):
            deployment(plane)
    assert len(plane.deployments("agent")) == (1 if error is None else 0)


def test_create_that_takes_effect_late_is_not_doubled(plane: Any) -> None:
    """The request outlives the client's patience: the look-up may come too early, and the second create is refused."""
    plane.fault("POST /v2/deployments", "slow", seconds=0.8, times=1)
    assert deployment(plane, request_timeout=0.3).changed
    assert len(plane.deployments("agent")) == 1


def test_wrong_key_is_told_and_not_shown(plane: Any) -> None:
    wrong = "lsv2_sk_this_is_not_the_key"
    with pytest.raises(Unauthorized) as raised:
        deployment(plane, api_key=wrong)
    assert "LANGSMITH_API_KEY" in str(raised.value)
    assert wrong not in f"{raised.value} {raised.value.as_result()}"


def test_nobody_there_is_told_with_the_url(plane: Any) -> None:
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9/v2"):
        deployment(plane, control_plane_url="http://127.0.0.1:9")

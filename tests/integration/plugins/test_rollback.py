# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a revision that fails: brought back, or tried again, against the simulator."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import RevisionFailed

from .fleets import BROKEN, IMAGE, NEXT_IMAGE, SECRET, agents, by, fails, images, run


def test_rollback_brings_back_what_ran(plane: Any) -> None:
    run(plane, agents(1, 2, secrets={"TOKEN": SECRET}))
    plane.settings(failing_images=["broken"])
    wanted = [*agents(1, secrets={"TOKEN": SECRET}, image=NEXT_IMAGE), *agents(2, 3, image=BROKEN)]
    error = fails(plane, wanted, on_failure="rollback")
    assert images(plane) == {"agent-1": NEXT_IMAGE, "agent-2": IMAGE, "agent-3": BROKEN}
    (second,) = plane.deployments("agent-2")
    assert [one["status"] for one in plane.revisions(second["id"])] == ["DEPLOYED", "DEPLOY_FAILED", "DEPLOYED"]
    assert second["secrets"] == [{"name": "TOKEN", "value": SECRET}]
    assert "2 of 3 deployments failed" in str(error)
    assert "Rolled back: the content of revision" in str(error)
    assert "Not rolled back: No revision of it was ever deployed" in str(error)
    rollbacks = by(error.details["deployments"], "rollback")
    assert rollbacks["agent-2"]["id"] == second["latest_revision_id"]
    assert rollbacks["agent-2"]["status"] == "DEPLOYED"
    assert rollbacks["agent-3"] is None


def test_single_deployment_is_rolled_back_as_well(plane: Any) -> None:
    one = {"name": "agent", "image": IMAGE}
    plane.run(operations.deployment, **one)
    plane.settings(failing_images=["broken"])
    with pytest.raises(RevisionFailed, match=r"ended as DEPLOY_FAILED(.|\n)*Rolled back: ") as raised:
        plane.run(operations.deployment, **{**one, "image": BROKEN}, on_failure="rollback")
    assert images(plane) == {"agent": IMAGE}
    assert raised.value.details["rollback"]["status"] == "DEPLOYED"
    assert not plane.run(operations.deployment, **one).changed


def test_revision_that_the_plane_names_late_is_the_one_that_is_waited_for(plane: Any) -> None:
    """Both ways to a redeployment: a rollback, and the next try of what failed."""
    run(plane, agents(1))
    plane.settings(failing_images=["broken"], redeploy_seconds=1)
    error = fails(plane, agents(1, image=BROKEN), on_failure="rollback")
    assert by(error.details["deployments"], "rollback")["agent-1"]["status"] == "DEPLOYED"
    plane.settings(redeploy_seconds=0)
    fails(plane, agents(1, image=BROKEN))
    plane.settings(failing_images=[], redeploy_seconds=1)
    again = run(plane, agents(1, image=BROKEN))
    assert by(again.result["deployments"], "revision")["agent-1"]["status"] == "DEPLOYED"
    plane.settings(redeploy_seconds=0)
    (found,) = plane.deployments("agent-1")
    states = [one["status"] for one in plane.revisions(found["id"])]
    assert states == ["DEPLOYED", "DEPLOY_FAILED", "DEPLOYED", "DEPLOY_FAILED", "DEPLOYED"]


@pytest.fixture
def failed(plane: Any) -> dict[str, Any]:
    """One whose newest revision failed; the cause is gone meanwhile."""
    one = {"name": "agent", "image": BROKEN}
    plane.run(operations.deployment, **{**one, "image": IMAGE})
    plane.settings(failing_images=["broken"])
    with pytest.raises(RevisionFailed):
        plane.run(operations.deployment, **one)
    plane.settings(failing_images=[])
    plane.forget_requests()
    return one


@pytest.mark.parametrize("on_failure", ["fail", "rollback"])
@pytest.mark.parametrize("fault", [None, "reset_before", "reset_after"])
@pytest.mark.usefixtures("hurried")
def test_failed_one_is_tried_again_also_when_a_name_changes(
    plane: Any, failed: dict[str, Any], on_failure: str, fault: str | None
) -> None:
    wanted = {**failed, "display_name": "Agent", "on_failure": on_failure}
    predicted = plane.run(operations.deployment, check=True, **wanted)
    assert (predicted.diff["after"]["display_name"], predicted.diff["after"]["status"]) == ("Agent", "deployed")
    if fault:
        plane.fault("PATCH /v2/deployments/{id}", fault, times=1)
    done = plane.run(operations.deployment, **wanted)
    assert (done.changed, done.diff) == (True, predicted.diff)
    (found,) = plane.deployments("agent")
    states = [(one["status"], one["source_revision_config"]["image_uri"]) for one in plane.revisions(found["id"])]
    assert states == [("DEPLOYED", BROKEN), ("DEPLOY_FAILED", BROKEN), ("DEPLOYED", IMAGE)]
    assert found["display_name"] == "Agent"
    assert not plane.run(operations.deployment, **wanted).changed


def test_failed_one_that_shall_stay_so_fails_no_change_of_its_name(plane: Any, failed: dict[str, Any]) -> None:
    wanted = {**failed, "display_name": "Agent", "redeploy_failed": False, "on_failure": "rollback"}
    done = plane.run(operations.deployment, **wanted)
    assert done.result["deployment"]["latest_revision"]["status"] == "DEPLOY_FAILED"
    assert [one.split()[0] for one in plane.writes()] == ["PATCH"]
    run(plane, [{**failed, "display_name": "Bot", "redeploy_failed": False}], on_failure="rollback")
    assert [one.split()[0] for one in plane.writes()] == ["PATCH", "PATCH"]
    assert not plane.run(operations.deployment, **{**wanted, "display_name": "Bot"}).changed


@pytest.mark.parametrize("fault", [{"kind": "reset_before"}, {"kind": "reset_after"}, {"kind": "malformed"}])
@pytest.mark.usefixtures("hurried")
def test_rollback_whose_answer_is_lost_is_not_doubled(plane: Any, fault: dict[str, Any]) -> None:
    run(plane, agents(1))
    plane.settings(failing_images=["broken"])
    plane.fault("POST /v2/deployments/{id}/revisions/{revision}/redeploy", times=1, **fault)
    fails(plane, agents(1, image=BROKEN), on_failure="rollback")
    (found,) = plane.deployments("agent-1")
    assert [one["status"] for one in plane.revisions(found["id"])] == ["DEPLOYED", "DEPLOY_FAILED", "DEPLOYED"]


def test_one_that_is_not_deployed_in_time_is_rolled_back(plane: Any) -> None:
    run(plane, agents(1))
    plane.settings(deploy_seconds=1.2)
    error = fails(plane, agents(1, image=NEXT_IMAGE), on_failure="rollback", wait_timeout=0.3)
    assert "is not deployed after 0.3 s" in str(error)
    assert "Not rolled back: " in str(error), "nor is the rollback deployed in that time"
    assert images(plane) == {"agent-1": IMAGE}

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import Follower, newest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import RevisionFailed, TimedOut


class Plane:
    """Answers for one deployment whose revisions move with each look."""

    def __init__(self, **revisions: list[str | Exception]) -> None:
        self.revisions = revisions
        self.newest = next(iter(revisions), None)
        self.message: str | None = None
        self.log: list[str] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api-host")
        if path.endswith("/logs") or path.endswith("/deploy_logs"):
            if self.log is None:
                return httpx.Response(404, json={"detail": "Not Found"})
            return httpx.Response(200, json={"logs": [{"message": line} for line in reversed(self.log)]})
        if path == "/v2/deployments/d":
            return httpx.Response(200, json={"id": "d", "name": "a", "latest_revision_id": self.newest})
        if path == "/v2/deployments/d/revisions":
            return httpx.Response(200, json={"resources": [self.document(str(self.newest))], "offset": 0})
        return httpx.Response(200, json=self.document(path.rsplit("/", 1)[1]))

    def document(self, revision: str) -> dict[str, Any]:
        states = self.revisions[revision]
        state = states.pop(0) if len(states) > 1 else states[0]
        if isinstance(state, Exception):
            raise state
        return {"id": revision, "status": state, "status_message": self.message}


def follow(wire: Any, plane: Plane, revision: str | None = "r1", timeout: float = 60) -> Any:
    wire.respond = plane
    follower = Follower(wire.client(), "a", "d", revision)

    async def no_sleep(_: float) -> None:
        return None

    return asyncio.run(follower.deployed(timeout, no_sleep))


def test_wait_ends_with_deployed(wire: Any) -> None:
    plane = Plane(r1=["CREATING", "QUEUED", "AWAITING_DEPLOY", "DEPLOYING", "UNKNOWN", "DEPLOYED"])
    assert follow(wire, plane)["status"] == "DEPLOYED"
    assert len(wire.requests) == 6


@pytest.mark.parametrize("status", ["CREATE_FAILED", "BUILD_FAILED", "DEPLOY_FAILED", "INTERRUPTED"])
def test_failure_says_what_the_control_plane_says(wire: Any, status: str, key: str) -> None:
    plane = Plane(r1=["DEPLOYING", status])
    plane.message, plane.log = f"Back-off pulling image with {key}", ["starting", "no such module"]
    with pytest.raises(RevisionFailed) as raised:
        follow(wire, plane)
    text = str(raised.value)
    assert f"Deployment a: revision r1 ended as {status}." in text
    assert "Back-off pulling image" in text
    assert "    starting\n    no such module" in text
    assert key not in text
    assert raised.value.details["revision"]["status"] == status
    assert raised.value.details["log"] == ["starting", "no such module"]


def test_failure_is_told_without_a_log_too(wire: Any) -> None:
    with pytest.raises(RevisionFailed, match="ended as DEPLOY_FAILED"):
        follow(wire, Plane(r1=["DEPLOY_FAILED"]))


def test_skipped_revision_is_followed_to_the_one_that_replaced_it(wire: Any) -> None:
    plane = Plane(r1=["QUEUED", "SKIPPED"], r2=["QUEUED", "DEPLOYED"])
    plane.newest = "r2"
    assert follow(wire, plane) == {"id": "r2", "status": "DEPLOYED", "status_message": None}


def test_skipped_revision_that_nothing_replaces_is_a_failure(wire: Any) -> None:
    with pytest.raises(RevisionFailed, match="SKIPPED"):
        follow(wire, Plane(r1=["SKIPPED"]))


def test_revision_that_is_not_made_yet_is_waited_for(wire: Any) -> None:
    plane = Plane(r1=["DEPLOYED"])
    assert follow(wire, plane, revision=None)["id"] == "r1"


def test_trouble_while_waiting_passes(wire: Any) -> None:
    broken = [httpx.ReadError("reset")] * 9
    assert follow(wire, Plane(r1=["QUEUED", *broken, "DEPLOYED"]))["status"] == "DEPLOYED"


@pytest.mark.parametrize(
    ("status", "advice"), [("AWAITING_DEPLOY", "listener"), ("QUEUED", "listener"), ("DEPLOYING", "wait_timeout")]
)
def test_time_out_says_where_it_stood_and_what_to_look_at(wire: Any, status: str, advice: str) -> None:
    plane = Plane(r1=[status])
    plane.log = ["still pulling"]
    with pytest.raises(TimedOut, match=rf"not deployed after 0 s \({status}\)") as raised:
        follow(wire, plane, timeout=0)
    assert advice in str(raised.value.remedy)
    assert "still pulling" in str(raised.value)


def test_time_out_names_the_trouble_of_the_last_poll(wire: Any) -> None:
    with pytest.raises(TimedOut) as raised:
        follow(wire, Plane(r1=[httpx.ConnectError("refused")]), timeout=0)
    assert "no connection" in str(raised.value.cause)


def test_active_revision_is_deployed_without_asking(wire: Any) -> None:
    document = {"id": "d", "latest_revision_id": "r1", "active_revision_id": "r1"}
    assert asyncio.run(newest(wire.client(), document)) == {"id": "r1", "status": "DEPLOYED"}
    assert wire.requests == []


def test_deployment_without_revision_has_no_newest(wire: Any) -> None:
    assert asyncio.run(newest(wire.client(), {"id": "d", "latest_revision_id": None})) is None

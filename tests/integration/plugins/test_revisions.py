# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back to earlier revisions, reading them, and reading logs, against the simulator."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    inquiries,
    operations,
    redeploying,
    revisions,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    InvalidInput,
    NotFound,
    Refused,
    RevisionFailed,
    TimedOut,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task

from .faults import EVERY_FAULT, TIMES, spoil

ONE, TWO, BROKEN = (f"registry.example.com/agents/hello:{tag}" for tag in ("1", "2", "broken"))
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def deploy(plane: Any, *images: str, **options: Any) -> dict[str, Any]:
    """Deploy one image after the other; return the deployment."""
    for image in images:
        outcome = plane.run(operations.deployment, name="agent", image=image, **options)
    shown: dict[str, Any] = outcome.result["deployment"]
    return shown


def go_back(plane: Any, check: bool = False, **options: Any) -> Any:
    return plane.run(redeploying.revision, check, **{"name": "agent", "force": False, **options})


def images(plane: Any, deployment: dict[str, Any]) -> list[str]:
    return [one["source_revision_config"]["image_uri"] for one in plane.revisions(deployment["id"])]


def info(plane: Any, **options: Any) -> list[dict[str, Any]]:
    found = plane.run(inquiries.revision_info, **{"name": "agent", "count": 20, **options}).result["revisions"]
    return list(found)


def read_log(plane: Any, **options: Any) -> dict[str, Any]:
    defaults = {"name": "agent", "revision": "newest", "type": "deploy", "tail": True, "count": 100}
    return dict(plane.run(inquiries.deployment_logs, **{**defaults, **options}).result)


def test_ladder_by_image_and_by_id(plane: Any) -> None:
    agent = deploy(plane, ONE, TWO)
    first = plane.revisions(agent["id"])[-1]["id"]
    second = plane.revisions(agent["id"])[0]["id"]
    for options, chosen, after in (({"image": ONE}, first, ONE), ({"revision": second}, second, TWO)):
        count = len(plane.revisions(agent["id"]))
        predicted = go_back(plane, check=True, **options)
        assert (predicted.changed, len(plane.revisions(agent["id"]))) == (True, count)
        assert (predicted.result["revision"]["id"], predicted.result["revision"]["image"]) == (None, after)
        done = go_back(plane, **options)
        assert (done.changed, done.diff) == (True, predicted.diff)
        assert done.diff["after"]["revision"] == f"a new one like {chosen}"
        assert (done.diff["before"]["image_uri"], done.diff["after"]["image_uri"]) == (
            ONE if after == TWO else TWO,
            after,
        )
        assert done.result["redeployed"]["id"] == chosen
        assert done.result["revision"]["status"] == "DEPLOYED"
        plane.forget_requests()
        for check in (True, False):
            again = go_back(plane, check=check, **options)
            assert (again.changed, again.diff) == (False, {"before": {}, "after": {}})
            assert done.result["revision"]["id"] in again.result["reason"]
            assert again.result["revision"]["id"] == done.result["revision"]["id"]
        assert plane.writes() == []
    assert images(plane, agent) == [TWO, ONE, TWO, ONE]


def test_previous_goes_back_by_one_and_undoes_itself(plane: Any) -> None:
    agent = deploy(plane, ONE, TWO)
    for expected in (ONE, TWO):
        assert go_back(plane, revision="previous").changed
        assert images(plane, agent)[0] == expected


def test_previous_takes_back_what_the_api_does_not_tell(plane: Any) -> None:
    """Both revisions look the same, and only the resources differ: `previous` may not mistake that for nothing."""
    agent = deploy(plane, ONE, resource_spec={"cpu": 1})
    deploy(plane, ONE, resource_spec={"cpu": 2})
    assert go_back(plane, revision="previous").changed
    (found,) = plane.deployments("agent")
    assert found["source_config"]["resource_spec"]["cpu"] == 1
    first = plane.revisions(agent["id"])[1]["id"]
    assert not go_back(plane, revision=first).changed
    assert go_back(plane, revision=first, force=True).changed
    (found,) = plane.deployments("agent")
    assert found["source_config"]["resource_spec"]["cpu"] == 2


def test_trouble_while_a_skipped_one_is_followed_is_no_failure(plane: Any) -> None:
    """The list that names the successor cannot be had once: the newer revision is waited for all the same."""
    agent = deploy(plane, ONE)
    plane.settings(deploy_seconds=1)
    for image in (TWO, ONE):
        deploy(plane, image, wait=False)
    newer, overtaken = plane.revisions(agent["id"])[:2]
    assert overtaken["status"] == "SKIPPED"
    plane.fault("GET /v2/deployments/{id}/revisions", "status", times=1)

    async def follow(task: Task) -> Any:
        async with connect(task) as client:
            return await revisions.Follower(client.once(), "agent", agent["id"], overtaken["id"]).deployed(20)

    found: Any = plane.run(follow)
    assert (found["id"], found["status"]) == (newer["id"], "DEPLOYED")


def test_last_deployed_after_a_failure(plane: Any) -> None:
    plane.settings(failing_images=["broken"])
    agent = deploy(plane, ONE, TWO)
    assert not go_back(plane, revision="last_deployed").changed
    with pytest.raises(RevisionFailed):
        deploy(plane, BROKEN)
    assert go_back(plane, revision="last_deployed").result["redeployed"]["image"] == TWO
    assert images(plane, agent)[0] == TWO
    assert not go_back(plane, revision="last_deployed").changed


def test_an_image_that_was_deployed_wins_over_a_later_failure(plane: Any) -> None:
    agent = deploy(plane, ONE, TWO)
    plane.settings(failing_images=[ONE])
    with pytest.raises(RevisionFailed):
        deploy(plane, ONE)
    plane.settings(failing_images=[])
    oldest = plane.revisions(agent["id"])[-1]["id"]
    assert go_back(plane, image=ONE).result["redeployed"]["id"] == oldest


def test_a_redeployment_that_fails_is_told_with_its_log(plane: Any) -> None:
    deploy(plane, ONE, TWO)
    plane.settings(failing_images=[ONE])
    with pytest.raises(RevisionFailed, match="DEPLOY_FAILED") as raised:
        go_back(plane, image=ONE)
    assert any("Back-off" in line for line in raised.value.details["log"])


def test_one_that_is_under_way_is_waited_for_and_not_repeated(plane: Any) -> None:
    agent = deploy(plane, ONE, TWO)
    plane.settings(deploy_seconds=1)
    started = go_back(plane, image=ONE, wait=False)
    assert started.result["revision"]["status"] != "DEPLOYED"
    with pytest.raises(TimedOut):
        go_back(plane, image=ONE, wait_timeout=0.05)
    again = go_back(plane, image=ONE)
    assert (again.changed, again.result["revision"]["status"]) == (False, "DEPLOYED")
    assert images(plane, agent) == [ONE, TWO, ONE]


@EVERY_FAULT
@TIMES
@pytest.mark.usefixtures("hurried")
def test_no_fault_doubles_or_loses_it(plane: Any, fault: dict[str, Any], times: int) -> None:
    agent = deploy(plane, ONE, TWO)
    hurry = spoil(plane, "POST /v2/deployments/{id}/revisions/{revision}/redeploy", fault, times)
    done = go_back(plane, image=ONE, **hurry)
    assert images(plane, agent) == [ONE, TWO, ONE]
    assert done.result["revision"]["id"] == plane.revisions(agent["id"])[0]["id"]


@pytest.mark.usefixtures("hurried")
def test_a_conflict_is_looked_into_and_tried_again(plane: Any) -> None:
    agent = deploy(plane, ONE, TWO)
    plane.fault("POST /v2/deployments/{id}/revisions/{revision}/redeploy", "status", status=409, times=2)
    assert go_back(plane, image=ONE).result["revision"]["status"] == "DEPLOYED"
    assert images(plane, agent) == [ONE, TWO, ONE]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "nobody", "image": ONE}, "no deployment nobody"),
        ({"name": None, "deployment_id": UNKNOWN, "image": ONE}, f"no deployment {UNKNOWN}"),
        ({"image": BROKEN}, f"no revision with the image {BROKEN}"),
        ({"revision": UNKNOWN}, f"no revision {UNKNOWN}"),
        ({"revision": "previous"}, "no earlier revision"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_is_written(plane: Any, options: dict[str, Any], message: str) -> None:
    deploy(plane, ONE)
    plane.forget_requests()
    with pytest.raises(Refused, match=message) as raised:
        go_back(plane, **options)
    assert raised.value.remedy
    assert plane.writes() == []


def test_a_deployment_that_is_being_deleted_is_left_alone(plane: Any) -> None:
    deploy(plane, ONE, TWO)
    plane.settings(deploy_seconds=60)
    plane.run(operations.deployment, name="agent", state="absent")
    with pytest.raises(Refused, match="being deleted"):
        go_back(plane, image=ONE)


def test_bad_options_are_all_told_before_anything_is_asked(plane: Any) -> None:
    plane.forget_requests()
    with pytest.raises(InvalidInput, match="2 problems"):
        go_back(plane, name=None, deployment_id="7", revision="the first")
    with pytest.raises(InvalidInput, match="1 problem"):
        go_back(plane, image="Not An Image")
    with pytest.raises(InvalidInput, match="count: 0 is not from 1"):
        info(plane, count=0)
    with pytest.raises(InvalidInput, match="4 problems"):
        read_log(plane, revision="first", start_time="noon", end_time="night", run_id="9")
    assert plane.requests() == []


@pytest.mark.parametrize("ignore_filters", [False, True])
def test_info_filters_also_where_the_plane_does_not(plane: Any, ignore_filters: bool) -> None:
    plane.settings(failing_images=["broken"], ignore_filters=ignore_filters)
    agent = deploy(plane, ONE, TWO)
    with pytest.raises(RevisionFailed):
        deploy(plane, BROKEN)
    everything = info(plane)
    assert [one["image"] for one in everything] == [BROKEN, TWO, ONE]
    assert [(one["newest"], one["active"]) for one in everything] == [(True, False), (False, True), (False, False)]
    assert [one["image"] for one in info(plane, status=["DEPLOYED"])] == [TWO, ONE]
    assert [one["image"] for one in info(plane, status=["DEPLOYED"], count=1)] == [TWO]
    assert [one["status"] for one in info(plane, image=BROKEN)] == ["DEPLOY_FAILED"]
    assert info(plane, revision_id=everything[1]["id"]) == [everything[1]]
    assert info(plane, name=None, deployment_id=agent["id"]) == everything
    assert info(plane, name="nobody") == []


def test_info_reads_no_more_than_it_was_asked_for(plane: Any) -> None:
    deploy(plane, ONE, TWO)
    plane.forget_requests()
    assert len(info(plane, count=1)) == 1
    assert len(plane.requests()) == 2


def add_log(plane: Any, revision: str, *messages: str, kind: str = "deploy", level: str = "INFO") -> None:
    lines = [
        {"message": message, "level": level, "timestamp": 1_700_000_000 + index}
        for index, message in enumerate(messages)
    ]
    plane.http.post(f"/internal/v1/revisions/{revision}/logs", json={"type": kind, "lines": lines}).raise_for_status()


@pytest.mark.parametrize("generation", ["0", "A", "B"])
def test_logs_by_both_routes(plane: Any, generation: str) -> None:
    agent = deploy(plane, ONE)
    revision = agent["latest_revision"]["id"]
    plane.settings(generation=generation)
    add_log(plane, revision, *(f"line {number}" for number in range(250)))
    add_log(plane, revision, "it broke", level="ERROR")
    add_log(plane, revision, "step 1", kind="build")
    log = read_log(plane, count=210)
    assert (log["revision_id"], log["truncated"], len(log["logs"])) == (revision, True, 210)
    assert [one["message"] for one in log["logs"]][-2:] == ["line 249", "it broke"]
    assert log["lines"][-2] == "2023-11-14T22:17:29Z INFO line 249"
    assert [one["message"] for one in read_log(plane, tail=False, query="line", count=2)["logs"]] == [
        "line 0",
        "line 1",
    ]
    assert [one["message"] for one in read_log(plane, level="ERROR")["logs"]] == ["it broke"]
    assert read_log(plane, level="ERROR")["truncated"] is False
    assert [one["message"] for one in read_log(plane, type="build")["logs"]] == ["step 1"]
    window = read_log(plane, start_time="2023-11-14T22:13:30Z", end_time="2023-11-14T22:13:31Z")
    assert [one["message"] for one in window["logs"]] == ["line 10", "line 11"]
    assert read_log(plane, revision="active")["revision_id"] == revision
    with pytest.raises(NotFound):
        read_log(plane, revision=UNKNOWN)
    if generation == "B":
        assert read_log(plane, run_id=UNKNOWN)["logs"] == []
    else:
        with pytest.raises(NotFound):
            read_log(plane, run_id=UNKNOWN)


def test_secrets_that_are_known_are_hidden_in_logs(plane: Any) -> None:
    agent = deploy(plane, ONE, secrets={"TOKEN": "sk-a-secret-of-the-agent"})
    add_log(plane, agent["latest_revision"]["id"], "sent sk-a-secret-of-the-agent to redis://:word@redis:6379")
    log = read_log(plane)
    assert "sk-a-secret-of-the-agent" not in str(log)
    assert "word" not in str(log)
    assert log["lines"][-1].endswith("sent ******** to redis://********@redis:6379")


def test_no_log_where_there_is_no_revision(plane: Any) -> None:
    plane.settings(deploy_seconds=60)
    deploy(plane, ONE, wait=False)
    with pytest.raises(Refused, match="no active revision"):
        read_log(plane, revision="active")

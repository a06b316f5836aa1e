# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet promises, against the simulator."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    Refused,
    SelfHostedError,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Progress

from .fleets import BROKEN, IMAGE, NEXT_IMAGE, SECRET, agents, by, fails, images, run


def test_ladder(plane: Any) -> None:
    """Each step is predicted, then done, with the same diff; after that there is nothing to predict and to do."""
    one = {"secrets": {"TOKEN": SECRET}}
    steps: list[tuple[str, list[dict[str, Any]]]] = [
        ("create", agents(1, 2, 3, **one)),
        ("update", agents(1, 2, 3, **one, resource_spec={"max_scale": 2})),
        ("update", agents(1, 2, 3, secrets={"TOKEN": SECRET + "-2"})),
        ("delete", [{"name": f"agent-{number}", "state": "absent"} for number in (1, 2, 3)]),
    ]
    for verb, deployments in steps:
        plane.forget_requests()
        predicted = run(plane, deployments, check=True, wait=True)
        assert (predicted.changed, plane.writes()) == (True, [])
        done = run(plane, deployments, wait=True)
        assert (done.changed, done.diff) == (True, predicted.diff)
        assert set(by(done.result["deployments"], "action").values()) == {verb}
        assert by(done.result["deployments"], "fields") == by(predicted.result["deployments"], "fields")
        assert len(plane.writes()) == len(done.diff) == 3
        for check in (True, False):
            again = run(plane, deployments, check=check, wait=True)
            assert (again.changed, again.diff) == (False, [])
            assert set(by(again.result["deployments"], "action").values()) == {"none"}
        assert len(plane.writes()) == 3
        assert SECRET not in json.dumps([dict(one.as_result()) for one in (predicted, done, again)])


def test_converged_fleet_is_one_listing(plane: Any) -> None:
    wanted = agents(*range(120))
    run(plane, wanted)
    plane.forget_requests()
    assert not run(plane, wanted).changed
    assert plane.requests() == ["GET /v2/deployments"] * 2


@pytest.mark.parametrize("seconds", [0, 1])
def test_creating_many_takes_few_requests(plane: Any, seconds: float) -> None:
    plane.settings(deploy_seconds=seconds)
    outcome = run(plane, agents(*range(200)))
    assert {item["revision"]["status"] for item in outcome.result["deployments"]} == {"DEPLOYED"}
    assert all(item["url"] for item in outcome.result["deployments"])
    entries = plane.http.get("/playground/requests").json()
    shared = sum("deployment_ids" in entry["query"] for entry in entries)
    assert len(plane.writes()) == 200
    assert len(entries) <= 1.1 * (200 + shared)


def test_wait_ends_soon_after_the_last_is_deployed(plane: Any) -> None:
    plane.settings(deploy_seconds=1.5)
    polls: list[float] = []
    begun = time.time()
    outcome = run(plane, agents(*range(20)), report=lambda report: polls.append(report.seconds))
    ids = [item["id"] for item in outcome.result["deployments"]]
    deployed = max(datetime.fromisoformat(plane.revisions(one)[0]["updated_at"]).timestamp() for one in ids)
    *looks, _ = polls  # The very last report is about the end of the wait, not about a poll.
    assert len(looks) > 2
    assert sum(begun + seconds > deployed for seconds in looks) <= 2


def test_wait_ends_with_its_time(plane: Any) -> None:
    plane.settings(auto_deploy=False)
    begun = time.monotonic()
    error = fails(plane, agents(*range(5)), wait_timeout=1)
    assert time.monotonic() - begun >= 1
    assert "5 of 5 deployments failed" in str(error)
    assert str(error).count("is not deployed after 1 s (CREATING)") == 5


def test_plane_that_ignores_filters_is_waited_for_all_the_same(plane: Any) -> None:
    plane.settings(deploy_seconds=2)
    run(plane, agents(*range(5)), wait=False)
    run(plane, agents(*range(100, 210)), wait=False)
    plane.settings(ignore_filters=True)
    outcome = run(plane, agents(*range(5)))
    assert {item["revision"]["status"] for item in outcome.result["deployments"]} == {"DEPLOYED"}
    gone = [{"name": f"agent-{number}", "state": "absent"} for number in range(5)]
    begun = time.monotonic()
    assert run(plane, gone, wait=True).changed
    assert time.monotonic() - begun >= 2, "those that the first page does not show were taken for gone"
    assert len(images(plane)) == 100
    assert [plane.deployments(f"agent-{number}") for number in range(5)] == [[]] * 5


def test_failed_ones_are_named_with_cause_message_and_log(plane: Any) -> None:
    plane.settings(failing_images=["broken"], deploy_seconds=0.5)
    wanted = [*agents(*range(30)), *agents(30, 31, image=BROKEN, secrets={"TOKEN": SECRET})]
    begun = time.monotonic()
    error = fails(plane, wanted, wait_timeout=60)
    assert time.monotonic() - begun < 60, "the wait did not end when all had ended"
    text = str(error)
    assert "2 of 32 deployments failed" in text
    for name in ("agent-30", "agent-31"):
        assert f"- {name}: revision " in text
    assert text.count("ended as DEPLOY_FAILED") == 2
    assert text.count("Cause: Deployment is not ready") == 2
    assert text.count("Back-off pulling image") == 2
    items = error.details["deployments"]
    assert [item["name"] for item in items if item["error"]] == ["agent-30", "agent-31"]
    assert items[30]["revision"]["status"] == "DEPLOY_FAILED"
    assert {item["changed"] for item in items} == {True}
    assert error.as_result()["changed"] is True
    plane.settings(failing_images=[])
    again = run(plane, wanted)
    assert [item["name"] for item in again.result["deployments"] if item["action"] == "redeploy"] == [
        "agent-30",
        "agent-31",
    ]


def test_key_withdrawn_while_waiting_loses_no_result(plane: Any) -> None:
    plane.settings(deploy_seconds=30)
    for route in ("GET /v2/deployments", "GET /v2/deployments/{id}", "GET /v2/deployments/{id}/revisions/{revision}"):
        plane.fault(route, "status", status=401, times=None, skip=3)
    error = fails(plane, agents(1, 2, 3), wait_timeout=20.0)
    assert by(error.details["deployments"], "changed") == dict.fromkeys(("agent-1", "agent-2", "agent-3"), True)
    assert all("answered 401" in told for told in by(error.details["deployments"], "error").values())


def test_failure_in_a_crowd_that_does_not_move_is_found(plane: Any) -> None:
    """Lists do not tell failures: single looks find them although most are still being deployed."""
    plane.settings(auto_deploy=False)
    reports: list[Progress] = []

    def report(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == 10:
            move(plane, "agent-7", "DEPLOY_FAILED")
        # Only then do the others move: were it not found among them, the wait would end with its time.
        if progress.failed and not reports[-2].failed:
            for number in {*range(10)} - {7}:
                move(plane, f"agent-{number}", "DEPLOYED")

    error = fails(plane, agents(*range(10)), wait_timeout=30, report=report)
    assert "1 of 10 deployments failed" in str(error)
    assert str(error).partition("- agent-7: revision")[2].count("ended as DEPLOY_FAILED") == 1


def move(plane: Any, name: str, end: str) -> None:
    """Move the newest revision to its end as a listener does."""
    revision = plane.deployments(name)[0]["latest_revision_id"]
    for status in ("QUEUED", "AWAITING_DEPLOY", "DEPLOYING", end):
        answer = plane.http.post(f"/internal/v1/revisions/{revision}/status", json={"status": status})
        answer.raise_for_status()


@pytest.mark.parametrize("policy", ["continue", "stop"])
def test_refused_write_ends_or_not(plane: Any, policy: str) -> None:
    plane.fault("POST /v2/deployments", "status", status=400, detail="not this one", skip=2, times=1)
    error = fails(plane, agents(*range(6)), on_failure=policy, concurrency=1)
    actions = by(error.details["deployments"], "action")
    assert "- agent-2: POST http" in str(error)
    assert "not this one" in str(error)
    made = [0, 1, 3, 4, 5] if policy == "continue" else [0, 1]
    assert sorted(images(plane)) == [f"agent-{number}" for number in made]
    skipped = [name for name, action in actions.items() if action == "skipped"]
    assert skipped == ([] if policy == "continue" else ["agent-3", "agent-4", "agent-5"])
    assert ("Not begun because of that (3): agent-3, agent-4, agent-5." in str(error)) == (policy == "stop")
    assert run(plane, agents(*range(6))).changed
    assert len(images(plane)) == 6


@pytest.mark.parametrize(("size", "begun"), [("2", 4), ("50%", 5), ("10%", 3), ("100%", 10), (None, 10)])
def test_first_bad_batch_is_the_last(plane: Any, size: str | None, begun: int) -> None:
    plane.settings(failing_images=["broken"])
    wanted = [{**one, "image": BROKEN} if number == 2 else one for number, one in enumerate(agents(*range(10)))]
    error = fails(plane, wanted, batch_size=size)
    assert len(images(plane)) == begun
    assert [item["action"] for item in error.details["deployments"]] == ["create"] * begun + ["skipped"] * (10 - begun)
    assert "1 of 10 deployments failed" in str(error)


def test_good_batches_follow_each_other(plane: Any) -> None:
    reports: list[Progress] = []
    plane.settings(deploy_seconds=0.2)
    run(plane, agents(*range(6)), batch_size="2", report=reports.append)
    at_once = max(report.done for report in reports if report.done < 6)
    assert at_once <= 4
    assert (reports[-1].done, reports[-1].failed, reports[-1].total) == (6, 0, 6)
    assert [report.done for report in reports] == sorted(report.done for report in reports)


def test_prune_deletes_what_is_in_the_scope_only(plane: Any) -> None:
    ids = {}
    for compute_id in ("eu", "us"):
        outcome = plane.run(operations.listener, compute_id=compute_id, namespaces=["agents"])
        ids[compute_id] = outcome.result["listener"]["id"]
    run(plane, agents(1, 2, 3), defaults={"listener": "eu"})
    run(plane, [{"name": "other", "image": IMAGE}, *agents(4)], defaults={"listener_id": ids["us"]})
    run(plane, agents(1), defaults={"listener": "eu"}, prune={"listener": "eu", "name_prefix": "agent-3"}, wait=True)
    assert set(images(plane)) == {"agent-1", "agent-2", "agent-4", "other"}
    predicted = run(plane, agents(1), True, defaults={"listener": "eu"}, prune={"listener_id": ids["eu"]})
    assert by(predicted.result["deployments"], "action") == {"agent-1": "none", "agent-2": "delete"}
    done = run(plane, agents(1), defaults={"listener": "eu"}, prune={"listener_id": ids["eu"]}, wait=True)
    assert by(done.result["deployments"], "changed") == {"agent-1": False, "agent-2": True}
    assert set(images(plane)) == {"agent-1", "agent-4", "other"}
    run(plane, agents(1), defaults={"listener": "eu"}, prune={"name_prefix": "agent-"}, wait=True)
    assert set(images(plane)) == {"agent-1", "other"}


@pytest.mark.parametrize("check", [False, True])
def test_prune_of_too_many_writes_nothing(plane: Any, check: bool) -> None:
    run(plane, agents(*range(6)))
    plane.forget_requests()
    with pytest.raises(Refused, match="5 deployments would be deleted, and at most 4 may") as raised:
        run(plane, agents(0, 7), check=check, prune={"name_prefix": "agent-", "max_deletes": 4})
    assert "agent-1, agent-2, agent-3, agent-4, agent-5" in str(raised.value)
    assert plane.writes() == []
    with pytest.raises(Refused, match="at most 0 may"):
        run(plane, agents(0), prune={"name_prefix": "agent-", "max_deletes": 0})


def test_nothing_is_pruned_before_all_else_is_well(plane: Any) -> None:
    run(plane, agents(1, 2))
    plane.settings(failing_images=["broken"])
    error = fails(plane, agents(1, image=BROKEN), prune={"name_prefix": "agent-"}, on_failure="stop")
    assert set(images(plane)) == {"agent-1", "agent-2"}
    assert by(error.details["deployments"], "action") == {"agent-1": "update", "agent-2": "skipped"}


def test_prune_by_a_listener_that_is_not_there_is_refused(plane: Any) -> None:
    with pytest.raises(Refused, match="the workspace has no listener nowhere"):
        run(plane, agents(1), prune={"listener": "nowhere"})
    assert plane.writes() == []


def test_all_that_the_plane_would_refuse_is_told_before_a_write(plane: Any) -> None:
    plane.run(operations.listener, compute_id="eu", namespaces=["agents", "more"])
    run(plane, agents(1), defaults={"listener": "eu", "namespace": "agents"})
    plane.forget_requests()
    with pytest.raises(Refused) as raised:
        run(
            plane,
            [
                *agents(1, listener="eu", namespace="more"),
                *agents(2, listener="eu", namespace="elsewhere"),
                *agents(3, listener="eu"),
                *agents(4, listener="us"),
                *agents(5, listener="eu", namespace="more"),
            ],
        )
    refused = {(one["name"], one["what"]) for one in raised.value.details["refused"]}
    assert refused == {
        ("agent-1", "namespace"),
        ("agent-2", "namespace"),
        ("agent-3", "namespace"),
        ("agent-4", "listener"),
    }
    assert plane.writes() == []


def test_defaults_lie_under_the_items(plane: Any) -> None:
    run(
        plane,
        [
            {"name": "plain"},
            {"name": "own", "image": NEXT_IMAGE, "resource_spec": {"cpu": 2}, "secrets": {"TOKEN": "own", "B": "b"}},
            {"name": "gone", "state": "absent"},
        ],
        defaults={"image": IMAGE, "resource_spec": {"cpu": 1, "max_scale": 3}, "secrets": {"TOKEN": "all", "A": "a"}},
    )
    (plain,), (own,) = plane.deployments("plain"), plane.deployments("own")
    assert images(plane) == {"plain": IMAGE, "own": NEXT_IMAGE}
    assert {one["name"]: one["value"] for one in plain["secrets"]} == {"TOKEN": "all", "A": "a"}
    assert {one["name"]: one["value"] for one in own["secrets"]} == {"TOKEN": "own", "A": "a", "B": "b"}
    specs = [one["source_config"]["resource_spec"] for one in (plain, own)]
    assert [(spec["cpu"], spec["max_scale"]) for spec in specs] == [(1, 3), (2, 3)]


def test_run_goes_on_with_what_an_earlier_one_began(plane: Any) -> None:
    plane.settings(deploy_seconds=0.8)
    run(plane, agents(*range(5)), wait=False)
    again = run(plane, agents(*range(5)))
    assert not again.changed
    assert {item["revision"]["status"] for item in again.result["deployments"]} == {"DEPLOYED"}


def test_warning_that_many_share_is_told_once(plane: Any) -> None:
    plane.settings(secrets_on_get="redacted")
    run(plane, agents(*range(8), secrets={"TOKEN": SECRET}))
    again = run(plane, agents(*range(8), secrets={"TOKEN": SECRET}))
    assert not again.changed
    (warning,) = again.warnings
    assert warning.startswith("agent-0, agent-1, agent-2, agent-3, agent-4 and 3 more: the control plane does not show")


def test_digest_can_be_demanded(plane: Any) -> None:
    with pytest.raises(SelfHostedError, match="has no digest"):
        run(plane, agents(1), require_digest=True)
    digest = "registry.example.com/agents/hello@sha256:" + "ab" * 32
    assert run(plane, agents(1, image=digest), require_digest=True).changed
    assert run(plane, agents(2, require_digest=False), require_digest=True).changed


REVISION = "GET /v2/deployments/{id}/revisions/{revision}"


def test_one_that_vanishes_while_it_is_read_spoils_no_reading(plane: Any) -> None:
    """It was in the list, and is gone when its newest revision is asked for."""
    plane.settings(deploy_seconds=3600)
    run(plane, agents(1, 2), wait=False)
    plane.fault(REVISION, "status", status=404, detail="Deployment ID … not found.", times=1)
    assert len(plane.run(operations.deployment_info).result["deployments"]) == 1
    plane.fault(REVISION, "status", status=404, detail="Deployment ID … not found.", times=1)
    predicted = run(plane, agents(1, 2), check=True)
    assert sorted(by(predicted.result["deployments"], "action").values()) == ["create", "none"]


def test_revisions_of_what_is_leaving_are_not_asked_for(plane: Any) -> None:
    plane.settings(deploy_seconds=3600)
    run(plane, agents(1), wait=False)
    run(plane, agents(1, state="absent"))
    plane.forget_requests()
    (shown,) = plane.run(operations.deployment_info).result["deployments"]
    assert (shown["status"], shown["latest_revision"]["status"]) == ("AWAITING_DELETE", None)
    assert plane.requests() == ["GET /v2/deployments"]


def test_empty_fleet_is_fine(plane: Any) -> None:
    run(plane, agents(1))
    assert not run(plane, []).changed
    assert run(plane, [], prune={"name_prefix": "agent-"}, wait=True).changed
    assert images(plane) == {}

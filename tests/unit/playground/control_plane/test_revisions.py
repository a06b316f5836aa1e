# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions: how they come to be, and who moves them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import IMAGE, UNKNOWN, Clock, Plane


def _new_image(plane: Plane, deployment: dict[str, Any], image: str) -> str:
    answer = plane.patch(f"/v2/deployments/{deployment['id']}", {"source_revision_config": {"image_uri": image}})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["latest_revision_id"])


class TestMovedByTheListener:
    def test_from_creating_to_deployed(self, plane: Plane) -> None:
        deployment = plane.deployment()
        revision = deployment["latest_revision_id"]
        seen = []
        for status in ("QUEUED", "AWAITING_DEPLOY", "DEPLOYING", "DEPLOYED"):
            assert plane.report(revision, status).status_code == 200
            found = plane.read(deployment)
            seen.append((plane.statuses(deployment)[0], found["status"], found["active_revision_id"] == revision))
        assert seen == [
            ("QUEUED", "AWAITING_DATABASE", False),
            ("AWAITING_DEPLOY", "AWAITING_DATABASE", False),
            ("DEPLOYING", "READY", False),
            ("DEPLOYED", "READY", True),
        ]

    def test_nothing_moves_by_itself(self, plane: Plane, clock: Clock) -> None:
        deployment = plane.deployment()
        clock.forward(86400)
        assert plane.statuses(deployment) == ["CREATING"]

    def test_ready_says_nothing_about_the_latest_revision(self, plane: Plane) -> None:
        deployment = plane.deployment()
        plane.bring_live(deployment)
        live = deployment["latest_revision_id"]
        broken = _new_image(plane, deployment, "image:broken")
        assert plane.report(broken, "DEPLOY_FAILED", "no such image").status_code == 200
        found = plane.read(deployment)
        assert (found["status"], found["active_revision_id"], found["latest_revision_id"]) == ("READY", live, broken)
        assert found["source_revision_config"]["image_uri"] == "image:broken"
        assert plane.revisions(deployment)[0]["status_message"] == "no such image"

    def test_a_final_status_stays(self, plane: Plane) -> None:
        deployment = plane.deployment()
        plane.bring_live(deployment)
        assert plane.report(deployment["latest_revision_id"], "DEPLOYING").status_code == 409
        assert plane.report(deployment["latest_revision_id"], "DEPLOYED").status_code == 200
        assert plane.report(deployment["latest_revision_id"], "HEALTHY").status_code == 400
        assert plane.report(UNKNOWN, "DEPLOYED").status_code == 404
        assert plane.statuses(deployment) == ["DEPLOYED"]

    def test_a_report_that_says_nothing_new_changes_nothing(self, plane: Plane, clock: Clock) -> None:
        deployment = plane.deployment()
        plane.bring_live(deployment)
        before = plane.read(deployment)
        clock.forward(10)
        plane.report(deployment["latest_revision_id"], "DEPLOYED")
        plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {})
        assert plane.read(deployment) == before

    def test_a_revision_that_has_not_begun_is_skipped_for_a_newer_one(self, plane: Plane) -> None:
        deployment = plane.deployment()
        _new_image(plane, deployment, "image:2")
        _new_image(plane, deployment, "image:3")
        assert plane.statuses(deployment) == ["QUEUED", "SKIPPED", "SKIPPED"]

    def test_a_revision_under_way_is_finished_first(self, plane: Plane) -> None:
        deployment = plane.deployment()
        first = deployment["latest_revision_id"]
        plane.report(first, "DEPLOYING")
        second = _new_image(plane, deployment, "image:2")
        assert plane.statuses(deployment) == ["QUEUED", "DEPLOYING"]
        assert plane.get("/internal/v1/work").json()["deployments"][0]["revision"]["id"] == first
        plane.report(first, "DEPLOYED")
        assert plane.get("/internal/v1/work").json()["deployments"][0]["revision"]["id"] == second


class TestMovedByTheClock:
    @pytest.mark.parametrize(
        ("after", "revision", "deployment"),
        [
            (0, "CREATING", "AWAITING_DATABASE"),
            (1, "QUEUED", "AWAITING_DATABASE"),
            (2, "AWAITING_DEPLOY", "AWAITING_DATABASE"),
            (4.001, "DEPLOYING", "READY"),
            (9.999, "DEPLOYING", "READY"),
            (10.001, "DEPLOYED", "READY"),
            (86400, "DEPLOYED", "READY"),
        ],
    )
    def test_steps(self, plane: Plane, clock: Clock, after: float, revision: str, deployment: str) -> None:
        plane.settings(auto_deploy=True, deploy_seconds=10)
        created = plane.deployment()
        clock.forward(after)
        assert plane.read(created)["status"] == deployment
        assert plane.statuses(created) == [revision]

    def test_the_moment_of_a_step_does_not_depend_on_who_looks_when(self, plane: Plane, clock: Clock) -> None:
        plane.settings(auto_deploy=True, deploy_seconds=10)
        created = plane.deployment()
        clock.forward(5000)
        assert plane.revisions(created)[0]["updated_at"] == "2023-11-14T22:13:30.000000Z"

    def test_with_no_time_the_next_look_sees_it_deployed(self, plane: Plane) -> None:
        plane.settings(auto_deploy=True)
        created = plane.deployment()
        assert created["status"] == "AWAITING_DATABASE"
        found = plane.read(created)
        assert found["active_revision_id"] == created["latest_revision_id"]
        assert found["url"].startswith("https://agents.example.com/lgp/agent-")
        assert found["source_config"]["custom_url"] == found["url"]

    def test_images_can_be_made_to_fail(self, plane: Plane) -> None:
        plane.settings(auto_deploy=True, failing_images=["broken"])
        created = plane.deployment()
        live = plane.read(created)["active_revision_id"]
        _new_image(plane, created, "registry.example.com/broken:1")
        assert plane.statuses(created) == ["DEPLOY_FAILED", "DEPLOYED"]
        assert plane.read(created)["active_revision_id"] == live
        assert "Back-off pulling image" in plane.post(f"/v1/projects/{created['id']}/deploy_logs", {}).text

    def test_a_newer_one_waits_for_the_one_under_way(self, plane: Plane, clock: Clock) -> None:
        plane.settings(auto_deploy=True, deploy_seconds=10)
        created = plane.deployment()
        clock.forward(5)
        _new_image(plane, created, "image:2")
        clock.forward(1)
        _new_image(plane, created, "image:3")
        assert plane.statuses(created) == ["QUEUED", "SKIPPED", "DEPLOYING"]
        clock.forward(4.01)
        assert plane.statuses(created) == ["QUEUED", "SKIPPED", "DEPLOYED"]
        clock.forward(10)
        assert plane.statuses(created) == ["DEPLOYED", "SKIPPED", "DEPLOYED"]

    def test_deletion_takes_as_long(self, plane: Plane, clock: Clock) -> None:
        plane.settings(auto_deploy=True, deploy_seconds=10)
        created = plane.deployment()
        plane.delete(f"/v2/deployments/{created['id']}")
        clock.forward(9)
        assert plane.read(created)["status"] == "AWAITING_DELETE"
        clock.forward(1)
        assert plane.get(f"/v2/deployments/{created['id']}").status_code == 404

    def test_switched_on_later_it_takes_over_what_waits(self, plane: Plane) -> None:
        waiting, underway, doomed = (plane.deployment(name) for name in ("waiting", "underway", "doomed"))
        plane.report(underway["latest_revision_id"], "DEPLOYING")
        plane.delete(f"/v2/deployments/{doomed['id']}")
        plane.settings(auto_deploy=True)
        assert plane.statuses(waiting) == plane.statuses(underway) == ["DEPLOYED"]
        assert plane.get(f"/v2/deployments/{doomed['id']}").status_code == 404


class TestNewRevision:
    def test_is_made_even_if_nothing_differs(self, plane: Plane) -> None:
        deployment = plane.deployment(secrets=[{"name": "A", "value": "1"}])
        answer = plane.post(f"/v2/deployments/{deployment['id']}/revisions", {})
        assert answer.status_code == 201
        assert answer.json() == plane.revisions(deployment)[0]
        found = plane.read(deployment)
        assert found["latest_revision_id"] == answer.json()["id"]
        assert found["secrets"] == deployment["secrets"]
        assert answer.json()["source_revision_config"]["image_uri"] == IMAGE

    def test_with_content(self, plane: Plane) -> None:
        deployment = plane.deployment()
        body = {
            "source_revision_config": {"image_uri": "image:2"},
            "source_config": {"resource_spec": {"cpu": 2}},
            "secrets": [{"name": "B", "value": "2"}],
            "secret_references": [{"name": "C", "secret_name": "s", "secret_key": "k"}],
        }
        assert plane.post(f"/v2/deployments/{deployment['id']}/revisions", body).status_code == 201
        found = plane.read(deployment)
        assert found["source_revision_config"]["image_uri"] == "image:2"
        assert found["source_config"]["resource_spec"]["cpu"] == 2
        assert found["secrets"] == body["secrets"]
        assert found["secret_references"] == body["secret_references"]


class TestRedeploy:
    def test_brings_back_the_content_of_an_earlier_revision(self, plane: Plane) -> None:
        deployment = plane.deployment(
            secrets=[{"name": "A", "value": "1"}], source_config={"resource_spec": {"cpu": 2}}
        )
        path = f"/v2/deployments/{deployment['id']}"
        plane.patch(
            path,
            {
                "source_revision_config": {"image_uri": "image:2"},
                "secrets": [{"name": "B", "value": "2"}],
                "source_config": {"resource_spec": {}, "custom_url": "https://agent.example.com"},
            },
        )
        answer = plane.post(f"{path}/revisions/{deployment['latest_revision_id']}/redeploy")
        assert answer.status_code == 200
        found = answer.json()
        assert found == plane.read(deployment)
        assert found["source_revision_config"]["image_uri"] == IMAGE
        assert found["secrets"] == [{"name": "A", "value": "1"}]
        assert found["source_config"]["resource_spec"]["cpu"] == 2
        assert found["source_config"]["custom_url"] == "https://agent.example.com"  # not a revision's own
        assert len(plane.revisions(deployment)) == 3

    def test_is_announced_late_on_demand(self, plane: Plane) -> None:
        deployment = plane.deployment()
        first = deployment["latest_revision_id"]
        redeploy = f"/v2/deployments/{deployment['id']}/revisions/{first}/redeploy"
        plane.settings(redeploy_seconds=3600)
        assert plane.post(redeploy).json()["latest_revision_id"] == first
        assert plane.read(deployment)["latest_revision_id"] == first
        assert [one["id"] for one in plane.revisions(deployment)] == [first]
        plane.settings(redeploy_seconds=0)
        newest = plane.post(redeploy).json()["latest_revision_id"]
        assert newest != first
        assert plane.revisions(deployment)[0]["id"] == newest
        assert len(plane.revisions(deployment)) == 3

    def test_of_what_does_not_exist(self, plane: Plane) -> None:
        deployment, other = plane.deployment("a"), plane.deployment("b")
        for revision in (UNKNOWN, other["latest_revision_id"]):
            answer = plane.post(f"/v2/deployments/{deployment['id']}/revisions/{revision}/redeploy")
            assert (answer.status_code, answer.json()) == (404, {"detail": f"Revision ID {revision} not found."})

    def test_refused_while_being_deleted(self, plane: Plane) -> None:
        deployment = plane.deployment()
        path = f"/v2/deployments/{deployment['id']}"
        plane.delete(path)
        assert plane.post(f"{path}/revisions/{deployment['latest_revision_id']}/redeploy").status_code == 400


def test_list_is_newest_first_and_filtered_by_status(plane: Plane) -> None:
    deployment = plane.deployment()
    newest = _new_image(plane, deployment, "image:2")
    path = f"/v2/deployments/{deployment['id']}/revisions"
    assert [item["id"] for item in plane.get(path).json()["resources"]] == [newest, deployment["latest_revision_id"]]
    assert [item["id"] for item in plane.get(path, limit=1, offset=1).json()["resources"]] == [
        deployment["latest_revision_id"]
    ]
    assert [item["id"] for item in plane.get(path, status="QUEUED,DEPLOYED").json()["resources"]] == [newest]
    assert plane.get(path, remote_reconciled=True).json()["resources"] == []
    assert plane.get(f"/v2/deployments/{UNKNOWN}/revisions").status_code == 404


class TestPlaneWherePatchMakesNoRevision:
    def test_patch_leaves_alone_what_makes_one(self, plane: Plane) -> None:
        deployment = plane.deployment()
        plane.settings(patch_makes_revision=False)
        answer = plane.patch(
            f"/v2/deployments/{deployment['id']}",
            {
                "source_revision_config": {"image_uri": "image:2"},
                "source_config": {"resource_spec": {"cpu": 2}, "custom_url": "https://a.example.com"},
                "secrets": [{"name": "A", "value": "1"}],
                "display_name": "Agent",
            },
        )
        assert answer.status_code == 200
        found = plane.read(deployment)
        assert (found["source_config"]["custom_url"], found["display_name"]) == ("https://a.example.com", "Agent")
        assert found["source_revision_config"] == deployment["source_revision_config"]
        assert found["source_config"]["resource_spec"] == deployment["source_config"]["resource_spec"]
        assert (found["secrets"], len(plane.revisions(found))) == (deployment["secrets"], 1)

    def test_post_revisions_makes_one(self, plane: Plane) -> None:
        deployment = plane.deployment()
        plane.settings(patch_makes_revision=False)
        answer = plane.post(
            f"/v2/deployments/{deployment['id']}/revisions", {"source_revision_config": {"image_uri": "image:2"}}
        )
        assert answer.status_code == 201
        assert plane.read(deployment)["source_revision_config"]["image_uri"] == "image:2"

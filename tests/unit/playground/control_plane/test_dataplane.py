# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listener's side."""

from __future__ import annotations

from .conftest import UNKNOWN, Plane


def test_work_is_everything_of_one_listener(plane: Plane) -> None:
    own = plane.deployment("beside-the-plane")
    listener = plane.listener()
    remote = plane.deployment(
        "remote",
        source_config={"resource_spec": {"cpu": 2}, "listener_id": listener},
        secrets=[{"name": "TOKEN", "value": "hidden"}],
    )
    plane.settings(secrets_on_get="redacted", generation="0")  # what clients see does not matter here
    items = plane.get("/internal/v1/work", listener_id=listener).json()["deployments"]
    assert [item["id"] for item in items] == [remote["id"]]
    item = items[0]
    assert (item["action"], item["revision"]["id"]) == ("apply", remote["latest_revision_id"])
    assert item["secrets"] == [{"name": "TOKEN", "value": "hidden"}]
    assert item["source_config"]["listener_config"] == {"k8s_namespace": "agents"}
    assert [item["id"] for item in plane.get("/internal/v1/work").json()["deployments"]] == [own["id"]]
    assert plane.get("/internal/v1/work", listener_id=UNKNOWN).status_code == 404


def test_work_shows_the_content_of_the_revision_to_bring_about(plane: Plane) -> None:
    deployment = plane.deployment(secrets=[{"name": "A", "value": "1"}], source_config={"resource_spec": {"cpu": 2}})
    plane.report(deployment["latest_revision_id"], "DEPLOYING")
    plane.patch(
        f"/v2/deployments/{deployment['id']}",
        {"secrets": [{"name": "A", "value": "2"}], "source_config": {"resource_spec": {"cpu": 3}}},
    )

    def shown() -> tuple[str, float]:
        item = plane.get("/internal/v1/work").json()["deployments"][0]
        return item["secrets"][0]["value"], item["source_config"]["resource_spec"]["cpu"]

    assert shown() == ("1", 2)
    plane.report(deployment["latest_revision_id"], "DEPLOYED")
    assert shown() == ("2", 3)


def test_a_failed_revision_hands_back_to_the_live_one(plane: Plane) -> None:
    deployment = plane.deployment()
    plane.bring_live(deployment)
    path = f"/v2/deployments/{deployment['id']}"
    newest = plane.patch(path, {"source_revision_config": {"image_uri": "image:2"}}).json()["latest_revision_id"]
    plane.report(newest, "DEPLOY_FAILED")
    item = plane.get("/internal/v1/work").json()["deployments"][0]
    assert item["revision"]["id"] == deployment["latest_revision_id"]
    assert item["latest_revision_id"] == newest


def test_only_what_waits(plane: Plane) -> None:
    live, waiting, doomed = (plane.deployment(name) for name in ("live", "waiting", "doomed"))
    for deployment in (live, doomed):
        plane.bring_live(deployment)
    plane.delete(f"/v2/deployments/{doomed['id']}")
    items = plane.get("/internal/v1/work", pending=True).json()["deployments"]
    assert [(item["id"], item["action"]) for item in items] == [(waiting["id"], "apply"), (doomed["id"], "delete")]


def test_a_reported_url_is_shown_where_clients_look(plane: Plane) -> None:
    deployment = plane.deployment()
    plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {"url": "https://a.example.com/lgp/x"})
    found = plane.read(deployment)
    assert found["url"] == found["source_config"]["custom_url"] == "https://a.example.com/lgp/x"
    plane.patch(f"/v2/deployments/{deployment['id']}", {"source_config": {"custom_url": "https://mine.example.com"}})
    assert plane.read(deployment)["url"] == "https://mine.example.com"


def test_heartbeat(plane: Plane) -> None:
    listener = plane.listener()
    before = plane.get(f"/v2/listeners/{listener}").json()
    assert plane.post(f"/internal/v1/listeners/{listener}/heartbeat").status_code == 204
    assert plane.get(f"/v2/listeners/{listener}").json() == before  # the API has no field for it
    assert "0 s ago" not in before
    assert plane.post(f"/internal/v1/listeners/{UNKNOWN}/heartbeat").status_code == 404

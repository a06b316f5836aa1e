# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from .conftest import IMAGE, UNKNOWN, Clock, Plane


def test_create(plane: Plane) -> None:
    created = plane.deployment(secrets=[{"name": "TOKEN", "value": "hidden"}])
    assert created["status"] == "AWAITING_DATABASE"
    assert created["latest_revision_id"]
    assert created["active_revision_id"] is None
    assert created["secrets"] == [{"name": "TOKEN", "value": "hidden"}]
    assert created["source_revision_config"]["image_uri"] == IMAGE
    assert plane.read(created) == created
    revision = plane.get(f"/v2/deployments/{created['id']}/revisions/{created['latest_revision_id']}").json()
    assert revision["status"] == "CREATING"
    assert revision["source_revision_config"]["image_uri"] == IMAGE


def test_the_server_fills_in_what_was_not_given(plane: Plane) -> None:
    config = plane.deployment(source_config={"resource_spec": {"max_scale": 4}})["source_config"]
    given = {name: value for name, value in config["resource_spec"].items() if value is not None}
    assert given == {"min_scale": 1, "max_scale": 4, "cpu": 1, "memory_mb": 2048}
    assert config["deployment_type"] == "prod"


def test_a_name_is_unique(plane: Plane) -> None:
    plane.deployment("agent")
    for generation, status in (("B", 409), ("A", 400), ("0", 400)):
        plane.settings(generation=generation)
        answer = plane.post("/v2/deployments", plane.request("agent"))
        assert (answer.status_code, answer.json()) == (status, {"detail": "A deployment named 'agent' already exists."})
    plane.settings(duplicate_name_status=409)
    assert plane.post("/v2/deployments", plane.request("agent")).status_code == 409


@pytest.mark.parametrize("missing", ["name", "source", "source_config", "source_revision_config", "secrets"])
def test_required_fields(plane: Plane, missing: str) -> None:
    body = plane.request()
    del body[missing]
    answer = plane.post("/v2/deployments", body)
    assert answer.status_code == 422
    assert answer.json()["detail"] == [{"loc": ["body", missing], "msg": "Field required", "type": "missing"}]


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"resource_spec": {"cpu": 8.1}}, ["resource_spec", "cpu"]),
        ({"resource_spec": {"cpu": 0.05}}, ["resource_spec", "cpu"]),
        ({"resource_spec": {"queue_cpu_limit": 17}}, ["resource_spec", "queue_cpu_limit"]),
        ({"resource_spec": {"min_scale": "1"}}, ["resource_spec", "min_scale"]),
        ({"resource_spec": {"sidecars": [{"name": "x"}]}}, ["resource_spec", "sidecars", 0, "image"]),
        ({"resource_spec": {}, "listener_id": "x"}, ["listener_id"]),
    ],
)
def test_bounds_and_types(plane: Plane, config: dict[str, Any], place: list[str | int]) -> None:
    answer = plane.post("/v2/deployments", {**plane.request(), "source_config": config})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "source_config", *place]


def test_caps_can_be_lifted(plane: Plane) -> None:
    plane.settings(uncapped_resources=True)
    created = plane.deployment(source_config={"resource_spec": {"cpu": 12, "cpu_limit": 64}})
    assert created["source_config"]["resource_spec"]["cpu_limit"] == 64


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"source_config": {}}, "'source_config.resource_spec' is required"),
        ({"source_config": {"resource_spec": {}, "deployment_type": "dev"}}, "'source_config.deployment_type' is not"),
        ({"source_revision_config": {"image_uri": IMAGE, "langgraph_config_path": "x"}}, "must be null"),
        ({"source_revision_config": {}}, "'source_revision_config.image_uri' is required"),
        ({"source": "github"}, "'source_config.deployment_type' is required"),
        ({"source": "github", "source_config": {"deployment_type": "dev"}}, "'source_config.integration_id'"),
        ({"secrets": [{"name": "LANGCHAIN_ENDPOINT", "value": "x"}]}, "'LANGCHAIN_ENDPOINT' is reserved"),
        (
            {"secret_references": [{"name": "REDIS_URI", "secret_name": "s", "secret_key": "k"}]},
            "'REDIS_URI' is reserv",
        ),
        ({"secrets": [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]}, "must be unique: A"),
        ({"name": "my_agent"}, "must start with a letter"),
    ],
)
def test_refused(plane: Plane, change: dict[str, Any], text: str) -> None:
    answer = plane.post("/v2/deployments", {**plane.request(), **change})
    assert answer.status_code == 400
    assert text in answer.json()["detail"]
    assert plane.get("/v2/deployments").json()["resources"] == []


def test_a_github_deployment(plane: Plane) -> None:
    created = plane.deployment(
        source="github",
        source_config={
            "integration_id": UNKNOWN,
            "repo_url": "https://github.com/example/agent",
            "deployment_type": "dev",
            "build_on_push": True,
        },
        source_revision_config={"repo_ref": "main", "langgraph_config_path": "langgraph.json"},
    )
    assert created["source_config"]["integration_id"] == UNKNOWN
    answer = plane.patch(f"/v2/deployments/{created['id']}", {"source_config": {"resource_spec": {}}})
    assert answer.status_code == 400
    assert (
        plane.patch(f"/v2/deployments/{created['id']}", {"source_config": {"build_on_push": False}}).status_code == 200
    )
    assert len(plane.revisions(created)) == 1


class TestListener:
    def test_is_required_where_there_is_one(self, plane: Plane) -> None:
        listener = plane.listener()
        answer = plane.post("/v2/deployments", plane.request())
        assert answer.status_code == 400
        assert answer.json()["detail"] == (
            "Source configuration error: 'source_config.listener_id' is required for workspace with available listener "
            f"IDs: ['{listener}']"
        )

    def test_its_only_namespace_is_taken(self, plane: Plane) -> None:
        listener = plane.listener(namespaces=("agents",))
        created = plane.deployment(source_config={"resource_spec": {}, "listener_id": listener})
        assert created["source_config"]["listener_config"] == {"k8s_namespace": "agents"}

    @pytest.mark.parametrize("rule", ["reject", "accept"])
    def test_a_namespace_it_does_not_serve(self, plane: Plane, rule: str) -> None:
        plane.settings(wrong_namespace=rule)
        config = {"k8s_namespace": "elsewhere"}
        answer = plane.post("/v2/deployments", plane.request(listener_id=plane.listener(), listener_config=config))
        assert answer.status_code == (400 if rule == "reject" else 201)

    def test_an_unknown_one(self, plane: Plane) -> None:
        answer = plane.post("/v2/deployments", plane.request(listener_id=UNKNOWN))
        assert answer.status_code == 400
        assert answer.json()["detail"] == f"Source configuration error: Listener ID {UNKNOWN} not found."


class TestPatch:
    @pytest.mark.parametrize(
        ("body", "revisions"),
        [
            ({}, 1),
            ({"display_name": "An agent"}, 1),
            ({"tracked_repo_ref": "main"}, 1),
            ({"route_through_gateway": True}, 1),
            ({"source_config": {"custom_url": "https://agent.example.com"}}, 1),
            ({"secrets": []}, 1),
            ({"source_revision_config": {"image_uri": IMAGE}}, 2),
            ({"source_config": {"resource_spec": {"cpu": 2}}}, 2),
            ({"secrets": [{"name": "A", "value": "1"}]}, 2),
            ({"secret_references": []}, 2),
            ({"name": "other", "source": "github"}, 1),
        ],
    )
    def test_makes_a_revision_or_not(self, plane: Plane, body: dict[str, Any], revisions: int) -> None:
        deployment = plane.deployment()
        answer = plane.patch(f"/v2/deployments/{deployment['id']}", body)
        assert answer.status_code == 200
        assert answer.json() == plane.read(deployment)
        assert len(plane.revisions(deployment)) == revisions
        assert (answer.json()["latest_revision_id"] != deployment["latest_revision_id"]) is (revisions == 2)
        assert answer.json()["name"] == "agent"
        assert answer.json()["source"] == "external_docker"

    def test_resource_spec_is_overwritten(self, plane: Plane) -> None:
        deployment = plane.deployment(source_config={"resource_spec": {"cpu": 2, "max_scale": 5}})
        plane.patch(f"/v2/deployments/{deployment['id']}", {"source_config": {"resource_spec": {"memory_mb": 512}}})
        spec = plane.read(deployment)["source_config"]["resource_spec"]
        assert (spec["cpu"], spec["max_scale"], spec["memory_mb"]) == (1, 1, 512)

    def test_secrets_stay_until_others_are_given(self, plane: Plane) -> None:
        deployment = plane.deployment(secrets=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
        path = f"/v2/deployments/{deployment['id']}"
        unlike: tuple[Any, ...] = ({"secrets": []}, {"secrets": None}, {"source_revision_config": {"image_uri": "x:2"}})
        for body in unlike:
            plane.patch(path, body)
            assert len(plane.read(deployment)["secrets"]) == 2
        plane.patch(path, {"secrets": [{"name": "B", "value": "3"}]})
        assert plane.read(deployment)["secrets"] == [{"name": "B", "value": "3"}]

    @pytest.mark.parametrize(
        ("config", "field"),
        [
            ({"listener_id": UNKNOWN}, "listener_id"),
            ({"listener_config": {"k8s_namespace": "other"}}, "listener_config.k8s_namespace"),
            ({"deployment_type": "dev"}, "deployment_type"),
        ],
    )
    def test_what_cannot_be_changed(self, plane: Plane, config: dict[str, Any], field: str) -> None:
        listener = plane.listener()
        deployment = plane.deployment(source_config={"resource_spec": {}, "listener_id": listener})
        path = f"/v2/deployments/{deployment['id']}"
        answer = plane.patch(path, {"source_config": config})
        assert answer.status_code == 400
        assert answer.json()["detail"] == f"Source configuration error: 'source_config.{field}' cannot be changed"
        plane.settings(immutable_change="ignore")
        assert plane.patch(path, {"source_config": config}).status_code == 200
        assert plane.read(deployment) == deployment

    def test_what_get_shows_can_be_sent_back(self, plane: Plane) -> None:
        listener = plane.listener()
        deployment = plane.deployment(source_config={"resource_spec": {}, "listener_id": listener})
        config = {name: value for name, value in deployment["source_config"].items() if name != "resource_spec"}
        assert plane.patch(f"/v2/deployments/{deployment['id']}", {"source_config": config}).status_code == 200
        assert len(plane.revisions(deployment)) == 1

    def test_refused_while_it_is_being_deleted(self, plane: Plane) -> None:
        deployment = plane.deployment()
        plane.delete(f"/v2/deployments/{deployment['id']}")
        assert plane.patch(f"/v2/deployments/{deployment['id']}", {"display_name": "x"}).status_code == 400

    def test_a_refused_change_changes_nothing(self, plane: Plane) -> None:
        deployment = plane.deployment()
        body = {"display_name": "New", "secrets": [{"name": "REDIS_URI", "value": "x"}]}
        assert plane.patch(f"/v2/deployments/{deployment['id']}", body).status_code == 400
        assert plane.read(deployment) == deployment


class TestDelete:
    def test_takes_as_long_as_the_data_plane(self, plane: Plane) -> None:
        deployment = plane.deployment()
        path = f"/v2/deployments/{deployment['id']}"
        assert plane.delete(path).status_code == 204
        assert plane.read(deployment)["status"] == "AWAITING_DELETE"
        assert plane.post("/v2/deployments", plane.request()).status_code == 409  # the name is still taken
        assert plane.delete(path).status_code == 204
        gone = plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {"deleted": True})
        assert gone.status_code == 204
        for answer in (plane.get(path), plane.delete(path), plane.get(f"{path}/revisions")):
            assert answer.status_code == 404
            assert answer.json() == {"detail": f"Deployment ID {deployment['id']} not found."}
        plane.deployment()

    def test_a_grace_time_may_follow(self, plane: Plane, clock: Clock) -> None:
        plane.settings(deletion_grace_seconds=3600)
        deployment = plane.deployment()
        plane.delete(f"/v2/deployments/{deployment['id']}")
        plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {"deleted": True})
        assert plane.read(deployment)["status"] == "AWAITING_FINAL_DELETE"
        clock.forward(3599)
        assert plane.read(deployment)["status"] == "AWAITING_FINAL_DELETE"
        clock.forward(1)
        assert plane.get(f"/v2/deployments/{deployment['id']}").status_code == 404

    def test_by_force_only_after_a_first_delete(self, plane: Plane) -> None:
        deployment = plane.deployment()
        path = f"/v2/deployments/{deployment['id']}"
        assert plane.delete(path, force=True).status_code == 400
        assert plane.delete(path).status_code == 204
        assert plane.delete(path, force=True).status_code == 204
        assert plane.get(path).status_code == 404

    def test_nobody_can_report_gone_what_was_not_to_be_deleted(self, plane: Plane) -> None:
        deployment = plane.deployment()
        answer = plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {"deleted": True})
        assert answer.status_code == 409
        assert plane.read(deployment)["id"] == deployment["id"]

    def test_several(self, plane: Plane) -> None:
        ids = [plane.deployment(name)["id"] for name in ("a", "b", "c")]
        assert plane.delete("/v2/deployments", deployment_ids=ids[:2]).status_code == 200
        some = plane.delete("/v2/deployments", deployment_ids=[ids[2], UNKNOWN])
        assert some.status_code == 207
        assert some.json()["deleted"] == [ids[2]]
        assert plane.delete("/v2/deployments", deployment_ids=[UNKNOWN]).status_code == 404
        assert {item["status"] for item in plane.get("/v2/deployments").json()["resources"]} == {"AWAITING_DELETE"}
        assert plane.delete("/v2/deployments").status_code == 422
        assert plane.delete("/v2/deployments", deployment_ids=[UNKNOWN] * 101).status_code == 422


class TestTiers:
    def test_the_deployment_tier_mirrors_the_compute_tier(self, plane: Plane) -> None:
        path = f"/v2/deployments/{plane.deployment()['id']}"
        assert (
            plane.patch(f"{path}/deployment-tier", {"deployment_tier": "DEDICATED_M"}).json()["compute_tier"]
            == "DEDICATED_M"
        )
        answer = plane.patch(f"{path}/resource-tiers", {"compute_tier": "DEDICATED_L", "database_tier": "DEDICATED_S"})
        found = answer.json()
        assert (found["deployment_tier"], found["database_tier"]) == ("DEDICATED_L", "DEDICATED_S")
        assert plane.patch(f"{path}/resource-tiers", {}).status_code == 400
        assert plane.patch(f"{path}/deployment-tier", {"deployment_tier": "HUGE"}).status_code == 422

    def test_free_count(self, plane: Plane) -> None:
        plane.deployment()
        assert plane.get("/v2/deployments/free-count").json() == {"count": 0}


def test_unknown_ids(plane: Plane) -> None:
    answer = plane.get(f"/v2/deployments/{UNKNOWN}")
    assert (answer.status_code, answer.json()) == (404, {"detail": f"Deployment ID {UNKNOWN} not found."})
    assert plane.get("/v2/deployments/nonsense").json()["detail"][0]["type"] == "uuid_parsing"


def test_a_secret_is_never_repeated_in_an_error(plane: Plane) -> None:
    answer = plane.post("/v2/deployments", {**plane.request(), "secrets": [{"value": "hidden-value"}]})
    assert answer.status_code == 422
    assert "hidden-value" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{", "application/json"), (b"", "application/json"), (b"{}", "text/plain"), (b"[]", "application/json")],
)
def test_bodies_that_are_no_json_object(plane: Plane, content: bytes, kind: str) -> None:
    answer = plane.client.post("/v2/deployments", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


def test_only_what_was_given_of_a_volume_or_container_is_kept(plane: Plane) -> None:
    spec = {"volumes": [{"emptyDir": {}}], "sidecars": [{"name": "x", "image": "y", "env": [{"name": "A"}]}]}
    found = plane.deployment(source_config={"resource_spec": spec})["source_config"]["resource_spec"]
    assert {name: found[name] for name in spec} == spec

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from .conftest import UNKNOWN, WORKSPACE, Clock, Plane


def test_create_and_read(plane: Plane) -> None:
    created = plane.post(
        "/v2/listeners",
        {
            "compute_type": "k8s",
            "compute_id": "cluster-a",
            "compute_config": {"k8s_namespaces": ["agents"]},
            "version": "0.2.22",
        },
    )
    assert created.status_code == 201
    listener = created.json()
    assert listener["compute_config"] == {"k8s_namespaces": ["agents"]}
    assert listener["created_at"] == listener["updated_at"] == "2023-11-14T22:13:20.000000Z"
    assert plane.get(f"/v2/listeners/{listener['id']}").json() == listener
    assert plane.get("/v2/listeners").json() == {"resources": [listener], "offset": 1}


def test_a_compute_id_is_unique_in_a_workspace(plane: Plane) -> None:
    plane.listener("cluster-a")
    answer = plane.post("/v2/listeners", {"compute_type": "k8s", "compute_id": "cluster-a", "compute_config": {}})
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        f"Listener for LangSmith workspace ID '{WORKSPACE}' and compute ID 'cluster-a' already exists."
    )


def test_a_workspace_without_the_plan(plane: Plane) -> None:
    listener = plane.listener()
    plane.settings(listeners_allowed=False)
    text = (
        f"Listeners cannot be created for LangSmith workspace ID '{WORKSPACE}'. Creating listeners is only allowed for "
        "LangSmith organizations with self-hosted enterprise plans."
    )
    body = {"compute_type": "k8s", "compute_id": "b", "compute_config": {}}
    for answer in (
        plane.post("/v2/listeners", body),
        plane.get(f"/v2/listeners/{listener}"),
        plane.patch(f"/v2/listeners/{listener}", {}),
        plane.delete(f"/v2/listeners/{listener}"),
    ):
        assert (answer.status_code, answer.json()) == (403, {"detail": text})
    assert plane.get("/v2/listeners").status_code == 200


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ({}, {"version": None, "namespaces": ["agents"]}),
        ({"version": "2"}, {"version": "2", "namespaces": ["agents"]}),
        ({"compute_config": {"k8s_namespaces": ["b", "c"]}}, {"version": None, "namespaces": ["b", "c"]}),
        ({"compute_config": None, "version": None}, {"version": None, "namespaces": ["agents"]}),
        ({"compute_config": {"k8s_namespaces": None}}, {"version": None, "namespaces": ["agents"]}),
        ({"compute_id": "other"}, {"version": None, "namespaces": ["agents"]}),
    ],
)
def test_change(plane: Plane, clock: Clock, body: dict[str, Any], after: dict[str, Any]) -> None:
    listener = plane.listener()
    clock.forward(60)
    answer = plane.patch(f"/v2/listeners/{listener}", body)
    assert answer.status_code == 200
    found = answer.json()
    assert {"version": found["version"], "namespaces": found["compute_config"]["k8s_namespaces"]} == after
    assert found["compute_id"] == "cluster-a"
    assert found["updated_at"] > found["created_at"]


def test_delete(plane: Plane) -> None:
    listener = plane.listener()
    assert plane.delete(f"/v2/listeners/{listener}").status_code == 204
    for answer in (plane.get(f"/v2/listeners/{listener}"), plane.delete(f"/v2/listeners/{listener}")):
        assert (answer.status_code, answer.json()) == (404, {"detail": f"Listener ID {listener} not found."})
    plane.listener()  # the compute_id is free again


def test_a_listener_in_use_can_be_deleted_unless_that_is_switched_off(plane: Plane) -> None:
    listener = plane.listener()
    deployment = plane.deployment(source_config={"resource_spec": {}, "listener_id": listener})
    plane.settings(delete_listener_in_use="conflict")
    assert plane.delete(f"/v2/listeners/{listener}").status_code == 409
    plane.settings(delete_listener_in_use="allow")
    assert plane.delete(f"/v2/listeners/{listener}").status_code == 204
    assert plane.read(deployment)["source_config"]["listener_id"] == listener


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"compute_id": "x", "compute_config": {}}, ["body", "compute_type"]),
        ({"compute_type": "vm", "compute_id": "x", "compute_config": {}}, ["body", "compute_type"]),
        ({"compute_type": "k8s", "compute_config": {}}, ["body", "compute_id"]),
        ({"compute_type": "k8s", "compute_id": 1, "compute_config": {}}, ["body", "compute_id"]),
        ({"compute_type": "k8s", "compute_id": "x"}, ["body", "compute_config"]),
        (
            {"compute_type": "k8s", "compute_id": "x", "compute_config": {"k8s_namespaces": "agents"}},
            ["body", "compute_config", "k8s_namespaces"],
        ),
    ],
)
def test_invalid_bodies(plane: Plane, body: dict[str, Any], place: list[str]) -> None:
    answer = plane.post("/v2/listeners", body)
    assert answer.status_code == 422
    assert [item["loc"] for item in answer.json()["detail"]] == [place]


def test_an_id_that_is_none(plane: Plane) -> None:
    answer = plane.get("/v2/listeners/nonsense")
    assert answer.status_code == 422
    item = answer.json()["detail"][0]
    assert item["type"] == "uuid_parsing"
    assert item["loc"] == ["path", "listener_id"]
    assert plane.get(f"/v2/listeners/{UNKNOWN}").json() == {"detail": f"Listener ID {UNKNOWN} not found."}

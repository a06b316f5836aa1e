# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from playground.control_plane.auth import INVALID_KEY, MISSING_KEY, NEEDS_WORKSPACE, read_keys

from .conftest import KEY, ORG_KEY, OTHER_WORKSPACE, UNKNOWN, WORKSPACE, Plane

ROUTES = [
    ("GET", "/v2/deployments"),
    ("POST", "/v2/deployments"),
    ("DELETE", "/v2/deployments"),
    ("GET", "/v2/deployments/free-count"),
    ("GET", f"/v2/deployments/{UNKNOWN}"),
    ("PATCH", f"/v2/deployments/{UNKNOWN}"),
    ("DELETE", f"/v2/deployments/{UNKNOWN}"),
    ("PATCH", f"/v2/deployments/{UNKNOWN}/deployment-tier"),
    ("PATCH", f"/v2/deployments/{UNKNOWN}/resource-tiers"),
    ("GET", f"/v2/deployments/{UNKNOWN}/revisions"),
    ("POST", f"/v2/deployments/{UNKNOWN}/revisions"),
    ("GET", f"/v2/deployments/{UNKNOWN}/revisions/{UNKNOWN}"),
    ("POST", f"/v2/deployments/{UNKNOWN}/revisions/{UNKNOWN}/redeploy"),
    ("GET", f"/v2/deployments/{UNKNOWN}/revisions/{UNKNOWN}/logs?type=deploy"),
    ("GET", f"/v2/deployment-logs?deployment_id={UNKNOWN}"),
    ("GET", "/v2/listeners"),
    ("POST", "/v2/listeners"),
    ("GET", f"/v2/listeners/{UNKNOWN}"),
    ("PATCH", f"/v2/listeners/{UNKNOWN}"),
    ("DELETE", f"/v2/listeners/{UNKNOWN}"),
    ("POST", f"/v1/projects/{UNKNOWN}/deploy_logs"),
    ("POST", f"/v1/projects/{UNKNOWN}/revisions/{UNKNOWN}/deploy_logs"),
    ("POST", f"/v1/projects/{UNKNOWN}/revisions/{UNKNOWN}/build_logs"),
    ("GET", "/internal/v1/work"),
    ("POST", f"/internal/v1/revisions/{UNKNOWN}/status"),
    ("POST", f"/internal/v1/revisions/{UNKNOWN}/logs"),
    ("POST", f"/internal/v1/deployments/{UNKNOWN}/status"),
    ("POST", f"/internal/v1/listeners/{UNKNOWN}/heartbeat"),
    ("GET", "/api/v1/orgs/current/info"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_wants_a_key_for_the_workspace(plane: Plane, method: str, path: str) -> None:
    def ask(**headers: str) -> tuple[int, str]:
        answer = plane.client.request(method, path, headers={"X-Api-Key": "", **headers})
        return answer.status_code, answer.json()["detail"]

    assert ask() == (401, MISSING_KEY)
    assert ask(**{"X-Api-Key": "lsv2_sk_wrong"}) == (401, INVALID_KEY)
    assert ask(Authorization="Bearer lsv2_sk_wrong") == (401, INVALID_KEY)
    assert ask(**{"X-Api-Key": ORG_KEY}) == (403, NEEDS_WORKSPACE)
    status, detail = ask(**{"X-Api-Key": KEY, "X-Tenant-Id": UNKNOWN})
    assert status == 403
    assert UNKNOWN in detail


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Key": KEY},
        {"X-Api-Key": KEY, "X-Tenant-ID": WORKSPACE},
        {"X-Api-Key": KEY, "x-tenant-id": WORKSPACE.upper()},
        {"X-Api-Key": ORG_KEY, "X-Tenant-Id": OTHER_WORKSPACE},
        {"X-Api-Key": "", "Authorization": f"Bearer {KEY}"},
    ],
)
def test_accepted_headers(plane: Plane, headers: dict[str, str]) -> None:
    assert plane.client.get("/v2/deployments", headers=headers).status_code == 200


def test_workspaces_do_not_see_each_other(plane: Plane) -> None:
    mine = plane.deployment("mine")
    elsewhere = {"X-Api-Key": ORG_KEY, "X-Tenant-Id": OTHER_WORKSPACE}
    assert plane.client.get("/v2/deployments", headers=elsewhere).json()["resources"] == []
    assert plane.client.get(f"/v2/deployments/{mine['id']}", headers=elsewhere).status_code == 404
    same_name = plane.client.post("/v2/deployments", headers=elsewhere, json=plane.request("mine"))
    assert same_name.status_code == 201
    assert same_name.json()["tenant_id"] == OTHER_WORKSPACE


def test_health_needs_no_key(plane: Plane) -> None:
    assert plane.client.get("/ok", headers={"X-Api-Key": ""}).status_code == 200


@pytest.mark.parametrize("prefix", ["/api-host", "/base/api-host"])
def test_a_self_hosted_plane_answers_under_its_base_path(plane: Plane, prefix: str) -> None:
    created = plane.client.post(f"{prefix}/v2/deployments", json=plane.request())
    assert created.status_code == 201
    assert plane.get(f"{prefix}/v2/deployments/{created.json()['id']}").status_code == 200
    assert plane.get(f"{prefix}/ok").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/orgs/current/info", "/base/api/v1/orgs/current/info"])
def test_the_langsmith_side_tells_what_the_organisation_may_do(plane: Plane, path: str) -> None:
    assert plane.get(path).json()["enable_lgp_listeners_page"] is True
    plane.settings(listeners_allowed=False)
    assert plane.get(path).json()["enable_lgp_listeners_page"] is False


def test_an_organisation_without_deployments(plane: Plane) -> None:
    plane.settings(deployments_enabled=False)
    answer = plane.get("/v2/deployments")
    assert answer.status_code == 403
    assert answer.json() == {"detail": "LangSmith Deployment is not enabled for this organization"}
    assert plane.get("/api/v1/orgs/current/info").json()["can_use_langgraph_cloud"] is False


def test_the_file_of_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# comment\nfirst\n\nsecond {OTHER_WORKSPACE}\nthird org\n", encoding="utf-8")
    keys = read_keys(path, [WORKSPACE, OTHER_WORKSPACE])
    assert keys.scopes == {"first": WORKSPACE, "second": OTHER_WORKSPACE, "third": None}


@pytest.mark.parametrize(("text", "why"), [("", "holds no API key"), (f"key {UNKNOWN}", "neither 'org' nor one of")])
def test_a_bad_file_of_keys(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        read_keys(path, [WORKSPACE])

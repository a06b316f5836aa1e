# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts of a platform: log in, find the workspace, make a key, use it; and what another salt does to keys."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from playground.control_plane import accounts
from playground.control_plane.accounts import Accounts
from playground.control_plane.app import create_app
from playground.control_plane.storage import Store
from playground.workloads import tokens

ADMIN = ("admin@example.com", "Not-A-Password-1")


@pytest.fixture
def store() -> Store:
    """A database that is migrated and bootstrapped."""
    made = Store(None)
    accounts.bootstrap(made, "Workspace 1", *ADMIN)
    return made


def client(store: Store, salt: str = "salt") -> TestClient:
    return TestClient(create_app(store, Accounts(store, salt, "jwt", "between-parts")))


def bearer(plane: TestClient) -> dict[str, str]:
    token = plane.post("/api/v1/login", auth=ADMIN).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def make_key(plane: TestClient, **wanted: Any) -> str:
    answer = plane.post("/api/v1/orgs/current/service-keys", json=wanted, headers=bearer(plane))
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["key"]
    return key


def test_the_way_from_a_password_to_a_deployment_list(store: Store) -> None:
    plane = client(store)
    workspaces = plane.get("/api/v1/workspaces", headers=bearer(plane)).json()
    assert [one["display_name"] for one in workspaces] == ["Workspace 1"]
    key = make_key(plane, description="first", workspaces=[workspaces[0]["id"]])
    answer = plane.get("/api-host/v2/deployments", headers={"X-Api-Key": key})
    assert answer.json() == {"resources": [], "offset": 0}


def test_bootstrapping_again_changes_nothing(store: Store) -> None:
    accounts.bootstrap(store, "Another", ADMIN[0], "Another-Password-2")
    plane = client(store)
    assert len(plane.get("/api/v1/workspaces", headers=bearer(plane)).json()) == 1


@pytest.mark.parametrize("given", [("admin@example.com", "wrong"), ("who@example.com", ADMIN[1])])
def test_a_wrong_login_is_refused(store: Store, given: tuple[str, str]) -> None:
    assert client(store).post("/api/v1/login", auth=given).status_code == 401
    assert client(store).post("/api/v1/login", headers={"Authorization": "Basic ?"}).status_code == 401


def test_a_key_is_listed_but_never_shown_again(store: Store) -> None:
    plane = client(store)
    key = make_key(plane, description="mine")
    answer = plane.get("/api/v1/orgs/current/service-keys", headers=bearer(plane))
    assert [one["description"] for one in answer.json()] == ["mine"]
    assert key not in answer.text


def test_an_organisation_s_key_needs_the_workspace_named(store: Store) -> None:
    plane = client(store)
    headers = {"X-Api-Key": make_key(plane)}
    assert plane.get("/v2/deployments", headers=headers).status_code == 403
    workspace = plane.get("/api/v1/workspaces", headers=headers).json()[0]["id"]
    assert plane.get("/v2/deployments", headers={**headers, "X-Tenant-Id": workspace}).status_code == 200
    assert plane.get("/v2/deployments", headers={**headers, "X-Tenant-Id": "other"}).status_code == 403


def test_a_workspace_s_key_makes_no_keys(store: Store) -> None:
    plane = client(store)
    workspace = plane.get("/api/v1/workspaces", headers=bearer(plane)).json()[0]["id"]
    headers = {"X-Api-Key": make_key(plane, workspaces=[workspace])}
    assert plane.post("/api/v1/orgs/current/service-keys", json={}, headers=headers).status_code == 403
    assert (
        plane.post(
            "/api/v1/orgs/current/service-keys", json={"workspaces": ["other"]}, headers=bearer(plane)
        ).status_code
        == 404
    )


def test_another_salt_makes_every_key_unknown_and_no_login(store: Store) -> None:
    key = make_key(client(store))
    after = client(store, salt="rotated")
    assert after.get("/api/v1/workspaces", headers={"X-Api-Key": key}).json() == {"detail": "Invalid API key."}
    assert after.get("/api/v1/workspaces", headers=bearer(after)).status_code == 200


def test_the_listener_beside_the_control_plane_has_a_token_of_the_platform(store: Store) -> None:
    plane = client(store)
    headers = {"X-Service-Key": tokens.signed("between-parts", {"sub": "listener"})}
    workspace = plane.get("/api/v1/workspaces", headers=headers).json()[0]["id"]
    work = plane.get("/internal/v1/work", headers={**headers, "X-Tenant-Id": workspace})
    assert work.json() == {"deployments": []}
    forged = {"X-Service-Key": tokens.signed("other", {"sub": "listener"})}
    assert plane.get("/api/v1/workspaces", headers=forged).status_code == 401


def test_without_accounts_these_routes_do_not_exist(plane: Any) -> None:
    assert plane.get("/api/v1/workspaces").status_code == 404
    assert plane.post("/api/v1/login").status_code == 404

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from playground.control_plane.app import create_app
from playground.control_plane.auth import Keys
from playground.control_plane.settings import Settings
from playground.control_plane.storage import FILE_NAME, Store

from .conftest import KEY, WORKSPACE, Plane

KEYS = Keys((WORKSPACE,), {KEY: WORKSPACE})
LOCAL: dict[str, Any] = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 1), "headers": {"X-Api-Key": KEY}}


@pytest.mark.parametrize(
    "change", [{"generation": "C"}, {"latency_ms": -1}, {"no_such_setting": 1}, {"auto_deploy": "maybe"}]
)
def test_bad_settings(plane: Plane, change: dict[str, Any]) -> None:
    before = plane.get("/playground/settings").json()
    assert plane.patch("/playground/settings", change).status_code == 422
    assert plane.get("/playground/settings").json() == before


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with TestClient(create_app(Store(tmp_path), KEYS), **LOCAL) as client:
        client.patch("/playground/settings", json={"generation": "A", "latency_ms": 1})
        body = {"compute_type": "k8s", "compute_id": "c", "compute_config": {"k8s_namespaces": ["a"]}}
        listener = client.post("/v2/listeners", json=body).json()
    with TestClient(create_app(Store(tmp_path), KEYS, Settings(deploy_seconds=3)), **LOCAL) as client:
        found = client.get("/playground/settings").json()
        assert (found["generation"], found["latency_ms"], found["deploy_seconds"]) == ("A", 1, 3)
        assert client.get(f"/v2/listeners/{listener['id']}").json() == listener
    assert (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("base_url", "client", "headers", "status"),
    [
        ("http://127.0.0.1:8124", "127.0.0.1", {}, 200),
        ("http://localhost:8124", "::1", {}, 200),
        ("http://127.0.0.1:8124", "127.0.0.1", {"Origin": "http://127.0.0.1:8124"}, 200),
        ("http://127.0.0.1:8124", "127.0.0.1", {"Origin": "https://elsewhere.example"}, 403),
        ("http://rebound.example", "127.0.0.1", {}, 401),
        ("http://127.0.0.1:8124", "192.0.2.1", {}, 401),
        ("http://plane.example", "192.0.2.1", {"X-Api-Key": KEY}, 200),
    ],
)
def test_who_may_use_the_controls(base_url: str, client: str, headers: dict[str, str], status: int) -> None:
    app = create_app(Store(None), KEYS)
    with TestClient(app, base_url=base_url, client=(client, 1)) as user:
        assert user.get("/playground/settings", headers=headers).status_code == status
        assert user.get("/", headers=headers).status_code == status

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from playground.control_plane import storage
from playground.control_plane.app import create_app
from playground.control_plane.auth import Keys
from playground.control_plane.storage import Store

KEY = "lsv2_sk_unit_test"
ORG_KEY = "lsv2_sk_organisation"
WORKSPACE = "3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10"
OTHER_WORKSPACE = "11111111-2222-4333-8444-555555555555"
UNKNOWN = "e3e70682-c209-4cac-a29f-6fbed82c07cd"
IMAGE = "registry.example.com/agents/hello:1"


@dataclass
class Clock:
    """The time that the control plane believes it is."""

    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Plane:
    """A control plane in this process, and what tests say to it."""

    client: TestClient
    clock: Clock
    listener_id: str | None = field(default=None)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query)

    def post(self, path: str, document: Any = None) -> Any:
        return self.client.post(path, json=document)

    def patch(self, path: str, document: Any) -> Any:
        return self.client.patch(path, json=document)

    def delete(self, path: str, **query: Any) -> Any:
        return self.client.delete(path, params=query)

    def settings(self, **values: Any) -> None:
        assert self.patch("/playground/settings", values).status_code == 200

    def listener(self, compute_id: str = "cluster-a", namespaces: tuple[str, ...] = ("agents",)) -> str:
        document = {
            "compute_type": "k8s",
            "compute_id": compute_id,
            "compute_config": {"k8s_namespaces": list(namespaces)},
        }
        answer = self.post("/v2/listeners", document)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def request(self, name: str = "agent", **config: Any) -> dict[str, Any]:
        return {
            "name": name,
            "source": "external_docker",
            "source_config": {"resource_spec": {}, **config},
            "source_revision_config": {"image_uri": IMAGE},
            "secrets": [],
        }

    def deployment(self, name: str = "agent", **changes: Any) -> dict[str, Any]:
        answer = self.post("/v2/deployments", {**self.request(name), **changes})
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def read(self, deployment: dict[str, Any]) -> dict[str, Any]:
        answer = self.get(f"/v2/deployments/{deployment['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def revisions(self, deployment: dict[str, Any]) -> list[dict[str, Any]]:
        """Newest first."""
        found: list[dict[str, Any]] = self.get(f"/v2/deployments/{deployment['id']}/revisions").json()["resources"]
        return found

    def statuses(self, deployment: dict[str, Any]) -> list[str]:
        return [revision["status"] for revision in self.revisions(deployment)]

    def report(self, revision_id: str, status: str, message: str | None = None) -> Any:
        document = {"status": status, "status_message": message}
        return self.post(f"/internal/v1/revisions/{revision_id}/status", document)

    def bring_live(self, deployment: dict[str, Any]) -> None:
        revision = self.read(deployment)["latest_revision_id"]
        for status in ("AWAITING_DEPLOY", "DEPLOYING", "DEPLOYED"):
            assert self.report(revision, status).status_code == 200


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(storage, "now", clock)
    return clock


@pytest.fixture
def plane(clock: Clock) -> Iterator[Plane]:
    keys = Keys((WORKSPACE, OTHER_WORKSPACE), {KEY: WORKSPACE, ORG_KEY: None})
    app = create_app(Store(None), keys)
    with TestClient(
        app,
        base_url="http://127.0.0.1",
        headers={"X-Api-Key": KEY},
        client=("127.0.0.1", 50000),
        raise_server_exceptions=True,
    ) as client:
        yield Plane(client, clock)

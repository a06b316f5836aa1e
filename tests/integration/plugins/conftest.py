# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against the simulator, without Ansible in between: fast enough for every fault."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    reconcile,
    redeployment,
    transport,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Policy, Progress, Task, unheard

from tests.plane import running

KEY = "lsv2_sk_integration_of_plugins"
# One a test, so that no test sees what another one left.
WORKSPACES = [str(uuid.UUID(int=number)) for number in range(1, 1000)]


@dataclass
class Plane:
    """A control plane that deploys by itself, and ways to spoil it and to look into it."""

    url: str
    workspace: str
    http: httpx.Client
    since: float = field(default_factory=time.time)

    def run(
        self,
        operation: Callable[[Task], Any],
        check: bool = False,
        report: Callable[[Progress], None] = unheard,
        **options: Any,
    ) -> Outcome:
        """Run what a module runs."""
        defaults = {
            "state": "present",
            "wait_timeout": 20.0,
            "request_timeout": 5.0,
            "control_plane_url": self.url,
            "api_key": KEY,
            "workspace_id": self.workspace,
        }
        outcome: Outcome = asyncio.run(operation(Task({**defaults, **options}, check=check, report=report)))
        return outcome

    def settings(self, **changes: Any) -> None:
        self.http.patch("/playground/settings", json=changes).raise_for_status()

    def fault(self, route: str, kind: str, **more: Any) -> None:
        self.http.post("/playground/faults", json={"route": route, "kind": kind, **more}).raise_for_status()

    def forget_requests(self) -> None:
        """Look at later requests only; a slow one of an earlier test may still come in, and began before."""
        self.http.delete("/playground/requests")
        self.since = time.time()

    def requests(self, *methods: str) -> list[str]:
        entries = self.http.get("/playground/requests").json()
        entries = entries["requests"] if isinstance(entries, dict) else entries
        wanted = [one for one in entries if one["time"] >= self.since and (not methods or one["method"] in methods)]
        return [f"{one['method']} {one['path']}" for one in wanted]

    def writes(self) -> list[str]:
        return self.requests("POST", "PATCH", "DELETE", "PUT")

    def deployments(self, name: str) -> list[dict[str, Any]]:
        page = self.http.get("/v2/deployments", params={"limit": 100, "name_contains": name}).json()
        return [one for one in page["resources"] if one["name"] == name]

    def listeners(self, compute_id: str) -> list[dict[str, Any]]:
        page = self.http.get("/v2/listeners", params={"limit": 100}).json()
        return [one for one in page["resources"] if one["compute_id"] == compute_id]

    def revisions(self, deployment_id: str) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = self.http.get(f"/v2/deployments/{deployment_id}/revisions").json()["resources"]
        return page


@pytest.fixture(scope="session")
def plane_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A control plane that deploys by itself, for all tests of this process."""
    with running(tmp_path_factory.mktemp("plane"), WORKSPACES, KEY) as url:
        yield url


@pytest.fixture(scope="session")
def workspaces() -> Iterator[str]:
    return iter(WORKSPACES)


@pytest.fixture
def plane(plane_url: str, workspaces: Iterator[str]) -> Iterator[Plane]:
    """That control plane with a workspace of the test's own, and without anybody's faults."""
    workspace = next(workspaces)
    with httpx.Client(base_url=plane_url, headers={"X-Api-Key": KEY, "X-Tenant-Id": workspace}, timeout=30) as http:
        settings = http.get("/playground/settings").json()
        http.delete("/playground/faults")
        http.delete("/playground/requests")
        yield Plane(plane_url, workspace, http)
        http.delete("/playground/faults")
        http.patch("/playground/settings", json=settings)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses before a repetition are cut short; what is repeated stays the same."""

    async def short(seconds: float) -> None:
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        del seconds

    monkeypatch.setattr(transport.Transport.__init__, "__defaults__", (short,))
    monkeypatch.setattr(reconcile.Applier.__init__, "__defaults__", (Policy(), short))
    defaults = reconcile.reconcile.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", short)
    monkeypatch.setattr(redeployment.redeploy_and_identify, "__defaults__", (short,))

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import redeploying, redeployment
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerLost, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

AGENT = "00000000-0000-4000-8000-000000000001"


class LazyPlane:
    """A control plane with two revisions, which makes the next one only after it was looked for some times."""

    def __init__(self, looks: int, status: int = 200) -> None:
        self.looks, self.status = looks, status
        self.posts = 0
        self.listed = [self.revision("two"), self.revision("one")]

    def revision(self, identity: str) -> dict[str, Any]:
        config = {"image_uri": f"hello:{'one' if identity == 'three' else identity}"}
        return {"id": identity, "status": "DEPLOYED", "source": "external_docker", "source_revision_config": config}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        deployment = {"id": AGENT, "name": "agent", "status": "READY", "latest_revision_id": "two"}
        if request.method == "POST":
            self.posts += 1
            return httpx.Response(self.status, json=deployment)
        if request.url.path == "/v2/deployments":
            return httpx.Response(200, json={"resources": [deployment], "offset": 0})
        if request.url.path.endswith("/revisions"):
            if self.posts:
                self.looks -= 1
                if self.looks == 0:
                    self.listed.insert(0, self.revision("three"))
            return httpx.Response(200, json={"resources": self.listed, "offset": 0})
        return httpx.Response(200, json=self.revision(request.url.path.rpartition("/")[2]))


def go_back(connected: Any, plane: LazyPlane) -> Outcome:
    connected.respond = plane
    options = {"name": "agent", "image": "hello:one", "api_key": "lsv2_x", "control_plane_url": "http://plane"}
    return asyncio.run(redeploying.revision(Task(options)))


def test_a_revision_that_is_made_late_is_waited_for_and_asked_for_once(connected: Any) -> None:
    plane = LazyPlane(looks=2)
    assert go_back(connected, plane).result["revision"]["id"] == "three"
    assert plane.posts == 1


def test_a_revision_that_is_never_made_is_told(connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redeployment, "_LONGEST_MAKING", 0.05)
    plane = LazyPlane(looks=1000)
    with pytest.raises(Refused, match="made no new revision"):
        go_back(connected, plane)
    assert plane.posts == 1


def test_trouble_that_does_not_end_is_told(connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redeployment, "_MOST_RECOVERIES", 1)
    plane = LazyPlane(looks=1000, status=503)
    with pytest.raises(AnswerLost, match="503"):
        go_back(connected, plane)
    assert plane.posts == 2

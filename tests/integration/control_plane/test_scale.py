# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets: what a page and a create cost does not grow with what is there."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from playground.control_plane import lifecycle
from playground.control_plane.models import SourceConfig, SourceRevisionConfig
from playground.control_plane.rules import Content
from playground.control_plane.settings import Settings
from playground.control_plane.storage import Store

from .conftest import IMAGE, WORKSPACE, Start, deployment

COUNT = 10_000


def _fill(folder: Path, count: int) -> None:
    """Write deployments into the store without HTTP (which would take a minute)."""
    store = Store(folder)
    content = Content(
        "external_docker",
        {**dict.fromkeys(SourceConfig.model_fields), "resource_spec": {"cpu": 1}},
        {**dict.fromkeys(SourceRevisionConfig.model_fields), "image_uri": IMAGE},
        [{"name": "TOKEN", "value": "x" * 64}],
        None,
    )
    with store.transaction() as session:
        for number in range(count):
            lifecycle.create_deployment(session, WORKSPACE, f"agent-{number}", content, {}, Settings(), time.time())
    store.close()


def _walk(client: httpx.Client, most: int) -> tuple[int, float]:
    """Read up to ``most`` deployments in pages of 100. Returns how many, and the seconds it took."""
    started, count = time.perf_counter(), 0
    while count < most:
        page = client.get("/v2/deployments", params={"limit": 100, "offset": count}).json()["resources"]
        count += len(page)
        if len(page) < 100:
            break
    return count, time.perf_counter() - started


def test_ten_thousand_deployments(start: Start, tmp_path: Path) -> None:
    _fill(tmp_path / "data", COUNT)
    with start().client() as client:
        count, seconds = _walk(client, 1000)
        assert count == 1000
        assert seconds < 1.5, f"1,000 of {COUNT} deployments took {seconds:.2f} s to list"
        count, seconds = _walk(client, COUNT + 1)
        assert count == COUNT
        assert seconds < 15, f"{COUNT} deployments took {seconds:.2f} s to list"
        started = time.perf_counter()
        for number in range(100):
            assert client.post("/v2/deployments", json=deployment(f"new-{number}")).status_code == 201
            found = client.get("/v2/deployments", params={"name": f"new-{number}"}).json()["resources"]
            assert [item["name"] for item in found] == [f"new-{number}"]
        seconds = time.perf_counter() - started
        assert seconds < 3, f"100 creates and look-ups took {seconds:.2f} s"


def test_the_clock_moves_a_fleet(start: Start, tmp_path: Path) -> None:
    _fill(tmp_path / "data", 2000)
    with start().client() as client:
        started = time.perf_counter()
        client.patch("/playground/settings", json={"auto_deploy": True, "deploy_seconds": 0})
        assert client.get("/v2/deployments", params={"status": "AWAITING_DATABASE"}).json()["resources"] == []
        seconds = time.perf_counter() - started
        assert seconds < 10, f"2,000 deployments took {seconds:.2f} s to become live"

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that need a real connection."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from .conftest import Server, Start, deployment


@pytest.fixture
def server(start: Start) -> Server:
    return start()


def _order(client: httpx.Client, **fault: Any) -> None:
    answer = client.post("/playground/faults", json={"route": "POST /v2/deployments", "times": 1, **fault})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(("kind", "names"), [("reset_before", []), ("reset_after", ["agent"])])
def test_the_client_sees_its_connection_reset(server: Server, kind: str, names: list[str]) -> None:
    with server.client() as client:
        _order(client, kind=kind)
        with pytest.raises(httpx.ReadError, match="reset by peer"):
            client.post("/v2/deployments", json=deployment("agent"))
        found = client.get("/v2/deployments").json()["resources"]
        assert [item["name"] for item in found] == names
        entry = client.get("/playground/requests").json()[0]
        assert (entry["method"], entry["path"], entry["status"], entry["fault"]) == ("POST", "/v2/deployments", 0, kind)


@pytest.mark.parametrize(("after_commit", "names"), [(False, []), (True, ["agent"])])
def test_the_client_gives_up_waiting(server: Server, after_commit: bool, names: list[str]) -> None:
    with server.client() as client:
        _order(client, kind="slow", seconds=1, after_commit=after_commit)
        with pytest.raises(httpx.ReadTimeout):
            client.post("/v2/deployments", json=deployment("agent"), timeout=0.3)
        found = client.get("/v2/deployments").json()["resources"]
        assert [item["name"] for item in found] == names
        # A request that the server has taken is done, though nobody waits for its answer any more.
        time.sleep(1)
        assert [item["name"] for item in client.get("/v2/deployments").json()["resources"]] == ["agent"]


def test_a_port_that_is_taken(server: Server, start: Start) -> None:
    port = server.url.rpartition(":")[2]
    with pytest.raises(AssertionError, match="address already in use"):
        start("--port", port)


def test_requests_wait_side_by_side(server: Server) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with server.client() as client, ThreadPoolExecutor(10) as pool:
        client.patch("/playground/settings", json={"latency_ms": 1000})
        started = time.perf_counter()
        answers = list(pool.map(lambda _: client.get("/v2/listeners").status_code, range(10)))
        assert answers == [200] * 10
        assert time.perf_counter() - started < 8  # one after the other: 10 s

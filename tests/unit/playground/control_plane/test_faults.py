# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from typing import Any

import pytest

from playground.control_plane.faults import Fault, Faults

from .conftest import KEY, Plane

CREATE = "POST /v2/deployments"


def _order(plane: Plane, **fault: Any) -> None:
    answer = plane.post("/playground/faults", {"route": CREATE, **fault})
    assert answer.status_code == 201, answer.text


def _names(plane: Plane) -> list[str]:
    return [item["name"] for item in plane.get("/v2/deployments").json()["resources"]]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_status_in_place_of_the_work(plane: Plane, status: int) -> None:
    _order(plane, kind="status", status=status, retry_after=2, times=1, detail='"quoted"')
    answer = plane.post("/v2/deployments", plane.request())
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "2")
    assert answer.json() == {"detail": '"quoted"'}
    assert _names(plane) == []
    assert plane.post("/v2/deployments", plane.request()).status_code == 201  # once only


def test_a_status_after_the_work(plane: Plane) -> None:
    _order(plane, kind="status", status=502, after_commit=True)
    answer = plane.post("/v2/deployments", plane.request())
    assert answer.status_code == 502
    assert "Retry-After" not in answer.headers
    assert _names(plane) == ["agent"]


@pytest.mark.parametrize(("kind", "body"), [("empty", ""), ("malformed", '{"resources": [{"id": "')])
def test_a_spoilt_body(plane: Plane, kind: str, body: str) -> None:
    _order(plane, kind=kind)
    answer = plane.post("/v2/deployments", plane.request())
    assert (answer.status_code, answer.text) == (201, body)
    assert _names(plane) == ["agent"]


@pytest.mark.parametrize(("kind", "names"), [("reset_before", []), ("reset_after", ["agent"])])
def test_a_reset(plane: Plane, kind: str, names: list[str]) -> None:
    _order(plane, kind=kind)
    with pytest.raises(ConnectionResetError):
        plane.post("/v2/deployments", plane.request())
    assert _names(plane) == names
    entry = plane.get("/playground/requests").json()[0]
    assert (entry["status"], entry["fault"]) == (0, kind)


@pytest.mark.parametrize("after_commit", [False, True])
def test_slow(plane: Plane, after_commit: bool) -> None:
    _order(plane, kind="slow", seconds=0.2, after_commit=after_commit)
    started = time.perf_counter()
    assert plane.post("/v2/deployments", plane.request()).status_code == 201
    assert time.perf_counter() - started >= 0.2


def test_orders_are_counted_and_withdrawn(plane: Plane) -> None:
    _order(plane, kind="status", skip=1, times=1)
    assert [plane.post("/v2/deployments", plane.request(name)).status_code for name in "abc"] == [201, 503, 201]
    order = plane.get("/playground/faults").json()[0]
    assert (order["seen"], order["struck"]) == (2, 1)
    _order(plane, kind="status")
    assert plane.delete("/playground/faults").status_code == 204
    assert plane.get("/playground/faults").json() == []
    assert plane.post("/v2/deployments", plane.request("d")).status_code == 201


def test_several_at_once(plane: Plane) -> None:
    orders = [
        {"route": CREATE, "kind": "status", "status": 500, "times": 1},
        {"route": CREATE, "kind": "status", "status": 429, "times": 1},
    ]
    assert plane.post("/playground/faults", orders).status_code == 201
    assert [plane.post("/v2/deployments", plane.request()).status_code for _ in range(3)] == [500, 429, 201]


@pytest.mark.parametrize(
    ("route", "method", "path", "matches"),
    [
        ("GET /v2/deployments", "GET", "/v2/deployments", True),
        ("GET /v2/deployments", "POST", "/v2/deployments", False),
        ("GET /v2/deployments", "GET", "/v2/deployments/1", False),
        ("GET /v2/deployments/{deployment_id}", "GET", "/v2/deployments/1", True),
        ("GET /v2/deployments/{deployment_id}", "GET", "/v2/deployments/1/revisions", False),
        ("* /v2/deployments/{a}/revisions/{b}", "GET", "/v2/deployments/1/revisions/2", True),
        ("* /v2/*", "DELETE", "/v2/listeners/1", True),
        ("GET *", "GET", "/anything", True),
        ("* /v2/*", "GET", "/internal/v1/work", False),
    ],
)
def test_routes(route: str, method: str, path: str, matches: bool) -> None:
    assert Fault(route=route, kind="empty").matches(method, path) is matches


def test_probability_is_repeatable() -> None:
    def row() -> list[bool]:
        faults = Faults()
        faults.add(Fault(route="* /v2/*", kind="empty", probability=0.3))
        return [faults.strike("GET", "/v2/x") is not None for _ in range(1000)]

    assert row() == row()
    assert 250 < sum(row()) < 350


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"route": CREATE},
        {"route": "v2", "kind": "empty"},
        {"route": CREATE, "kind": "x"},
        {"route": CREATE, "kind": "empty", "time": 1},
    ],
)
def test_bad_orders(plane: Plane, fault: dict[str, Any]) -> None:
    assert plane.post("/playground/faults", fault).status_code == 422
    assert plane.get("/playground/faults").json() == []


class TestRequestLog:
    def test_what_it_holds(self, plane: Plane) -> None:
        plane.post("/api-host/v2/deployments", {**plane.request(), "secrets": [{"name": "A", "value": "hidden-value"}]})
        plane.get("/v2/deployments", limit=5)
        plane.get("/playground/settings")
        plane.get("/")
        answer = plane.get("/playground/requests")
        assert [(item["method"], item["path"], item["query"], item["status"]) for item in answer.json()] == [
            ("POST", "/v2/deployments", "", 201),
            ("GET", "/v2/deployments", "limit=5", 200),
        ]
        assert "hidden-value" not in answer.text
        assert KEY not in answer.text
        assert plane.delete("/playground/requests").status_code == 204
        assert plane.get("/playground/requests").json() == []


def test_latency(plane: Plane) -> None:
    plane.settings(latency_ms=500)
    started = time.perf_counter()
    plane.get("/v2/listeners")
    assert time.perf_counter() - started >= 0.5
    started = time.perf_counter()
    plane.get("/internal/v1/work")
    assert time.perf_counter() - started < 0.5  # a listener is not slowed down

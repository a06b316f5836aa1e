# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import UNKNOWN, Plane

START = 1_700_000_000
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@pytest.fixture
def deployment(plane: Plane) -> dict[str, Any]:
    created = plane.deployment()
    lines = [
        {"timestamp": START + number, "level": LEVELS[number % 5], "message": f"Line {number}"} for number in range(10)
    ]
    path = f"/internal/v1/revisions/{created['latest_revision_id']}/logs"
    assert plane.post(path, {"type": "deploy", "lines": lines}).status_code == 204
    assert plane.post(path, {"type": "build", "lines": [{"message": "Built"}]}).status_code == 204
    return created


def _messages(lines: list[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in lines]


class TestOfARevision:
    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ({}, range(10)),
            ({"order": "desc", "limit": 2}, (9, 8)),
            ({"level": "ERROR"}, (3, 8)),
            ({"query": "line 7"}, (7,)),
            ({"start_time": "2023-11-14T22:13:28Z"}, (8, 9)),
            ({"end_time": "2023-11-14T22:13:21+00:00"}, (0, 1)),
            ({"start_time": str((START + 9) * 1000)}, (9,)),
            ({"run_id": UNKNOWN}, ()),
        ],
    )
    def test_filters(self, plane: Plane, deployment: dict[str, Any], query: dict[str, Any], numbers: Any) -> None:
        path = f"/v2/deployments/{deployment['id']}/revisions/{deployment['latest_revision_id']}/logs"
        answer = plane.get(path, type="deploy", **query)
        assert answer.status_code == 200, answer.text
        assert _messages(answer.json()["logs"]) == [f"Line {number}" for number in numbers]

    def test_a_line(self, plane: Plane, deployment: dict[str, Any]) -> None:
        path = f"/v2/deployments/{deployment['id']}/revisions/{deployment['latest_revision_id']}/logs"
        line = plane.get(path, type="deploy", limit=1).json()["logs"][0]
        assert line == {"id": "1", "timestamp": START * 1000, "level": "DEBUG", "message": "Line 0"}
        assert _messages(plane.get(path, type="build").json()["logs"]) == ["Built"]

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"type": "x"},
            {"type": "deploy", "limit": 1001},
            {"type": "deploy", "offset": "x"},
            {"type": "deploy", "level": "TRACE"},
            {"type": "deploy", "start_time": "yesterday"},
        ],
    )
    def test_bad_queries(self, plane: Plane, deployment: dict[str, Any], query: dict[str, Any]) -> None:
        path = f"/v2/deployments/{deployment['id']}/revisions/{deployment['latest_revision_id']}/logs"
        assert plane.get(path, **query).status_code == 422


def _pages(plane: Plane, deployment: dict[str, Any], route: str, order: str) -> Iterator[list[dict[str, Any]]]:
    revision = f"/v2/deployments/{deployment['id']}/revisions/{deployment['latest_revision_id']}/logs"
    position = None
    while True:
        after: dict[str, str] = {} if position is None else {"offset": position, "cursor": position}
        if route == "revision":
            found = plane.get(revision, type="deploy", order=order, limit=4, **after).json()
            lines, position = found["logs"], found["next_offset"]
        elif route == "deployment":
            query = {"deployment_id": deployment["id"], "sort_order": order, "page_size": 4, **after}
            found = plane.get("/v2/deployment-logs", **query).json()
            lines, position = found["items"], found["next_cursor"]
        else:
            body = {"order": order, "limit": 4, "offset": position}
            found = plane.post(f"/v1/projects/{deployment['id']}/deploy_logs", body).json()
            lines, position = found["logs"], found["next_offset"]
        yield lines
        if position is None:
            return


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("route", ["revision", "deployment", "v1"])
def test_pages_are_complete(plane: Plane, deployment: dict[str, Any], route: str, order: str) -> None:
    pages = list(_pages(plane, deployment, route, order))
    assert [len(page) for page in pages] == [4, 4, 2]
    expected = [f"Line {number}" for number in range(10)]
    assert [text for page in pages for text in _messages(page)] == (expected if order == "asc" else expected[::-1])


def test_the_routes_of_the_official_client(plane: Plane, deployment: dict[str, Any]) -> None:
    project = f"/v1/projects/{deployment['id']}"
    revision = f"{project}/revisions/{deployment['latest_revision_id']}"
    body = {"limit": 1, "order": "desc", "level": "INFO"}
    assert _messages(plane.post(f"{project}/deploy_logs", body).json()["logs"]) == ["Line 6"]
    assert _messages(plane.post(f"{revision}/deploy_logs", body).json()["logs"]) == ["Line 6"]
    assert _messages(plane.post(f"{revision}/build_logs", body).json()["logs"]) == ["Built"]
    assert plane.post(f"{project}/revisions/{UNKNOWN}/deploy_logs", body).status_code == 404
    assert plane.post(f"/v1/projects/{UNKNOWN}/deploy_logs", body).status_code == 404


def test_logs_of_a_deployment(plane: Plane, deployment: dict[str, Any]) -> None:
    def read(**query: Any) -> list[str]:
        return _messages(plane.get("/v2/deployment-logs", deployment_id=deployment["id"], **query).json()["items"])

    assert read()[0] == "Line 9"  # newest first here
    assert read(log_type="BUILD") == ["Built"]
    assert read(revision_id=deployment["latest_revision_id"], level="CRITICAL") == ["Line 9", "Line 4"]
    assert plane.get("/v2/deployment-logs").status_code == 422


def test_logs_go_with_the_deployment(plane: Plane, deployment: dict[str, Any]) -> None:
    plane.delete(f"/v2/deployments/{deployment['id']}")
    plane.post(f"/internal/v1/deployments/{deployment['id']}/status", {"deleted": True})
    assert plane.post(f"/v1/projects/{deployment['id']}/deploy_logs", {}).status_code == 404

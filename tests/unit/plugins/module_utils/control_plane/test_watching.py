# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import Departure, Follower
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.watching import Watch


class Plane:
    """Deployments d0, d1, ... whose revisions r0, r1, ... are deployed when the time has come, or fail."""

    def __init__(self, count: int, deployed_at: Callable[[int], float]) -> None:
        self.count, self.deployed_at = count, deployed_at
        self.failing: set[int] = set()
        self.heeds_filter = True
        self.now = 0.0
        self.lists = self.singles = 0
        self.broken_lists = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api-host")
        if path.endswith("logs"):
            return httpx.Response(404, json={"detail": "Not Found"})
        if path == "/v2/deployments":
            self.lists += 1
            if self.broken_lists:
                self.broken_lists -= 1
                return httpx.Response(503, json={"detail": "later"})
            return httpx.Response(200, json={"resources": self.page(dict(request.url.params)), "offset": 0})
        self.singles += 1
        number = int(path.rsplit("/r", 1)[1])
        status = "DEPLOYING"
        if self.now >= self.deployed_at(number):
            status = "DEPLOY_FAILED" if number in self.failing else "DEPLOYED"
        return httpx.Response(200, json={"id": f"r{number}", "status": status})

    def page(self, query: dict[str, str]) -> list[dict[str, Any]]:
        ids = query.get("deployment_ids")
        numbers = range(self.count)
        if ids and self.heeds_filter:
            wanted = set(ids.split(","))
            numbers = [number for number in numbers if f"d{number}" in wanted]  # type: ignore[assignment]
        first = int(query["offset"])
        return [self.document(number) for number in list(numbers)[first : first + int(query["limit"])]]

    def document(self, number: int) -> dict[str, Any]:
        deployed = self.now >= self.deployed_at(number) and number not in self.failing
        active = f"r{number}" if deployed else None
        return {
            "id": f"d{number}",
            "name": f"d{number}",
            "latest_revision_id": f"r{number}",
            "active_revision_id": active,
        }


def watch(wire: Any, plane: Plane, numbers: range, timeout: float = 600) -> tuple[list[Any], list[float]]:
    """Wait for some; return what was wrong with each, and the moments of the polls."""
    wire.respond = plane
    client = wire.client().once()
    polls: list[float] = []

    async def sleep(seconds: float) -> None:
        plane.now += seconds

    items = [Follower(client, f"d{number}", f"d{number}", f"r{number}") for number in numbers]
    wait = Watch(client, items, lambda: polls.append(plane.now), clock=lambda: plane.now)
    return asyncio.run(wait(timeout, sleep)), polls


@pytest.mark.parametrize("seconds", [0, 1, 10, 20])
def test_requests_are_few_however_long_it_takes(wire: Any, seconds: float) -> None:
    plane = Plane(200, lambda _: seconds)
    errors, polls = watch(wire, plane, range(200))
    assert errors == [None] * 200
    assert plane.lists <= 2 * len(polls)
    assert 200 + plane.lists + plane.singles <= 1.1 * (200 + 2 * len(polls)) - 5, "5 are for reading before"


def test_failures_in_a_crowd_are_found_within_half_a_minute(wire: Any) -> None:
    plane = Plane(200, lambda number: 3 if number % 2 else 10_000)
    plane.failing = {7, 9, 11}
    seen: list[tuple[float, int]] = []
    wire.respond = plane
    client = wire.client().once()
    items = [Follower(client, f"d{number}", f"d{number}", f"r{number}") for number in range(200)]

    async def sleep(seconds: float) -> None:
        plane.now += seconds

    wait = Watch(client, items, lambda: seen.append((plane.now, sum(one.failed for one in items))), lambda: plane.now)
    asyncio.run(wait(60, sleep))
    assert next(moment for moment, failed in seen if failed == 3) <= 40


def test_one_is_looked_at_singly(wire: Any) -> None:
    plane = Plane(300, lambda _: 2)
    watch(wire, plane, range(1))
    assert plane.lists == 0


def test_filter_that_is_ignored_is_given_up(wire: Any) -> None:
    plane = Plane(250, lambda _: 1)
    plane.heeds_filter = False
    errors, polls = watch(wire, plane, range(240, 250))
    assert errors == [None] * 10
    pages = 3  # One at first, because ten are wanted, then two at once.
    assert plane.lists == 1 + len(polls) * pages


def test_list_that_fails_is_asked_for_again(wire: Any) -> None:
    plane = Plane(50, lambda _: 1)
    plane.broken_lists = 2
    assert watch(wire, plane, range(50))[0] == [None] * 50


def test_wait_ends_with_its_time_and_says_of_each_where_it_stood(wire: Any) -> None:
    plane = Plane(20, lambda _: 10_000)
    errors, polls = watch(wire, plane, range(20), timeout=30)
    assert polls[-1] == 30
    assert {str(error).splitlines()[0] for error in errors} == {
        f"Deployment d{number}: revision r{number} is not deployed after 30 s (DEPLOYING)." for number in range(20)
    }


def test_what_is_not_listed_is_gone(wire: Any) -> None:
    plane = Plane(10, lambda _: 0)
    wire.respond = plane
    client = wire.client().once()
    items = [Departure(client, f"d{number}", f"d{number}") for number in range(10, 20)]
    assert asyncio.run(Watch(client, items)(1)) == [None] * 10

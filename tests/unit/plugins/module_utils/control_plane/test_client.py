# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    InvalidInput,
    MalformedAnswer,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task


def pages(items: list[Any], *, offset_counts: bool = True) -> Any:
    """Answer list requests as the control plane does."""

    def respond(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        first = int(query["offset"]) if offset_counts else 0
        page = items[first : first + int(query["limit"])]
        return httpx.Response(200, json={"resources": page, "offset": 4711})

    return respond


def things(count: int) -> list[dict[str, str]]:
    return [{"id": f"id-{number}", "compute_id": f"c{number}"} for number in range(count)]


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 3), (101, 3), (250, 3), (1000, 15)])
def test_all_pages_are_read(wire: Any, count: int, requests: int) -> None:
    wire.respond = pages(things(count))
    assert asyncio.run(wire.client().list_listeners()) == things(count)
    assert len(wire.requests) == requests


def test_a_plane_that_ignores_the_offset_is_found_out(wire: Any) -> None:
    wire.respond = pages(things(150), offset_counts=False)
    with pytest.raises(MalformedAnswer, match="repeats a page"):
        asyncio.run(wire.client().list_listeners())
    assert len(wire.requests) == 3


@pytest.mark.parametrize(("count", "expected", "rounds"), [(99, 99, [1]), (1000, 1000, [11]), (2000, 1000, [11, 16])])
def test_as_many_pages_are_asked_for_at_once_as_are_expected(
    wire: Any, count: int, expected: int, rounds: list[int]
) -> None:
    wire.respond = pages(things(count))
    assert len(asyncio.run(wire.client().list_deployments(expected))) == count
    assert len(wire.requests) == sum(rounds)


def test_items_that_move_between_pages_are_counted_once(wire: Any, reply: Any) -> None:
    first, second = things(100), things(120)[99:]
    wire.script = [reply(200, {"resources": first, "offset": 0}), reply(200, {"resources": second, "offset": 0})]
    wire.script.append(reply(200, {"resources": [], "offset": 0}))
    found = asyncio.run(wire.client().list_listeners())
    assert [item["id"] for item in found] == [item["id"] for item in things(120)]


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"resources": None}, {"resources": [{}]}, {"resources": [{"id": 1}]}, {"resources": ["x"]}],
)
def test_lists_of_another_shape_are_an_error(wire: Any, reply: Any, document: Any) -> None:
    wire.respond = lambda _: reply(200, document)
    with pytest.raises(MalformedAnswer):
        asyncio.run(wire.client().list_listeners())


def test_name_is_compared_again_because_planes_ignore_filters(wire: Any, reply: Any) -> None:
    named = [{"id": "1", "name": "agent"}, {"id": "2", "name": "agent-2"}, {"id": "3", "name": "other"}]
    wire.script = [reply(200, {"resources": named, "offset": 0})]
    assert asyncio.run(wire.client().deployments_named("agent")) == [named[0]]
    assert wire.requests[0].url.params["name"] == wire.requests[0].url.params["name_contains"] == "agent"


def test_what_is_gone_is_deleted(wire: Any, reply: Any) -> None:
    wire.script = [reply(404, {"detail": "Deployment ID 1 not found."}), httpx.Response(204)]
    asyncio.run(wire.client().delete_deployment("1"))
    asyncio.run(wire.client().delete_deployment("1"))
    assert [request.method for request in wire.requests] == ["DELETE", "DELETE"]


LINES = [{"timestamp": "t2", "level": "ERROR", "message": "second"}, {"timestamp": 1795275337873, "message": "first"}]


def test_log_lines_come_oldest_first(wire: Any, reply: Any) -> None:
    wire.script = [reply(200, {"logs": LINES, "next_offset": None})]
    assert asyncio.run(wire.client().deploy_log_lines("d", "r")) == ["2026-11-21T15:35:37Z first", "t2 ERROR second"]


@pytest.mark.parametrize("status", [404, 405])
def test_log_lines_fall_back_to_the_older_route(wire: Any, reply: Any, status: int) -> None:
    wire.script = [reply(status, {"detail": "no"}), reply(200, {"logs": LINES})]
    assert asyncio.run(wire.client().deploy_log_lines("d", "r")) == ["2026-11-21T15:35:37Z first", "t2 ERROR second"]
    assert wire.asked[1].endswith("/v1/projects/d/revisions/r/deploy_logs")


@pytest.mark.parametrize(
    ("newer", "older", "told"),
    [(422, 404, [422]), (403, 404, [403]), (404, 405, [404, 405]), (405, 404, [405, 404]), (404, 422, [404, 422])],
)
def test_log_error_is_that_of_the_route_that_is_there(
    wire: Any, reply: Any, newer: int, older: int, told: list[int]
) -> None:
    answers = [reply(status, {"detail": f"answer {status}"}) for status in (newer, older)]
    wire.script = list(answers)
    with pytest.raises(AnswerError) as raised:
        asyncio.run(wire.client().log_page("d", "r"))
    assert len(wire.requests) == len(told)
    assert raised.value.status == (older if older == 422 else newer)


def test_no_log_is_no_error(wire: Any, reply: Any) -> None:
    wire.respond = lambda _: reply(404, {"detail": "Not Found"})
    assert asyncio.run(wire.client().deploy_log_lines("d", "r")) == []


def test_log_lines_hide_secrets(wire: Any, reply: Any, key: str) -> None:
    wire.script = [reply(200, {"logs": [{"message": f"using {key}"}, f"raw {key}"]})]
    assert key not in str(asyncio.run(wire.client().deploy_log_lines("d", "r")))


def test_organization_is_asked_of_langsmith(wire: Any, reply: Any) -> None:
    wire.script = [reply(200, {"id": "o"})]
    asyncio.run(wire.client().organization())
    assert str(wire.requests[0].url) == "https://smith.example.com/api/v1/orgs/current/info"


async def enter(options: dict[str, Any], environment: dict[str, str] | None = None) -> Any:
    async with connect(Task(options, environment=environment or {})) as client:
        return client


@pytest.mark.parametrize("key", [None, "", "  \n", "two words", "tab\there", "ümlaut", "zero\0byte"])
def test_key_that_cannot_be_one_is_refused_and_not_shown(key: str | None) -> None:
    with pytest.raises(InvalidInput, match="api_key") as raised:
        asyncio.run(enter({"api_key": key}))
    assert not key or key.strip() == "" or key not in str(raised.value)


def test_an_address_without_a_port_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match=r"address: '192\.0\.2\.1' has no port"):
        asyncio.run(enter({"api_key": key, "address": "192.0.2.1"}))


def test_line_end_behind_a_key_does_no_harm(connected: Any, reply: Any) -> None:
    connected.script = [reply(200, {"resources": [], "offset": 0})]

    async def read() -> None:
        options = {"api_key": "lsv2_sk_x\n", "workspace_id": " w ", "control_plane_url": "http://plane"}
        async with connect(Task(options)) as client:
            await client.list_listeners()

    asyncio.run(read())
    headers = connected.requests[0].headers
    assert (headers["x-api-key"], headers["x-tenant-id"]) == ("lsv2_sk_x", "w")


def test_without_workspace_no_header_names_one(connected: Any, reply: Any) -> None:
    connected.script = [reply(200, {"resources": [], "offset": 0})]

    async def read() -> None:
        async with connect(Task({"api_key": "lsv2_sk_x", "workspace_id": ""})) as client:
            await client.list_listeners()

    asyncio.run(read())
    assert "x-tenant-id" not in connected.requests[0].headers

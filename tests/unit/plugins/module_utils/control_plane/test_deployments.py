# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import deployments
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    Deployments,
    desired_deployment,
    observed,
    represent,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Create, Redeploy, Update, plan

DOCUMENT: dict[str, Any] = {
    "id": "d1",
    "name": "agent",
    "source": "external_docker",
    "status": "READY",
    "source_config": {
        "listener_id": "l1",
        "listener_config": {"k8s_namespace": "agents"},
        "resource_spec": {"min_scale": 1, "cpu": 1, "queue_cpu": None},
        "custom_url": None,
    },
    "source_revision_config": {"image_uri": "one:1"},
    "secrets": [{"name": "A", "value": "secret-a"}],
    "secret_references": None,
    "display_name": None,
    "url": "https://agents.example.com/lgp/agent",
    "latest_revision_id": "r2",
    "active_revision_id": "r1",
}
OPTIONS = {"name": "agent", "image": "one:1"}


def test_options_become_desired_values_only_where_given() -> None:
    desired = desired_deployment({**OPTIONS, "secrets": {"A": 8000}, "display_name": None}, "l1", None)
    assert desired.values == {
        "name": "agent",
        "source": "external_docker",
        "image": "one:1",
        "secrets": {"A": "8000"},
        "listener_id": "l1",
    }


def test_representation_shows_names_of_secrets_only() -> None:
    shown = represent(observed(DOCUMENT, {"id": "r2", "status": "DEPLOYING"}), {})
    assert "secret-a" not in json.dumps(shown)
    assert shown["secret_names"] == ["A"]
    assert (shown["url"], shown["image"], shown["namespace"]) == (DOCUMENT["url"], "one:1", "agents")
    assert shown["resource_spec"] == {"cpu": 1, "min_scale": 1}
    assert shown["latest_revision"]["status"] == "DEPLOYING"


def test_url_of_an_older_plane_is_the_custom_url() -> None:
    older = {key: value for key, value in DOCUMENT.items() if key not in {"url", "display_name", "secret_references"}}
    older["source_config"] = {**DOCUMENT["source_config"], "custom_url": "https://x"}
    assert represent(observed(older, None), {})["url"] == "https://x"


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DEPLOY_FAILED", "INTERRUPTED"])
def test_failed_newest_revision_is_seen(status: str) -> None:
    assert observed(DOCUMENT, {"id": "r2", "status": status}).failed_revision == "r2"
    assert observed(DOCUMENT, {"id": "r2", "status": "DEPLOYING"}).failed_revision is None


@pytest.mark.parametrize("status", ["AWAITING_DELETE", "AWAITING_FINAL_DELETE"])
def test_deployment_that_is_being_deleted_is_leaving(status: str) -> None:
    assert observed({**DOCUMENT, "status": status}, None).leaving


def test_no_secrets_before_the_first_revision_say_nothing() -> None:
    early = {**DOCUMENT, "secrets": [], "latest_revision_id": None, "active_revision_id": None}
    seen = observed(early, None)
    assert not plan(
        [desired_deployment({**OPTIONS, "secrets": {"A": "x"}}, "l1", None)], {"agent": seen}, deployments.FIELDS
    ).changed


def respond(answers: dict[str, Sequence[httpx.Response]]) -> Any:
    """Answer by method and path; the last answer of each stays."""
    queues = {route: list(queue) for route, queue in answers.items()}

    def one(request: httpx.Request) -> httpx.Response:
        queue = queues[f"{request.method} {request.url.path.removeprefix('/api-host')}"]
        given = queue.pop(0) if len(queue) > 1 else queue[0]
        return httpx.Response(given.status_code, content=given.content)

    return one


def document(**changes: Any) -> httpx.Response:
    return httpx.Response(200, json={**DOCUMENT, **changes})


def test_creation_sends_what_the_api_demands(wire: Any) -> None:
    wire.respond = respond({"POST /v2/deployments": [document()]})
    values = {"name": "agent", "source": "external_docker", "image": "one:1", "display_name": "A"}
    asyncio.run(Deployments(wire.client()).perform(Create("agent", values=values)))
    assert wire.bodies("POST") == [
        {
            "name": "agent",
            "source": "external_docker",
            "source_config": {"resource_spec": {}},
            "source_revision_config": {"image_uri": "one:1"},
            "secrets": [],
        }
    ]


def test_update_is_one_patch_where_it_makes_the_revision(wire: Any) -> None:
    wire.respond = respond({"PATCH /v2/deployments/d1": [document(latest_revision_id="r3")]})
    change = Update("agent", id="d1", values={"image": "one:2"}, revision=True, newest_revision="r2")
    seen = asyncio.run(Deployments(wire.client()).perform(change))
    assert seen is not None
    assert seen.newest_revision == "r3"
    assert wire.bodies("PATCH") == [{"source_revision_config": {"image_uri": "one:2"}}]
    assert len(wire.requests) == 1


def test_update_makes_the_revision_itself_where_patch_does_not(wire: Any) -> None:
    wire.respond = respond(
        {
            "PATCH /v2/deployments/d1": [document()],
            "POST /v2/deployments/d1/revisions": [httpx.Response(201, json={"id": "r3", "status": "QUEUED"})],
            "GET /v2/deployments/d1": [document(latest_revision_id="r3")],
        }
    )
    values = {"image": "one:2", "custom_url": "https://x"}
    change = Update("agent", id="d1", values=values, revision=True, newest_revision="r2")
    seen = asyncio.run(Deployments(wire.client()).perform(change))
    assert seen is not None
    assert seen.newest_revision == "r3"
    assert wire.bodies("POST") == [{"source_revision_config": {"image_uri": "one:2"}}]


def test_plane_that_makes_no_revision_at_all_is_told(wire: Any) -> None:
    wire.respond = respond(
        {
            "PATCH /v2/deployments/d1": [document()],
            "POST /v2/deployments/d1/revisions": [httpx.Response(404, json={"detail": "Not Found"})],
        }
    )
    change = Update("agent", id="d1", values={"image": "one:2"}, revision=True, newest_revision="r2")
    with pytest.raises(Refused, match="made no revision"):
        asyncio.run(Deployments(wire.client()).perform(change))


def test_change_without_revision_needs_none(wire: Any) -> None:
    wire.respond = respond({"PATCH /v2/deployments/d1": [document()]})
    change = Update("agent", id="d1", values={"display_name": "A"}, newest_revision="r2")
    asyncio.run(Deployments(wire.client()).perform(change))
    assert wire.asked == ["PATCH /api-host/v2/deployments/d1"]


def test_redeploy_names_the_revision(wire: Any) -> None:
    wire.respond = respond({"POST /v2/deployments/d1/revisions/r2/redeploy": [document(latest_revision_id="r3")]})
    seen = asyncio.run(Deployments(wire.client()).perform(Redeploy("agent", id="d1", revision_id="r2")))
    assert seen is not None
    assert seen.newest_revision == "r3"


def listing(*documents: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"resources": list(documents), "offset": 0})


def test_few_are_asked_for_by_name_and_many_are_listed(wire: Any) -> None:
    active = {**DOCUMENT, "active_revision_id": "r2"}
    wire.respond = respond({"GET /v2/deployments": [listing(active)]})
    found = asyncio.run(Deployments(wire.client()).find(["agent", "other"]))
    assert (list(found), len(wire.requests)) == (["agent"], 2)
    wire.requests.clear()
    found = asyncio.run(Deployments(wire.client()).find([f"agent{number or ''}" for number in range(20)]))
    assert (list(found), len(wire.requests)) == (["agent"], 1)


def test_living_deployment_hides_one_of_its_name_that_is_leaving(wire: Any) -> None:
    living = {**DOCUMENT, "active_revision_id": "r2"}
    leaving = {**living, "id": "d0", "status": "AWAITING_DELETE"}
    for order in ([living, leaving], [leaving, living]):
        wire.respond = respond({"GET /v2/deployments": [listing(*order)]})
        assert asyncio.run(Deployments(wire.client()).find(["agent"]))["agent"].id == "d1"


def test_two_living_deployments_of_one_name_are_not_guessed_between(wire: Any) -> None:
    wire.respond = respond({"GET /v2/deployments": [listing(DOCUMENT, {**DOCUMENT, "id": "d2"})]})
    with pytest.raises(Refused, match="d1 and d2"):
        asyncio.run(Deployments(wire.client()).find(["agent"]))

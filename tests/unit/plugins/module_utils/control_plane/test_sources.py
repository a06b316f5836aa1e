# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which option belongs to which source, and what a cloud source's requests look like."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import deployments, operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.sources import (
    CLOUD,
    EXTERNAL_DOCKER,
    SOURCES,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.validation import deployment_problems
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task

UUID = "1e9d8c7b-0a35-4a41-8f21-6f5e4d3c2b1a"
REPOSITORY = {
    "deployment_type": "dev",
    "integration_id": UUID,
    "repo_url": "https://github.com/example/agent",
    "repo_ref": "main",
    "langgraph_config_path": "langgraph.json",
}
# The least that each source needs.
LEAST: dict[str, dict[str, Any]] = {
    "external_docker": {"image": "registry.example.com/agent:1"},
    "github": REPOSITORY,
    "internal_docker": {"deployment_type": "prod"},
    "internal_source": {"deployment_type": "dev", "langgraph_config_path": "langgraph.json"},
    "internal_template": {"deployment_type": "dev", "template_id": "react-agent"},
}
# One value of every option that some source does not take.
VALUES: dict[str, Any] = {
    **REPOSITORY,
    "image": "registry.example.com/agent:1",
    "listener": "cluster",
    "listener_id": UUID,
    "namespace": "agents",
    "resource_spec": {"cpu": 1},
    "secret_references": [{"name": "A", "secret_name": "s", "secret_key": "k"}],
    "custom_url": "https://agent.example.com",
    "build_on_push": False,
    "install_command": "yarn",
    "build_command": "yarn build",
    "source_tarball_path": "uploads/1.tgz",
    "template_id": "react-agent",
    "deployment_tier": "SERVERLESS_S",
}
TAKEN = {
    "external_docker": {
        *("image", "listener", "listener_id", "namespace", "resource_spec", "secret_references", "custom_url")
    },
    "github": {*REPOSITORY, "build_on_push", "install_command", "build_command", "deployment_tier"},
    "internal_docker": {"deployment_type", "image", "deployment_tier"},
    "internal_source": {
        *("deployment_type", "langgraph_config_path", "install_command", "build_command", "source_tarball_path"),
        "deployment_tier",
    },
    "internal_template": {"deployment_type", "template_id", "deployment_tier"},
}


def problems(source: str, **options: Any) -> list[str]:
    return [problem.path for problem in deployment_problems({"name": "agent", "source": source, **options})]


def test_every_option_that_belongs_to_a_source_is_tried() -> None:
    bound = {field.name for field in deployments.FIELDS if field.sources}
    assert set(VALUES) == bound | {"listener"}


@pytest.mark.parametrize("source", SOURCES)
def test_the_least_is_enough_and_all_of_it_is_needed(source: str) -> None:
    assert problems(source, **LEAST[source]) == []
    for name in LEAST[source]:
        assert problems(source, **{**LEAST[source], name: None}) == [name]
        assert problems(source, **{**LEAST[source], name: ""}) != []


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("option", VALUES)
def test_what_does_not_belong_to_a_source_is_refused_by_its_name(source: str, option: str) -> None:
    expected = [] if option in TAKEN[source] else [option]
    assert problems(source, **{**LEAST[source], option: VALUES[option]}) == expected


def test_a_tag_cannot_be_pushed_to() -> None:
    assert problems("github", **{**REPOSITORY, "repo_ref": "refs/tags/v1", "build_on_push": True}) == ["build_on_push"]
    assert problems("github", **{**REPOSITORY, "repo_ref": "refs/tags/v1", "build_on_push": False}) == []


@pytest.mark.parametrize(("source", "expected"), [(EXTERNAL_DOCKER, []), *((one, ["secrets.PORT"]) for one in CLOUD)])
def test_the_cloud_reserves_more_names(source: str, expected: list[str]) -> None:
    assert problems(source, **LEAST[source], secrets={"PORT": "80"}) == expected


@pytest.mark.parametrize("source", SOURCES)
def test_creation_sends_what_the_source_demands_and_nothing_else(connected: Any, source: str) -> None:
    """A control plane that answers as if it had made what it was sent."""
    sent: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(json.loads(request.content))
            return httpx.Response(201, json={"id": UUID, "latest_revision_id": None, **sent[-1]})
        return httpx.Response(200, json={"resources": [], "offset": 0, "id": UUID, "name": "agent"})

    connected.respond = answer
    options = {"name": "agent", "source": source, "wait": False, "api_key": "lsv2_x", "control_plane_url": "http://p"}
    asyncio.run(operations.deployment(Task({**options, **LEAST[source]})))
    (body,) = sent
    flat = {**body, **body["source_config"], **body["source_revision_config"]}
    defaults: dict[str, dict[str, Any]] = {EXTERNAL_DOCKER: {"resource_spec": {}}, "github": {"build_on_push": False}}
    wire = {"image_uri" if name == "image" else name: value for name, value in LEAST[source].items()}
    structure = {"name", "source", "secrets", "source_config", "source_revision_config"}
    settings = {name: value for name, value in flat.items() if name not in structure}
    assert settings == {**wire, **defaults.get(source, {})}

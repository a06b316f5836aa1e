# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of requests and answers are those of the published schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped, unused-ignore]
from pydantic import BaseModel

from playground.control_plane import models
from playground.control_plane.deploying import CPUS_BOUND
from playground.control_plane.distil import TARGET
from playground.control_plane.generations import GENERATIONS
from playground.control_plane.rules import STATUSES

from .conftest import Plane

CONTRACT: dict[str, Any] = json.loads(TARGET.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = CONTRACT["components"]["schemas"]
GENERATION = GENERATIONS["A"]
MODELS: dict[str, type[BaseModel]] = {
    "Container": models.Container,
    "DeploymentCreateRequest": models.DeploymentCreateRequest,
    "DeploymentPatchRequest": models.DeploymentPatchRequest,
    "EnvVar": models.EnvVar,
    "ListenerComputeConfig": models.ListenerComputeConfig,
    "ListenerConfig": models.ListenerConfig,
    "ListenerCreateRequest": models.ListenerCreateRequest,
    "ListenerPatchRequest": models.ListenerPatchRequest,
    "LocalObjectReference": models.LocalObjectReference,
    "ResourceRequirements": models.ResourceRequirements,
    "ResourceSpec-Input": models.ResourceSpec,
    "Secret": models.Secret,
    "SecretReference": models.SecretReference,
    "SourceConfigRequest": models.SourceConfig,
    "SourceRevisionConfigRequest": models.SourceRevisionConfig,
    "Volume": models.Volume,
    "VolumeMount": models.VolumeMount,
}
NEWER = {
    "DeploymentCreateRequest": {"shareable", "route_through_gateway"},
    "DeploymentPatchRequest": {"display_name", "tracked_repo_ref", "deployment_tier", "route_through_gateway"},
    "ResourceSpec-Input": {"core_cpu", "core_cpu_limit", "core_memory_mb", "core_memory_limit_mb"},
}


def _types(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a schema allows; references count as objects."""
    if "$ref" in schema:
        return {"object"}
    if "anyOf" in schema:
        return set().union(*(_types(item) for item in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return {"string"}
    return {schema["type"]}


@pytest.mark.parametrize("name", MODELS)
def test_requests_have_the_published_fields(name: str) -> None:
    ours, theirs = MODELS[name].model_json_schema(), SCHEMAS[name]
    assert set(ours["properties"]) - NEWER.get(name, set()) == set(theirs["properties"])
    assert sorted(ours.get("required", [])) == sorted(theirs.get("required", []))


@pytest.mark.parametrize("name", MODELS)
def test_request_fields_have_the_published_types(name: str) -> None:
    # Every Kubernetes object is checked by its parts only as far as the schema goes.
    ours, theirs = MODELS[name].model_json_schema()["properties"], SCHEMAS[name]["properties"]
    unlike = {
        field: (_types(ours[field]), _types(theirs[field]))
        for field in theirs
        if _types(ours[field]) - {"null"} != _types(theirs[field]) - {"null"}
    }
    assert not unlike


def test_bounds_of_resources_are_the_published_ones() -> None:
    bounds = {
        name: (limits[0]["minimum"], limits[0]["maximum"])
        for name, schema in SCHEMAS["ResourceSpec-Input"]["properties"].items()
        if (limits := [item for item in schema["anyOf"] if "maximum" in item])
    }
    expected = dict.fromkeys(CPUS_BOUND, (0.1, 8)) | {f"{name}_limit": (0.1, 16) for name in CPUS_BOUND}
    assert bounds == expected


def test_the_generation_has_the_published_fields_and_values() -> None:
    assert set(GENERATION.deployment_fields) == set(SCHEMAS["Deployment"]["properties"])
    assert set(GENERATION.source_config_fields) == set(SCHEMAS["SourceConfig"]["properties"])
    assert set(GENERATION.revision_config_fields) == set(SCHEMAS["SourceRevisionConfig"]["properties"])
    assert set(GENERATION.resource_spec_fields) == set(SCHEMAS["ResourceSpec-Output"]["properties"])
    assert set(GENERATION.patch_fields) == set(SCHEMAS["DeploymentPatchRequest"]["properties"])
    assert list(GENERATION.sources) == SCHEMAS["Deployment"]["properties"]["source"]["enum"]
    assert set(STATUSES) == set(SCHEMAS["Revision"]["properties"]["status"]["enum"])


@pytest.mark.parametrize("generation", ["A", "B"])
def test_answers_fit_the_published_schema(plane: Plane, generation: str) -> None:
    plane.settings(generation=generation)
    listener = plane.listener()
    deployment = plane.deployment(
        source_config={"resource_spec": {"cpu": 0.5}, "listener_id": listener},
        secrets=[{"name": "A", "value": "1"}],
        secret_references=[{"name": "B", "secret_name": "s", "secret_key": "k"}],
    )
    answers = {
        "DeploymentsList": plane.get("/v2/deployments"),
        "Deployment": plane.get(f"/v2/deployments/{deployment['id']}"),
        "RevisionsList": plane.get(f"/v2/deployments/{deployment['id']}/revisions"),
        "ListenersList": plane.get("/v2/listeners"),
        "Listener": plane.get(f"/v2/listeners/{listener}"),
        "HTTPValidationError": plane.get("/v2/listeners/not-a-uuid"),
    }
    for name, answer in answers.items():
        document = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
        Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json())


def test_the_contract_holds_no_prose() -> None:
    def prose(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [
                text
                for key, item in value.items()
                for text in (
                    [item] if key in ("description", "title", "summary") and isinstance(item, str) else prose(item)
                )
            ]
        return [text for item in value for text in prose(item)] if isinstance(value, list) else []

    assert set(prose(CONTRACT)) <= {"", "control plane"}

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that cannot be right: an error that names the place, and not a single request."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import fleet, operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput

IMAGE = "registry.example.com/agents/hello:1"
GOOD = {"name": "agent", "image": IMAGE}
SECRET = "sk-a-secret-of-the-agent"
REFERENCE = {"name": "CRM_TOKEN", "secret_name": "crm", "secret_key": "token"}

# Options of a deployment -> where the error is. Each is tried alone and as an item of a fleet.
OF_A_DEPLOYMENT: list[tuple[dict[str, Any], str]] = [
    *(({"name": name}, "name") for name in ("", "2agent", "-agent", "agent-", "my_agent", "my agent", "a.b", "ägent")),
    *(({"name": name}, "name") for name in ("a/b", "agent\n", "{{ name }}", "agent!", " agent", None)),
    *(
        ({"image": image}, "image")
        for image in ("", None, " hello", "hello world", "https://registry.example.com/hello")
    ),
    *(
        ({"image": image}, "image")
        for image in ("registry.example.com/Hello:1", "hello:", "a//b", "hello/", "hello:-1")
    ),
    *(({"image": image}, "image") for image in ("hello@sha256:abc", "hello:1:2", "hello:" + "x" * 129, "{{ image }}")),
    ({"require_digest": True}, "image"),
    ({"require_digest": True, "image": "hello"}, "image"),
    *(({"namespace": name}, "namespace") for name in ("", "Agents", "a_b", "-a", "a-", "a.b", "a b", "x" * 64)),
    *(({"listener_id": text}, "listener_id") for text in ("", "prod", "1234", "6c1f0c9e-2d0b-4f0a-8b0e-0c4e1f5a9d1")),
    ({"custom_url": ""}, "custom_url"),
    ({"display_name": ""}, "display_name"),
    *(({"resource_spec": {key: 1}}, f"resource_spec.{key}") for key in ("cpus", "memory", "minScale", "executor_cpu")),
    *(({"resource_spec": {"cpu": value}}, "resource_spec.cpu") for value in ("1", 0, -1, True, None, [1])),
    *(({"resource_spec": {"memory_mb": value}}, "resource_spec.memory_mb") for value in (1.5, "2Gi", -1, None, False)),
    *(({"resource_spec": {"min_scale": value}}, "resource_spec.min_scale") for value in (-1, 0.5, "1")),
    ({"resource_spec": {"min_scale": 3, "max_scale": 2}}, "resource_spec.min_scale"),
    ({"resource_spec": {"queue_min_scale": 3, "queue_max_scale": 2}}, "resource_spec.queue_min_scale"),
    ({"resource_spec": {"cpu": 2, "cpu_limit": 1}}, "resource_spec.cpu"),
    ({"resource_spec": {"memory_mb": 2, "memory_limit_mb": 1}}, "resource_spec.memory_mb"),
    ({"resource_spec": {"db_cpu": 2, "db_cpu_limit": 1}}, "resource_spec.db_cpu"),
    ({"resource_spec": {"labels": {"a": 1}}}, "resource_spec.labels"),
    ({"resource_spec": {"labels": ["a"]}}, "resource_spec.labels"),
    ({"resource_spec": {"annotations": "a=b"}}, "resource_spec.annotations"),
    ({"resource_spec": {"volumes": {}}}, "resource_spec.volumes"),
    ({"resource_spec": {"image_pull_secrets": "registry"}}, "resource_spec.image_pull_secrets"),
    ({"resource_spec": {"service_account_name": ""}}, "resource_spec.service_account_name"),
    *(({"secrets": {name: "x"}}, f"secrets.{name}") for name in ("", "1A", "A-B", "A B", "A=B", "Ä", "A.B")),
    *(({"secrets": {name: "x"}}, f"secrets.{name}") for name in ("POSTGRES_URI", "REDIS_URI", "LANGSMITH_TENANT_ID")),
    *(({"secrets": {"A": value}}, "secrets.A") for value in (None, True, [SECRET], {"b": SECRET}, "")),
    *(
        ({"secret_references": [{**REFERENCE, "name": name}]}, "secret_references[0].name")
        for name in ("", "1A", "A-B", "DATABASE_URI", "LANGCHAIN_API_KEY")
    ),
    ({"secret_references": [{**REFERENCE, "secret_name": "Crm"}]}, "secret_references[0].secret_name"),
    ({"secret_references": [{**REFERENCE, "secret_name": ""}]}, "secret_references[0].secret_name"),
    ({"secret_references": [{**REFERENCE, "secret_key": "a b"}]}, "secret_references[0].secret_key"),
    ({"secret_references": [REFERENCE, REFERENCE]}, "secret_references[1].name"),
    ({"secret_references": [REFERENCE], "secrets": {"CRM_TOKEN": SECRET}}, "secret_references[0].name"),
    ({"secret_references": ["CRM_TOKEN"]}, "secret_references[0]"),
    ({"state": "absent", "name": "my_agent"}, "name"),
]

TWO = [GOOD, {**GOOD, "name": "other"}]
# Options of a fleet -> where the error is.
OF_A_FLEET: list[tuple[dict[str, Any], str]] = [
    ({"deployments": [GOOD, GOOD]}, "deployments[1].name"),
    ({"deployments": [GOOD, {"name": "agent", "state": "absent"}]}, "deployments[1].name"),
    *(({"deployments": [GOOD, item]}, "deployments[1]") for item in ("agent", 1, None, [], ["agent"], True)),
    *(
        ({"deployments": [{**GOOD, option: 1}]}, f"deployments[0].{option}")
        for option in ("imag", "images", "wait", "api_key", "workspace_id", "deployment_id", "Name", "batch_size")
    ),
    ({"deployments": [{**GOOD, "state": "gone"}]}, "deployments[0].state"),
    ({"deployments": [{**GOOD, "source": "svn"}]}, "deployments[0].source"),
    ({"deployments": [{**GOOD, "redeploy_failed": "perhaps"}]}, "deployments[0].redeploy_failed"),
    ({"deployments": [{**GOOD, "require_digest": "perhaps"}]}, "deployments[0].require_digest"),
    ({"deployments": [{**GOOD, "resource_spec": [1]}]}, "deployments[0].resource_spec"),
    ({"deployments": [{**GOOD, "resource_spec": "cpu"}]}, "deployments[0].resource_spec"),
    ({"deployments": [{**GOOD, "secrets": [SECRET]}]}, "deployments[0].secrets"),
    ({"deployments": [{**GOOD, "secrets": SECRET}]}, "deployments[0].secrets"),
    ({"deployments": [{**GOOD, "secret_references": {"A": "b"}}]}, "deployments[0].secret_references"),
    ({"deployments": [{**GOOD, "name": {"first": "a"}}]}, "deployments[0].name"),
    ({"deployments": [{**GOOD, "image": [IMAGE]}]}, "deployments[0].image"),
    ({"deployments": [{**GOOD, "listener": "a", "listener_id": "x"}]}, "deployments[0].listener_id"),
    ({"require_digest": True}, "deployments[0].image"),
    ({"defaults": {"imag": IMAGE}}, "defaults.imag"),
    ({"defaults": {"name": "agent"}}, "defaults.name"),
    ({"defaults": {"api_key": "x"}}, "defaults.api_key"),
    ({"defaults": {"namespace": "A"}}, "defaults.namespace"),
    ({"defaults": {"listener_id": "x"}}, "defaults.listener_id"),
    ({"defaults": {"image": "A B"}, "deployments": [{"name": "agent"}]}, "defaults.image"),
    ({"defaults": {"resource_spec": {"cpus": 1}}}, "defaults.resource_spec.cpus"),
    ({"defaults": {"secrets": {"REDIS_URI": SECRET}}}, "defaults.secrets.REDIS_URI"),
    ({"defaults": {"state": "gone"}}, "defaults.state"),
    ({"prune": {}}, "prune"),
    ({"prune": {"max_deletes": 3}}, "prune"),
    ({"prune": {"name_prefix": ""}}, "prune.name_prefix"),
    ({"prune": {"name_prefix": "  "}}, "prune.name_prefix"),
    ({"prune": {"listener": ""}}, "prune.listener"),
    ({"prune": {"listener_id": "prod"}}, "prune.listener_id"),
    ({"prune": {"listener": "a", "listener_id": "6c1f0c9e-2d0b-4f0a-8b0e-0c4e1f5a9d11"}}, "prune.listener_id"),
    ({"prune": {"name_prefix": "a", "max_deletes": -1}}, "prune.max_deletes"),
    ({"prune": {"name_prefix": "a", "prefix": "b"}}, "prune.prefix"),
    *(({"batch_size": size}, "batch_size") for size in ("", "0", "-1", "0%", "101%", "ten", "1.5", "10 %", "%", "1e2")),
    *(({"concurrency": number}, "concurrency") for number in (0, -1)),
]

# Options of the task -> where the error is.
OF_A_TASK: list[tuple[dict[str, Any], str]] = [
    *(({"api_key": key}, "api_key") for key in (None, "", "   ", "two words", "lsv2\nkey", "schlüssel")),
    *(
        ({"control_plane_url": url}, "control_plane_url")
        for url in (
            "plane.example.com",
            "ftp://a",
            "https://",
            "http://[::1",
            "https://a:99999",
            "https://u:p@a",
            "//a",
        )
    ),
    *(({"control_plane_url": url}, "control_plane_url") for url in ("https://a?b=c", "https://a#b", "https://a:x")),
    ({"langsmith_url": "smith"}, "langsmith_url"),
    *(({"wait_timeout": seconds}, "wait_timeout") for seconds in (0, -1, float("nan"))),
    *(({"request_timeout": seconds}, "request_timeout") for seconds in (0, -0.5)),
    ({"control_plane_url": "https://a", "ca_cert": "/no/such/file"}, "ca_cert"),
    ({"control_plane_url": "https://a", "client_cert": "/no/such/file"}, "client_cert"),
]

ALONE = [
    *((operations.deployment, {**GOOD, **options}, path) for options, path in OF_A_DEPLOYMENT),
    *((operations.deployment, {**GOOD, **options}, path) for options, path in OF_A_TASK),
]
IN_A_FLEET = [
    *(
        (fleet.fleet, {"deployments": [TWO[1], {**GOOD, **options}]}, f"deployments[1].{path}")
        for options, path in OF_A_DEPLOYMENT
    ),
    *((fleet.fleet, {"deployments": TWO, **options}, path) for options, path in (*OF_A_FLEET, *OF_A_TASK)),
]
CASES = [*ALONE, *IN_A_FLEET]


@pytest.mark.parametrize(("operation", "options", "path"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_bad_input(plane: Any, operation: Any, options: dict[str, Any], path: str) -> None:
    plane.forget_requests()
    with pytest.raises(InvalidInput) as raised:
        plane.run(operation, **options)
    assert path in {problem.path for problem in raised.value.problems}, str(raised.value)
    assert f"- {path}: " in str(raised.value)
    assert all(problem.why for problem in raised.value.problems)
    assert SECRET not in f"{raised.value} {raised.value.as_result()}"
    assert plane.requests() == []


def test_a_fleet_lists_everything_that_is_wrong_with_it(plane: Any) -> None:
    bad = [options for options, _ in OF_A_DEPLOYMENT]
    with pytest.raises(InvalidInput) as raised:
        plane.run(
            fleet.fleet,
            deployments=[{**GOOD, "name": f"agent-{number}", **options} for number, options in enumerate(bad)],
            defaults={"imag": "x"},
            batch_size="none",
        )
    found = {problem.path for problem in raised.value.problems}
    assert {"batch_size", "defaults.imag"} <= found
    assert {f"deployments[{number}].{path}" for number, (_, path) in enumerate(OF_A_DEPLOYMENT)} <= found
    assert plane.requests() == []


def test_there_are_many_cases(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nbad inputs: {len(CASES)} cases")
    assert len(CASES) >= 150

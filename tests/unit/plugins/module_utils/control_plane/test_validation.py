# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import resource_spec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.validation import (
    RESERVED_VARIABLES,
    check,
    deployment_problems,
    listener_problems,
    log_problems,
    revision_info_problems,
    revision_problems,
    unknown_options,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput

GOOD = {"name": "agent", "image": "registry.example.com/agents/hello:1"}
DIGEST = "sha256:" + "ab" * 32


def found(**options: Any) -> list[str]:
    """Return the paths of the problems of a deployment with these options."""
    return [problem.path for problem in deployment_problems({**GOOD, **options})]


@pytest.mark.parametrize("name", ["a", "agent", "agent-2", "My-Agent", "a" * 60])
def test_good_names(name: str) -> None:
    assert found(name=name) == []


@pytest.mark.parametrize(
    "name", ["", None, "2agent", "-agent", "agent-", "my_agent", "my agent", "agent.x", "ägent", "a/b", "agent\n"]
)
def test_bad_names(name: Any) -> None:
    assert found(name=name) == ["name"]


def test_bad_name_comes_with_a_better_one() -> None:
    (problem,) = deployment_problems({**GOOD, "name": "my_first agent"})
    assert "my-first-agent" in str(problem)


@pytest.mark.parametrize(
    "image",
    [
        "agent",
        "agent:1",
        "agents/hello",
        "registry.example.com/agents/hello:1.4.2",
        "registry.example.com:5000/hello",
        "localhost:5000/a/b/c:latest",
        f"registry.example.com/hello@{DIGEST}",
        f"registry.example.com/hello:1@{DIGEST}",
        "registry.example.com/a_b/c__d/e--f/g.h:V1_2.3-x",
        "[::1]:5000/hello:1",
    ],
)
def test_good_images(image: str) -> None:
    assert found(image=image) == []


@pytest.mark.parametrize(
    "image",
    [
        "",
        None,
        "https://registry.example.com/hello:1",
        "registry.example.com/Hello:1",
        "registry.example.com/hello:",
        "registry.example.com/hello:1:2",
        "registry.example.com/hello@sha256:abc",
        "registry.example.com//hello",
        "registry.example.com/hello/",
        "hello world",
        " hello",
        "hello:1\n",
        "hello:-1",
        "hello___x:1",
        "registry.example.com/hello:" + "x" * 129,
        "{{ image }}",
    ],
)
def test_bad_images(image: Any) -> None:
    assert found(image=image) == ["image"]


def test_image_with_a_scheme_comes_with_the_right_one() -> None:
    (problem,) = deployment_problems({**GOOD, "image": "docker://registry.example.com/hello:1"})
    assert problem.remedy == "Write registry.example.com/hello:1"


@pytest.mark.parametrize("namespace", ["agents", "a", "a-1", "x" * 63])
def test_good_namespaces(namespace: str) -> None:
    assert found(namespace=namespace) == []


@pytest.mark.parametrize("namespace", ["", "Agents", "a_b", "-a", "a-", "a.b", "x" * 64, "a b"])
def test_bad_namespaces(namespace: str) -> None:
    assert found(namespace=namespace) == ["namespace"]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"cpu": 0.5, "cpu_limit": 64, "memory_mb": 1024},
        {"min_scale": 0, "max_scale": 0},
        {"labels": {}, "annotations": {"a": "b"}},
        {"volumes": [], "sidecars": [{"name": "x", "image": "y"}], "service_account_name": "agent"},
    ],
)
def test_good_resource_specs(spec: dict[str, Any]) -> None:
    assert found(resource_spec=spec) == []


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"cpus": 1}, "resource_spec.cpus"),
        ({"memory": 1}, "resource_spec.memory"),
        ({"executor_cpu": 1}, "resource_spec.executor_cpu"),
        ({"cpu": "1"}, "resource_spec.cpu"),
        ({"cpu": 0}, "resource_spec.cpu"),
        ({"cpu": -1}, "resource_spec.cpu"),
        ({"cpu": True}, "resource_spec.cpu"),
        ({"cpu": None}, "resource_spec.cpu"),
        ({"memory_mb": 1.5}, "resource_spec.memory_mb"),
        ({"memory_mb": "2Gi"}, "resource_spec.memory_mb"),
        ({"min_scale": -1}, "resource_spec.min_scale"),
        ({"min_scale": 3, "max_scale": 2}, "resource_spec.min_scale"),
        ({"cpu": 2, "cpu_limit": 1}, "resource_spec.cpu"),
        ({"queue_memory_mb": 2, "queue_memory_limit_mb": 1}, "resource_spec.queue_memory_mb"),
        ({"labels": {"a": 1}}, "resource_spec.labels"),
        ({"labels": ["a"]}, "resource_spec.labels"),
        ({"volumes": {}}, "resource_spec.volumes"),
        ({"service_account_name": ""}, "resource_spec.service_account_name"),
        ([], "resource_spec"),
        ("cpu=1", "resource_spec"),
    ],
)
def test_bad_resource_specs(spec: Any, path: str) -> None:
    assert found(resource_spec=spec) == [path]


@pytest.mark.parametrize(
    ("key", "meant"),
    [("memry_mb", "memory_mb"), ("minScale", "min_scale"), ("image_pull_secret", "image_pull_secrets")],
)
def test_misspelt_key_comes_with_the_right_one(key: str, meant: str) -> None:
    (problem,) = deployment_problems({**GOOD, "resource_spec": {key: 1}})
    assert problem.remedy == f"Did you mean {meant}?"


def test_every_known_kind_of_a_key_is_checked() -> None:
    assert all(not resource_spec.fits(kind, object()) for kind in set(resource_spec.KEYS.values()))


@pytest.mark.parametrize("name", sorted(RESERVED_VARIABLES))
def test_reserved_variables_are_refused_in_both_forms(name: str) -> None:
    reference = {"name": name, "secret_name": "s", "secret_key": "k"}
    assert found(secrets={name: "x"}) == [f"secrets.{name}"]
    assert found(secret_references=[reference]) == ["secret_references[0].name"]


@pytest.mark.parametrize("name", ["POSTGRES_URI_CUSTOM", "LANGSMITH_API_KEY", "PORT", "OPENAI_API_KEY", "_x", "a1"])
def test_other_variables_are_not(name: str) -> None:
    assert found(secrets={name: "x"}) == []


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A=B", "Ä", "A.B"])
def test_bad_variable_names(name: str) -> None:
    assert found(secrets={name: "x"}) == [f"secrets.{name}"]


@pytest.mark.parametrize("value", [None, True, [], {}, ""])
def test_bad_secret_values_are_not_shown(value: Any) -> None:
    assert found(secrets={"A": value}) == ["secrets.A"]


def test_numbers_are_good_secret_values() -> None:
    assert found(secrets={"A": 8000, "B": 1.5}) == []


def test_one_variable_from_two_sources_is_refused() -> None:
    reference = {"name": "A", "secret_name": "s", "secret_key": "k"}
    assert found(secrets={"A": "x"}, secret_references=[reference]) == ["secret_references[0].name"]
    assert found(secret_references=[reference, reference]) == ["secret_references[1].name"]


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ({"name": "A", "secret_name": "My Secret", "secret_key": "k"}, "secret_references[0].secret_name"),
        ({"name": "A", "secret_name": "s"}, "secret_references[0].secret_key"),
        ({"name": "A", "secret_name": "s", "secret_key": "a/b"}, "secret_references[0].secret_key"),
        ("A=s/k", "secret_references[0]"),
    ],
)
def test_bad_references(reference: Any, path: str) -> None:
    assert found(secret_references=[reference]) == [path]


@pytest.mark.parametrize("identity", ["c1", "", "123", "627c319a-2f18-473f-9d22", "g" * 36])
def test_listener_id_is_a_uuid(identity: str) -> None:
    assert found(listener_id=identity) == ["listener_id"]


@pytest.mark.parametrize("option", ["display_name", "custom_url"])
def test_what_the_api_cannot_empty_is_not_given_empty(option: str) -> None:
    assert found(**{option: ""}) == [option]


def test_deletion_needs_a_name_only() -> None:
    assert list(deployment_problems({"name": "agent", "state": "absent"})) == []
    assert [problem.path for problem in deployment_problems({"name": "", "state": "absent"})] == ["name"]


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({"compute_id": "c1", "namespaces": ["a", "b"]}, []),
        ({"compute_id": " ", "namespaces": ["a"]}, ["compute_id"]),
        ({"compute_id": "c1", "namespaces": []}, ["namespaces"]),
        ({"compute_id": "c1", "namespaces": ["A", "b", "b"]}, ["namespaces[0]", "namespaces[2]"]),
        ({"compute_id": "c1", "namespaces": [], "state": "absent"}, []),
        ({"compute_id": "c1"}, []),
    ],
)
def test_listeners(options: dict[str, Any], paths: list[str]) -> None:
    assert [problem.path for problem in listener_problems(options)] == paths


def test_unknown_options_come_with_the_nearest() -> None:
    (problem,) = unknown_options({"name": "a", "imgae": "x"}, {"name", "image"}, "deployments[0]")
    assert str(problem) == "deployments[0].imgae: there is no such option. Did you mean image?"


def test_check_raises_with_all_or_not_at_all() -> None:
    check(iter(()))
    with pytest.raises(InvalidInput, match="2 problems"):
        check(deployment_problems({"name": "", "image": ""}))


UUID = "1e9d8c7b-0a35-4a41-8f21-6f5e4d3c2b1a"
LOG = {"name": "agent", "revision": "newest", "count": 100}


@pytest.mark.parametrize(
    ("problems", "options", "paths"),
    [
        (revision_problems, {"name": "agent", "revision": UUID}, []),
        (revision_problems, {"name": "agent", "revision": "previous"}, []),
        (revision_problems, {"name": "agent", "revision": "last_deployed"}, []),
        (revision_problems, {"deployment_id": UUID, "image": "hello:1"}, []),
        (revision_problems, {"name": "", "revision": "newest"}, ["name", "revision"]),
        (revision_problems, {"name": "agent", "revision": UUID[:-1]}, ["revision"]),
        (revision_problems, {"deployment_id": "agent", "image": "Hello World"}, ["deployment_id", "image"]),
        (revision_problems, {"name": "agent", "image": ""}, ["image"]),
        (revision_info_problems, {"name": "agent", "count": 1}, []),
        (revision_info_problems, {"name": "agent", "count": 10_000}, []),
        (revision_info_problems, {"name": "agent", "count": 0}, ["count"]),
        (revision_info_problems, {"name": "agent", "count": 10_001}, ["count"]),
        (
            revision_info_problems,
            {"deployment_id": "1", "revision_id": "2", "count": -1},
            ["deployment_id", "revision_id", "count"],
        ),
        (log_problems, LOG, []),
        (log_problems, {**LOG, "revision": "active"}, []),
        (log_problems, {**LOG, "revision": UUID, "run_id": UUID}, []),
        (log_problems, {**LOG, "start_time": "2026-08-22T10:00:00Z", "end_time": "2026-08-23"}, []),
        (log_problems, {**LOG, "revision": "previous"}, ["revision"]),
        (log_problems, {**LOG, "run_id": "7"}, ["run_id"]),
        (log_problems, {**LOG, "start_time": "noon"}, ["start_time"]),
        (log_problems, {**LOG, "end_time": "2026-13-01"}, ["end_time"]),
        (log_problems, {**LOG, "count": 0}, ["count"]),
    ],
)
def test_options_about_revisions(problems: Any, options: dict[str, Any], paths: list[str]) -> None:
    assert [problem.path for problem in problems(options)] == paths

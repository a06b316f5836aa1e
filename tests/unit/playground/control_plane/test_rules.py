# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from playground.control_plane import rules
from playground.control_plane.models import SourceConfig, SourceRevisionConfig
from playground.control_plane.rules import Content, Refusal

CONFIG: dict[str, Any] = dict.fromkeys(SourceConfig.model_fields)
REVISION: dict[str, Any] = dict.fromkeys(SourceRevisionConfig.model_fields)
STORED = Content(
    "external_docker",
    {
        **CONFIG,
        "resource_spec": {"cpu": 2, "min_scale": 3},
        "listener_id": "l",
        "listener_config": {"k8s_namespace": "n"},
    },
    {**REVISION, "image_uri": "image:1"},
    ({"name": "A", "value": "1"}, {"name": "B", "value": "2"}),
    ({"name": "C", "secret_name": "s", "secret_key": "k"},),
)


@pytest.mark.parametrize(
    ("given", "makes_revision"),
    [
        ({}, False),
        ({"source_revision_config": {}}, False),
        ({"source_revision_config": {"image_uri": None}}, False),
        ({"source_revision_config": {"image_uri": "image:1"}}, True),
        ({"source_revision_config": {"image_uri": "image:2"}}, True),
        ({"secrets": None}, False),
        ({"secrets": []}, False),
        ({"secrets": [{"name": "A", "value": "1"}]}, True),
        ({"secret_references": None}, False),
        ({"secret_references": []}, True),
        ({"source_config": {"resource_spec": None}}, False),
        ({"source_config": {"resource_spec": {}}}, True),
        ({"source_config": {"install_command": "npm ci"}}, True),
        ({"source_config": {"build_command": "npm run build"}}, True),
        ({"source_config": {"custom_url": "https://agent.example.com"}}, False),
        ({"source_config": {"build_on_push": True}}, False),
        ({"display_name": "An agent"}, False),
    ],
)
def test_what_makes_a_revision(given: dict[str, Any], makes_revision: bool) -> None:
    assert rules.patch(STORED, given).makes_revision is makes_revision


def test_null_leaves_everything_alone() -> None:
    given = {
        "source_config": CONFIG,
        "source_revision_config": REVISION,
        "secrets": None,
        "secret_references": None,
        "revision_source": None,
    }
    assert rules.patch(STORED, given).content == STORED


def test_resource_spec_is_overwritten_not_merged() -> None:
    patched = rules.patch(STORED, {"source_config": {"resource_spec": {"cpu": 4}}}).content
    assert patched.source_config["resource_spec"] == {"cpu": 4}


def test_secrets_are_replaced_as_a_set() -> None:
    patched = rules.patch(STORED, {"secrets": [{"name": "B", "value": "3"}]}).content
    assert list(patched.secrets) == [{"name": "B", "value": "3"}]
    assert patched.secret_references == STORED.secret_references


def test_no_secrets_given_as_an_empty_list_keeps_them_but_references_are_cleared() -> None:
    patched = rules.patch(STORED, {"secrets": [], "secret_references": []}).content
    assert patched.secrets == STORED.secrets
    assert patched.secret_references == []


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"listener_id": "l"}, []),
        ({"listener_id": "other"}, ["listener_id"]),
        ({"listener_id": None}, []),
        ({"listener_config": {"k8s_namespace": "n"}}, []),
        ({"listener_config": {"k8s_namespace": None}}, []),
        ({"listener_config": {"k8s_namespace": "other"}}, ["listener_config.k8s_namespace"]),
        ({"deployment_type": "prod"}, []),
        ({"deployment_type": "dev"}, ["deployment_type"]),
        ({"repo_url": "https://git.example.com/r"}, ["repo_url"]),
        ({"resource_spec": {"cpu": 1}, "custom_url": "https://x.example.com"}, []),
    ],
)
def test_immutable_fields(given: dict[str, Any], changed: list[str]) -> None:
    assert rules.immutable_changes("external_docker", STORED.source_config, given) == changed


class TestPlace:
    listeners = {"one": ["agents"], "many": ["a", "b"], "none": None}  # noqa: RUF012

    def test_a_workspace_without_listeners_needs_none(self) -> None:
        assert rules.place(None, None, {}, strict=True) is None

    def test_a_workspace_with_listeners_needs_one(self) -> None:
        with pytest.raises(Refusal) as caught:
            rules.place(None, None, {"x": ["a"]}, strict=True)
        assert caught.value.status == 400
        assert caught.value.detail == (
            "Source configuration error: 'source_config.listener_id' is required for workspace with available "
            "listener IDs: ['x']"
        )

    def test_the_only_namespace_is_taken(self) -> None:
        assert rules.place("one", None, self.listeners, strict=True) == "agents"

    def test_one_of_several_has_to_be_chosen(self) -> None:
        assert rules.place("many", "b", self.listeners, strict=True) == "b"
        with pytest.raises(Refusal, match=r"must be one of the listener's namespaces: \['a', 'b'\]"):
            rules.place("many", None, self.listeners, strict=True)

    def test_a_namespace_that_is_not_served_is_refused_unless_that_is_switched_off(self) -> None:
        with pytest.raises(Refusal, match="k8s_namespace"):
            rules.place("one", "elsewhere", self.listeners, strict=True)
        assert rules.place("one", "elsewhere", self.listeners, strict=False) == "elsewhere"

    def test_a_listener_without_namespaces_takes_any(self) -> None:
        assert rules.place("none", "anything", self.listeners, strict=True) == "anything"

    def test_an_unknown_listener_is_refused(self) -> None:
        with pytest.raises(Refusal, match=r"Listener ID gone not found\."):
            rules.place("gone", None, self.listeners, strict=True)


@pytest.mark.parametrize("name", ["LANGCHAIN_ENDPOINT", "POSTGRES_URI", "LANGGRAPH_CLOUD_LICENSE_KEY"])
def test_names_reserved_everywhere(name: str) -> None:
    for self_hosted in (True, False):
        with pytest.raises(Refusal, match=f"'{name}' is reserved"):
            rules.check_secret_names([name], self_hosted=self_hosted)


@pytest.mark.parametrize("name", ["POSTGRES_URI_CUSTOM", "LANGSMITH_API_KEY", "PORT"])
def test_names_reserved_on_cloud_only(name: str) -> None:
    rules.check_secret_names([name], self_hosted=True)
    with pytest.raises(Refusal, match=f"'{name}' is reserved"):
        rules.check_secret_names([name], self_hosted=False)


@pytest.mark.parametrize("name", ["a", "Agent-2", "my-agent-01"])
def test_good_names(name: str) -> None:
    rules.check_name(name)


@pytest.mark.parametrize("name", ["", "1agent", "-agent", "my_agent", "a b", "ä", "agent\n"])
def test_bad_names(name: str) -> None:
    with pytest.raises(Refusal):
        rules.check_name(name)


@pytest.mark.parametrize("current", rules.STATUSES)
@pytest.mark.parametrize("wanted", rules.STATUSES)
def test_revisions_never_go_back(current: str, wanted: str) -> None:
    backwards = (
        current in rules.WAITING
        and wanted in rules.WAITING
        and rules.WAITING.index(wanted) < rules.WAITING.index(current)
    )
    if current != wanted and (current in rules.FINAL or backwards):
        with pytest.raises(Refusal) as caught:
            rules.check_move(current, wanted)
        assert caught.value.status == 409
    else:
        rules.check_move(current, wanted)


def test_a_status_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refusal, match="HEALTHY"):
        rules.check_move("QUEUED", "HEALTHY")

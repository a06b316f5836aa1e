# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import (
    CONNECTION,
    KUBECONFIG,
    STATE,
    WAIT,
    ArgumentSpec,
)


def test_sum_has_options_and_rules_of_both() -> None:
    left = ArgumentSpec({"a": {"type": "str"}}, mutually_exclusive=[("a", "b")], required_by={"a": ["b"]})
    right = ArgumentSpec({"b": {"type": "str"}}, required_if=[("b", "x", ["a"])])
    both = left + right
    assert set(both.options) == {"a", "b"}
    assert both.rules() == {
        "mutually_exclusive": [["a", "b"]],
        "required_if": [["b", "x", ["a"]]],
        "required_by": {"a": ["b"]},
    }


def test_an_option_may_stand_in_one_part_only() -> None:
    with pytest.raises(ValueError, match="state"):
        STATE + STATE


def test_empty_rules_are_left_out() -> None:
    assert ArgumentSpec({"a": {"type": "str"}}).rules() == {}


def test_secret_options_are_those_marked() -> None:
    assert CONNECTION.secret_options() == {"api_key"}
    assert {"api_key", "kubeconfig"} <= KUBECONFIG.secret_options()


@pytest.mark.parametrize(
    ("environment", "workspace"),
    [
        ({"LANGSMITH_WORKSPACE_ID": "one", "LANGSMITH_TENANT_ID": "two"}, "one"),
        ({"LANGSMITH_TENANT_ID": "two"}, "two"),
    ],
)
def test_environment_fills_what_is_not_given(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], workspace: str
) -> None:
    for name in ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_sk_from_environment")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = CONNECTION + WAIT
    checked = ArgumentSpecValidator({name: dict(option) for name, option in spec.options.items()}).validate({})
    assert checked.error_messages == []
    assert checked.validated_parameters["workspace_id"] == workspace
    assert checked.validated_parameters["api_key"] == "lsv2_sk_from_environment"
    assert checked.validated_parameters["wait"] is None


@pytest.mark.parametrize(
    "environment",
    [
        {"LANGSMITH_API_KEY": "mine", "LANGGRAPH_HOST_API_KEY": "other", "LANGCHAIN_API_KEY": "old"},
        {"LANGGRAPH_HOST_API_KEY": "mine", "LANGCHAIN_API_KEY": "old"},
        {"LANGCHAIN_API_KEY": "mine"},
    ],
)
def test_the_key_has_the_names_of_the_official_tools(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in ("LANGSMITH_API_KEY", "LANGGRAPH_HOST_API_KEY", "LANGCHAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    validator = ArgumentSpecValidator({name: dict(option) for name, option in CONNECTION.options.items()})
    assert validator.validate({}).validated_parameters["api_key"] == "mine"
    assert validator.validate({"api_key": "given"}).validated_parameters["api_key"] == "given"


THING = ArgumentSpec(
    options={
        "name": {"type": "str"},
        "count": {"type": "int", "default": 3},
        "kind": {"type": "str", "choices": ["a", "b"], "default": "a"},
        "flag": {"type": "bool"},
        "names": {"type": "list", "elements": "str"},
        "map": {"type": "dict"},
    },
    mutually_exclusive=[("name", "names")],
)


def test_checked_values_have_types_and_defaults() -> None:
    checked, wrong = THING.checked({"name": 5, "flag": "yes", "count": "7", "map": "a=b", "other": 1})
    assert wrong == []
    assert checked == {"name": "5", "count": 7, "kind": "a", "flag": True, "names": None, "map": {"a": "b"}}


def test_each_wrong_option_is_named() -> None:
    checked, wrong = THING.checked({"name": {}, "count": "x", "kind": "c", "flag": "perhaps", "names": 1.5j, "map": 1})
    assert [name for name, _ in wrong] == ["name", "count", "kind", "flag", "names", "map", "names"]
    assert checked["count"] is None
    assert dict(wrong)["kind"] == "'c' is none of a, b."
    assert wrong[-1] == ("names", "it excludes name.")

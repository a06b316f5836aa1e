# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.filter.layer_values import FilterModule, layer_values


@pytest.mark.parametrize(
    ("layers", "values", "conflicts"),
    [
        ([], {"a": {"b": 1}}, []),
        ([None, {}], {"a": {"b": 1}}, []),
        ({"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}, []),
        ([{"a": {"b": 1}}], {"a": {"b": 1}}, []),
        ([{"a": {"b": 2}}], {"a": {"b": 2}}, ["a.b"]),
        ([{"a": {"b": 2}}, {"a": {"b": 3}}], {"a": {"b": 3}}, ["a.b"]),
        ([{"a": None}], {"a": None}, ["a"]),
        ([{"a": [1]}], {"a": [1]}, ["a"]),
        ([{"a": {"b": {"c": 1}}}], {"a": {"b": {"c": 1}}}, ["a.b"]),
    ],
)
def test_later_layers_win_and_conflicts_are_named(layers: Any, values: Any, conflicts: list[str]) -> None:
    assert layer_values({"a": {"b": 1}}, layers) == {"values": values, "conflicts": conflicts}


def test_what_was_empty_before_is_no_conflict() -> None:
    computed: dict[str, Any] = {"a": "", "b": {}, "c": [], "d": None}
    assert layer_values(computed, [{"a": 1, "b": 2, "c": 3, "d": 4}])["conflicts"] == []


def test_the_input_stays_as_it_was() -> None:
    computed: dict[str, Any] = {"a": {"b": [1]}}
    layered = layer_values(computed, [{"a": {"c": 1}}])["values"]
    layered["a"]["b"].append(2)
    assert computed == {"a": {"b": [1]}}


@pytest.mark.parametrize("layers", ["text", ["text"], 5])
def test_what_is_no_map_is_refused(layers: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="wanted a map"):
        layer_values({}, layers)


def test_is_registered() -> None:
    assert FilterModule().filters() == {"layer_values": layer_values}

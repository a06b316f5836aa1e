# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import deployments, listeners
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import (
    Field,
    body,
    read,
    secrets_in,
)

TABLES = [pytest.param(deployments.FIELDS, id="deployments"), pytest.param(listeners.FIELDS, id="listeners")]
FIELDS = (Field("name", at="name"), Field("deep", at="a.b.c"), Field("beside", at="a.d"))


def test_values_are_read_from_their_places() -> None:
    assert read({"name": "x", "a": {"b": {"c": 1}, "d": None}}, FIELDS) == {"name": "x", "deep": 1, "beside": None}


def test_a_place_that_is_not_mentioned_is_not_in_the_values() -> None:
    assert read({"a": {"d": 2}}, FIELDS) == {"beside": 2}


def test_a_place_below_null_holds_nothing() -> None:
    assert read({"name": "x", "a": {"b": None, "d": 2}}, FIELDS) == {"name": "x", "deep": None, "beside": 2}


def test_body_holds_given_values_only_each_at_its_place() -> None:
    assert body({"deep": 1, "beside": 2}, FIELDS) == {"a": {"b": {"c": 1}, "d": 2}}


@pytest.mark.parametrize("fields", TABLES)
def test_what_a_table_writes_it_reads(fields: Sequence[Field]) -> None:
    samples: dict[str, Any] = {
        "namespaces": ["a", "b"],
        "resource_spec": {"cpu": 1},
        "secrets": {"A": "x"},
        "secret_references": [{"name": "B", "secret_name": "s", "secret_key": "k"}],
    }
    values = {field.name: samples.get(field.name, f"value of {field.name}") for field in fields}
    assert read(body(values, fields), fields) == values


@pytest.mark.parametrize("fields", TABLES)
def test_no_two_fields_share_a_name_or_a_place(fields: Sequence[Field]) -> None:
    assert len({field.name for field in fields}) == len({field.at for field in fields}) == len(fields)


def test_refusals_say_why() -> None:
    fixed = Field("name", at="name", immutable=True)
    assert "'a'" in str(fixed.refusal("b", "a"))
    kept = Field("image", at="image", clearable=False)
    assert kept.refusal("", "a")
    assert kept.refusal("b", "a") is None


def test_secret_values_are_found_by_the_table() -> None:
    assert secrets_in({"secrets": {"A": "x", "B": None}, "image": "i"}, deployments.FIELDS) == ["x"]

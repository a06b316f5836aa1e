# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import (
    batch_size,
    fleet_items,
    secret_texts,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput

IDENTITY = "6c1f0c9e-2d0b-4f0a-8b0e-0c4e1f5a9d11"


def item(given: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The options of the only item, without those that are not given."""
    (found,) = fleet_items({"deployments": [{"name": "a", "image": "i", **given}], **options})
    return {name: value for name, value in found.items() if value is not None}


def paths(deployments: list[Any], **options: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        fleet_items({"deployments": deployments, **options})
    return [problem.path for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("given", "total", "size"),
    [(None, 7, None), ("3", 7, 3), ("50%", 7, 3), ("10%", 7, 1), ("100%", 7, 7), ("1%", 1000, 10), ("10%", 0, 1)],
)
def test_batch_is_a_number_or_a_share(given: str | None, total: int, size: int | None) -> None:
    assert batch_size(given, total) == size


def test_item_has_types_and_defaults_of_the_module() -> None:
    assert item({"redeploy_failed": "no", "secrets": "A=b"}) == {
        "name": "a",
        "image": "i",
        "state": "present",
        "source": "external_docker",
        "redeploy_failed": False,
        "require_digest": False,
        "secrets": {"A": "b"},
    }


def test_item_wins_over_defaults_and_null_is_not_given() -> None:
    found = item({"namespace": "own", "display_name": None}, defaults={"namespace": "all", "display_name": "All"})
    assert (found["namespace"], found["display_name"]) == ("own", "All")


@pytest.mark.parametrize("option", ["secrets", "resource_spec"])
def test_maps_are_laid_over_each_other(option: str) -> None:
    keys = {"secrets": ("A", "B", "C"), "resource_spec": ("service_account_name", "cpu", "memory_mb")}[option]
    values = ("x", 1, 2)
    low = {keys[0]: values[0], keys[1]: 5}
    assert item({option: dict(zip(keys[1:], values[1:], strict=True))}, defaults={option: low})[option] == dict(
        zip(keys, values, strict=True)
    )


def test_lists_are_replaced() -> None:
    one = {"name": "A", "secret_name": "s", "secret_key": "k"}
    assert item({"secret_references": []}, defaults={"secret_references": [one]})["secret_references"] == []


@pytest.mark.parametrize(
    ("own", "low"), [({"listener_id": IDENTITY}, {"listener": "eu"}), ({"listener": "eu"}, {"listener_id": IDENTITY})]
)
def test_own_listener_replaces_the_default_in_either_form(own: dict[str, str], low: dict[str, str]) -> None:
    found = item(own, defaults=low)
    assert {name: value for name, value in found.items() if name.startswith("listener")} == own


def test_error_in_defaults_is_told_once_and_there() -> None:
    assert paths([{"name": "a"}, {"name": "b"}], defaults={"image": "A B"}) == ["defaults.image"]


def test_error_of_an_item_is_told_at_the_item() -> None:
    assert paths([{"name": "a", "image": "A B"}], defaults={"image": "good"}) == ["deployments[0].image"]


def test_option_of_a_wrong_type_is_told_once_besides_the_others() -> None:
    found = paths([{"name": "a b", "image": "i", "secrets": [1], "resource_spec": {"cpus": 1}}])
    assert found == ["deployments[0].secrets", "deployments[0].name", "deployments[0].resource_spec.cpus"]


def test_secrets_are_found_wherever_they_are() -> None:
    options = {
        "secrets": {"A": "one"},
        "defaults": {"secrets": {"A": "two"}},
        "deployments": [{"secrets": {"A": "three", "B": 4, "C": None}}, "text", {"secrets": ["x"]}, {}],
    }
    assert secret_texts(options) == ["one", "two", "three", "4"]

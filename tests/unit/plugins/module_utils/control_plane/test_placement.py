# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.placement import Placement, place

ONE = {"id": "id-1", "compute_id": "one", "compute_config": {"k8s_namespaces": ["agents"]}}
TWO = {"id": "id-2", "compute_id": "two", "compute_config": {"k8s_namespaces": ["a", "b"]}}
NONE = {"id": "id-3", "compute_id": "none", "compute_config": {"k8s_namespaces": []}}
UNTOLD = {"id": "id-4", "compute_id": "untold", "compute_config": None}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Placement(None, None)),
        ({"namespace": "x"}, Placement(None, "x")),
        ({"listener": "one"}, Placement("id-1", "agents")),
        ({"listener_id": "id-1"}, Placement("id-1", "agents")),
        ({"listener": "two", "namespace": "b"}, Placement("id-2", "b")),
        ({"listener": "untold"}, Placement("id-4", None)),
        ({"listener": "untold", "namespace": "x"}, Placement("id-4", "x")),
    ],
)
def test_place(options: dict[str, Any], expected: Placement) -> None:
    assert place({"name": "agent", **options}, [ONE, TWO, NONE, UNTOLD]) == expected


@pytest.mark.parametrize(
    ("options", "what", "says"),
    [
        ({"listener": "three"}, "listener", "one (id-1)"),
        ({"listener_id": "id-9"}, "listener_id", "one (id-1)"),
        ({"listener": "two"}, "namespace", "a, b"),
        ({"listener": "none"}, "namespace", "no namespace"),
        ({"listener": "none", "namespace": "a"}, "namespace", "none"),
        ({"listener": "one", "namespace": "elsewhere"}, "namespace", "it serves agents"),
    ],
)
def test_place_that_is_none_is_refused_with_what_there_is(options: dict[str, Any], what: str, says: str) -> None:
    refusal = place({"name": "agent", **options}, [ONE, TWO, NONE]).refusal
    assert refusal is not None
    assert refusal.what == what
    assert says in str(refusal)


def test_refusal_in_a_workspace_without_listeners() -> None:
    refusal = place({"name": "agent", "listener": "one"}, []).refusal
    assert "none" in str(refusal)

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets of the tests: made, run, and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import fleet
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import FleetFailed
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome

IMAGE = "registry.example.com/agents/hello:1"
NEXT_IMAGE = "registry.example.com/agents/hello:2"
BROKEN = "registry.example.com/agents/broken:1"
SECRET = "sk-a-secret-of-the-agent"


def agents(*numbers: int, **options: Any) -> list[dict[str, Any]]:
    return [{"name": f"agent-{number}", "image": IMAGE, **options} for number in numbers]


def run(plane: Any, deployments: Sequence[dict[str, Any]], check: bool = False, **options: Any) -> Outcome:
    outcome: Outcome = plane.run(fleet.fleet, check, deployments=deployments, **options)
    return outcome


def fails(plane: Any, deployments: Sequence[dict[str, Any]], **options: Any) -> FleetFailed:
    with pytest.raises(FleetFailed) as raised:
        run(plane, deployments, **options)
    assert SECRET not in f"{raised.value} {raised.value.as_result()}"
    return raised.value


def by(items: Any, key: str) -> dict[str, Any]:
    """One key of each deployment's result, by name."""
    return {item["name"]: item[key] for item in items}


def images(plane: Any) -> dict[str, str]:
    page = plane.http.get("/v2/deployments", params={"limit": 100}).json()["resources"]
    return {one["name"]: one["source_revision_config"]["image_uri"] for one in page}

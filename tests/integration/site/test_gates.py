# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only shows once something runs: the gate that waits for it says why, and a run after the repair goes through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.site.helpers import Site

# In this order on one playground: each is the state in which the next begins.
FAULTS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    (
        "image-not-pullable",
        {"langgraph_image_registry": "registry.example.com/nowhere"},
        (
            "Deployment keda/keda-operator: 0 of 1",
            "nowhere/ghcr.io/kedacore/keda",
            "ErrImagePull",
            "no such image",
            "Remedy",
        ),
    ),
    (
        "redis-unreachable",
        {"redis_mode": "external", "redis_url": "redis://redis.nowhere.example:6379/0", "redis_secret_name": "nowhere"},
        ("langgraph-dataplane-listener", "redis.nowhere.example", "Remedy"),
    ),
    (
        "pods-crash-looping",
        {"listener_values": {"config": {"langsmithWorkspaceId": "11111111-2222-4333-8444-555555555555"}}},
        ("langgraph-dataplane-listener", "restarts", "no access to workspace", "Use a key with access"),
    ),
    (
        "agent-not-pullable",
        {"agents_deployments": [{"name": "broken", "image": "registry.example.com/agents/none:1"}]},
        ("broken", "ErrImagePull", "registry.example.com/agents/none:1"),
    ),
)


@pytest.mark.parametrize(("variables", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_gate_says_why(fresh: Site, variables: dict[str, Any], words: tuple[str, ...]) -> None:
    """The run fails in good time; its message names the workload, the reason and what to do."""
    run = fresh.run(**{"langgraph_timeout": 25, "agents_timeout": 60, **variables})
    assert run.code == 2, run.output
    for word in words:
        assert word in run.failure, run.output


def test_after_the_repair_a_run_goes_through(fresh: Site) -> None:
    """Nothing of the failures is in the way of the next run."""
    working = fresh.working()
    agents = [{"name": "broken", "state": "absent"}, *working["agents_deployments"]]
    fresh.run(agents_deployments=agents).succeeded()
    assert fresh.run(agents_deployments=agents).succeeded().changed == 0

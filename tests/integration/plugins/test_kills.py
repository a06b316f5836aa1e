# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet run that is killed anywhere leaves nothing that the next run does not put right."""

from __future__ import annotations

import multiprocessing
import random
import time
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet import fleet

KILLS = 120
CLEAN_RUN_EVERY = 10
# Seconds; a whole run takes about the longest.
LONGEST = 0.6
DEPLOY_SECONDS = 0.05
AGENTS = 8


def wanted(generation: int) -> dict[str, Any]:
    """What a generation wants: an image, resources and agents that differ from those of its neighbours."""
    names = [f"agent-{(number + generation) % (AGENTS + 2)}" for number in range(AGENTS)]
    return {
        "deployments": [
            {"name": name, "image": f"registry.example.com/agents/hello:{generation}", "display_name": f"Hello {name}"}
            for name in names
        ],
        "defaults": {"secrets": {"TOKEN": f"sk-secret-{generation}"}, "resource_spec": {"max_scale": generation + 1}},
        "prune": {"name_prefix": "agent-"},
        "wait": True,
    }


# A forked child that hangs on another thread's lock is killed like the others.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_killed_at_random_moments(plane: Any, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(4)
    plane.settings(deploy_seconds=DEPLOY_SECONDS, latency_ms=2)
    killed = ended = 0
    while killed < KILLS:
        if _kill(plane, wanted(dice.randrange(100)), dice.uniform(0, LONGEST)):
            killed += 1
        else:
            ended += 1
        if (killed + ended) % CLEAN_RUN_EVERY == 0:
            _converges(plane, wanted(dice.randrange(100)))
    _converges(plane, wanted(100))
    with capsys.disabled():
        print(f"\nkilled {killed} runs of a fleet at random moments; {ended} had ended before")


def _kill(plane: Any, options: dict[str, Any], seconds: float) -> bool:
    """Run the fleet and kill it after so many seconds; return whether it was still running."""
    process = multiprocessing.get_context("fork").Process(target=plane.run, args=(fleet,), kwargs=options)
    process.start()
    process.join(seconds)
    alive = process.is_alive()
    process.kill()
    process.join(10)
    return alive


def _converges(plane: Any, options: dict[str, Any]) -> None:
    """Check that one clean run is enough, and that nothing is left for another one."""
    time.sleep(2 * DEPLOY_SECONDS)  # A name is taken until the deletion is over.
    plane.run(fleet, **options)
    _check(plane, options)
    plane.forget_requests()
    assert not plane.run(fleet, **options).changed
    assert plane.writes() == []


def _check(plane: Any, options: dict[str, Any]) -> None:
    """Check that the workspace holds exactly what is wanted."""
    page = plane.http.get("/v2/deployments", params={"limit": 100}).json()["resources"]
    names = [one["name"] for one in page]
    assert sorted(names) == sorted(item["name"] for item in options["deployments"])
    image, secrets = options["deployments"][0]["image"], options["defaults"]["secrets"]
    for one in page:
        assert one["source_revision_config"]["image_uri"] == image
        assert one["secrets"] == [{"name": "TOKEN", "value": secrets["TOKEN"]}]
        assert one["display_name"] == f"Hello {one['name']}"
        assert one["active_revision_id"] == one["latest_revision_id"]
        assert one["source_config"]["resource_spec"]["max_scale"] == options["defaults"]["resource_spec"]["max_scale"]

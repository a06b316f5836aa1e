# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles in plays of one's own: what a play lacks is told at once, and what stands alone does stand alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.facts import distil
from tests.integration.plays.conftest import Play, failure

STOP = "langgraph.selfhosted.preflight : Stop at a play that lacks roles"
AGENTS = [{"name": "hello", "image": "registry.example.com/hello:1"}]


@pytest.mark.parametrize(
    ("names", "lacking"),
    [
        (["operator"], "ingress, redis, listener."),
        (["listener"], "ingress, redis, operator."),
        (["ingress", "listener"], "redis, operator."),
        (["agents"], "listener (or control_plane)."),
        (["ingress", "agents"], "listener (or control_plane)."),
        (["listener", "agents"], "ingress, redis, operator."),
    ],
)
def test_a_play_that_lacks_roles_says_which(
    play: Play, roles: Callable[..., str], names: list[str], lacking: str
) -> None:
    task, message = failure(play(roles(*names), agents_deployments=AGENTS))
    assert task == STOP
    assert f"The play has {', '.join(names)} and lacks {lacking}\n" in message


@pytest.mark.parametrize(
    "names",
    [
        ["keda"],
        ["ingress"],
        ["redis"],
        ["control_plane"],
        ["agent_server"],
        ["control_plane", "agents"],
        ["ingress", "redis", "operator", "listener"],
        ["agents", "listener", "operator", "redis", "ingress"],
    ],
    ids="+".join,
)
def test_a_play_that_has_what_it_takes_gets_as_far_as_the_cluster(
    play: Play, roles: Callable[..., str], names: list[str]
) -> None:
    variables = {"langgraph_chart_source": str(distil.CHARTS), "agents_deployments": AGENTS}
    platform = {"control_plane_hostname": "a.example.com", "control_plane_admin_email": "admin@example.com"}
    task, message = failure(play(roles(*names), **variables, **platform))
    assert task == "langgraph.selfhosted.preflight : Stop before anything is written"
    assert "(check api_reachable)" in message
    assert "undefined" not in message


def test_images_stands_alone(play: Play, roles: Callable[..., str]) -> None:
    done = play(
        roles("images"),
        langgraph_chart_source=str(distil.CHARTS),
        langgraph_helm_binary=distil.helm(),
        ingress_hostname="agents.example.com",
        agents_deployments=AGENTS,
    )
    assert done.returncode == 0, done.stdout
    assert "docker.io/redis:7" in done.stdout

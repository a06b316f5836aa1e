# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playground for the Agent Server's playbook, and the story of its first runs: predicted, then made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import playground as playgrounds
from tests.integration.agent_server.helpers import Server
from tests.integration.site.helpers import Observed, observed


@pytest.fixture(scope="package")
def empty(playground_home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """Return an empty playground of its own."""
    world = playgrounds.up(f"server-{worker_id}", home=playground_home, control_plane_port=0, ingress_port=0)
    yield Server(world, tmp_path_factory.mktemp("server"))
    world.down()


@pytest.fixture(scope="package")
def predicted(empty: Server) -> Observed:
    """Return how ``--check`` went on the empty cluster."""
    return observed(empty, "--check", "--diff")


@pytest.fixture(scope="package")
def first(empty: Server, predicted: Observed) -> Observed:
    """Return how the first run went, which was as talkative as can be."""
    seen = observed(empty, "-vvv", "--diff")
    seen.run.succeeded()
    return seen


@pytest.fixture
def installed(empty: Server, first: Observed) -> Server:
    """Return the playground with the Agent Server as wanted."""
    return empty

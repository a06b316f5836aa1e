# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playgrounds for the full platform, and the story of its first runs: predicted, then made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import playground as playgrounds
from tests.integration.platform.helpers import Platform
from tests.integration.site.helpers import Observed, observed


@pytest.fixture(scope="session")
def new_platform(
    playground_home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str], Platform]:
    """Return a function that makes an empty playground of its own."""

    def make(name: str) -> Platform:
        full = f"{name}-{worker_id}"
        world = playgrounds.up(full, home=playground_home, control_plane_port=0, ingress_port=0)
        return Platform(world, tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="module")
def empty(new_platform: Callable[[str], Platform], request: pytest.FixtureRequest) -> Iterator[Platform]:
    """Return an empty playground that no other module uses."""
    platform = new_platform(request.path.stem.removeprefix("test_").replace("_", "-"))
    yield platform
    platform.world.down()


@pytest.fixture(scope="module")
def predicted(empty: Platform) -> Observed:
    """Return how ``--check`` went on the empty cluster."""
    return observed(empty, "--check", "--diff")


@pytest.fixture(scope="module")
def first(empty: Platform, predicted: Observed) -> Observed:
    """Return how the first run went, which was as talkative as can be."""
    seen = observed(empty, "-vvv", "--diff")
    seen.run.succeeded()
    return seen


@pytest.fixture
def installed(empty: Platform, first: Observed) -> Platform:
    """Return the platform with everything as wanted."""
    return empty

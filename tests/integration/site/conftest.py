# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playground for the main playbook, and the story of its first runs: predicted, then made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import playground as playgrounds
from tests.integration.site.helpers import Observed, Site, observed


@pytest.fixture(scope="session")
def new_site(playground_home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Site]:
    """Return a function that makes a site on an empty playground of its own."""

    def make(name: str, **options: Any) -> Site:
        world = playgrounds.up(
            f"{name}-{worker_id}", home=playground_home, control_plane_port=0, ingress_port=0, **options
        )
        return Site(world, tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="package")
def shared(new_site: Callable[..., Site]) -> Iterator[Site]:
    """Return the site that most tests share."""
    site = new_site("site")
    yield site
    site.world.down()


@pytest.fixture(scope="package")
def predicted(shared: Site) -> Observed:
    """Return how ``--check`` went on the empty cluster."""
    return observed(shared, "--check", "--diff")


@pytest.fixture(scope="package")
def first(shared: Site, predicted: Observed) -> Observed:
    """Return how the first run went, which was as talkative as can be."""
    seen = observed(shared, "-vvv", "--diff")
    seen.run.succeeded()
    return seen


@pytest.fixture
def installed(shared: Site, first: Observed) -> Site:
    """Return the site with everything as wanted."""
    return shared


@pytest.fixture(scope="module")
def fresh(new_site: Callable[..., Site], request: pytest.FixtureRequest) -> Iterator[Site]:
    """Return a site on an empty playground that no other test uses."""
    site = new_site(request.path.stem.removeprefix("test_").replace("_", "-"))
    yield site
    site.world.down()

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playground with every way in, for the data planes that take one each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import playground as playgrounds
from tests.integration.routes.helpers import Plane, with_every_way_in
from tests.integration.site.helpers import Site


@pytest.fixture(scope="package")
def cluster(playground_home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Site]:
    """Return a playground with every way in."""
    world = playgrounds.up(f"routes-{worker_id}", home=playground_home, control_plane_port=0, ingress_port=0)
    site = Site(world, tmp_path_factory.mktemp("routes"))
    with_every_way_in(site)
    yield site
    world.down()


@pytest.fixture
def plane(cluster: Site, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Plane]:
    """Return a function that names a data plane, with its variables."""
    folder = tmp_path_factory.mktemp("plane")  # not named after the test: sockets in it take short paths only
    return lambda name, **variables: Plane(cluster.world, folder, dict[str, Any](variables), name=name)

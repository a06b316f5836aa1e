# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    connected,
)

from tests.unit.plugins.module_utils.cluster.fake_api import FakeApi, serving


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Return an API server on loopback."""
    with serving() as fake:
        yield fake


@pytest.fixture
def slept() -> list[float]:
    """Return the pauses that the client made before it repeated a request; they take no time."""
    return []


@pytest.fixture
def server(api: FakeApi, slept: list[float]) -> Iterator[ApiServer]:
    """Return a client of it."""
    with connected(Connection(host=api.url), sleep=slept.append) as client:
        yield client

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playground for the whole session, shared by all xdist workers, and ways to look into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from filelock import FileLock

import playground as world
from playground.audit import AuditLog, Write
from playground.home import default_home

# By the process that started the session: what a killed session left behind is found by its dead owner.
_SESSIONS = default_home() / "tests"
# Seconds for a test, by folder: each may wait for an installation or a build, also on a busy machine.
_LONG = {"agent_image": 900, "agent_server": 900, "platform": 1200, "routes": 1200, "site": 1200}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of long folders their time, and their turn first: what is short fills the processes up at the end."""
    items.sort(key=lambda item: _LONG.get(item.path.parent.name, 0), reverse=True)
    for item in items:
        if seconds := _LONG.get(item.path.parent.name):
            item.add_marker(pytest.mark.timeout(seconds))
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def playground_home(worker_id: str) -> Iterator[Path]:
    """Return a folder for playgrounds of this test session only; what is left in it is removed after the last test."""
    owner = os.getpid() if worker_id == "master" else os.getppid()
    _remove_leftovers()
    home = _SESSIONS / str(owner)
    home.mkdir(parents=True, exist_ok=True)
    user = home / f"user-{worker_id}"
    with FileLock(home / "lock"):
        user.touch()
    yield home
    with FileLock(home / "lock"):
        user.unlink()
        if not list(home.glob("user-*")):
            _remove(home)


@pytest.fixture(scope="session")
def playground(playground_home: Path) -> world.Playground:
    """Return the session's playground, which lives until the last worker has ended."""
    # `up` takes turns by itself: the first worker makes it, the others find it up.
    return world.up("shared", home=playground_home, control_plane_port=0, ingress_port=0)


@pytest.fixture(scope="session")
def kube(playground: world.Playground, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a dynamic client of the cluster, as its administrator."""
    from kubernetes import config
    from kubernetes.dynamic import DynamicClient

    client = config.new_client_from_config(playground.kubeconfig)
    return DynamicClient(client, cache_file=str(tmp_path_factory.mktemp("discovery") / "cache.json"))


@pytest.fixture(scope="session")
def simulator(playground: world.Playground) -> Iterator[httpx.Client]:
    """Return a client of the control plane with the playground's key and workspace."""
    headers = {"X-Api-Key": playground.api_key, "X-Tenant-Id": playground.workspace_id}
    with httpx.Client(base_url=playground.control_plane_url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def audit(playground: world.Playground) -> AuditLog:
    """Return the cluster's audit log, marked at the start of the test."""
    return AuditLog(Path(playground.audit_log), Path(playground.kubeconfig))


@pytest.fixture
def audit_writes(audit: AuditLog) -> Callable[[], list[Write]]:
    """Return a function that tells what others than the playground itself wrote since the test's start."""
    return audit.writes


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Return the name of the xdist worker, also where xdist is not loaded."""
    workerinput: dict[str, str] = getattr(request.config, "workerinput", {})
    return workerinput.get("workerid", "master")


def _remove_leftovers() -> None:
    for home in _SESSIONS.glob("*"):
        if home.name.isdigit() and not psutil.pid_exists(int(home.name)):
            _remove(home)


def _remove(home: Path) -> None:
    for folder in (home / "playgrounds").glob("*"):
        if not folder.name.startswith("."):
            world.down(folder.name, home=home)
    for file in sorted(home.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
    home.rmdir()

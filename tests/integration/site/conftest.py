# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the main playbook as a user does: ansible-playbook in a process of its own, an inventory in a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import playground as playgrounds
from playground import kubeapi

ROOT = Path(__file__).resolve().parents[3]
RECAP = re.compile(r"ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=\d+\s+failed=(?P<failed>\d+)")


@dataclass(frozen=True)
class Run:
    """How a run of ansible-playbook ended."""

    code: int
    output: str

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of the recap: ok, changed, failed."""
        recap = RECAP.search(self.output)
        assert recap, self.output
        return {name: int(number) for name, number in recap.groupdict().items()}

    @property
    def text(self) -> str:
        """The output with its escapes undone and white space folded, to look for sentences in."""
        return " ".join(self.output.replace("\\n", " ").replace('\\"', '"').split())


@dataclass(frozen=True)
class Site:
    """The main playbook with an inventory of its own."""

    world: playgrounds.Playground
    folder: Path

    def run(self, *arguments: str, environment: dict[str, str] | None = None, **variables: Any) -> Run:
        """Run ``langgraph.selfhosted.site``; ``variables`` are laid over those of a working installation."""
        inventory = self.folder / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"langgraph": {"hosts": {"here": {**self.working(), **variables}}}}))
        inventory.chmod(0o600)
        return self.play("langgraph.selfhosted.site", "-i", str(inventory), *arguments, environment=environment)

    def play(self, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        """Run ansible-playbook to its end."""
        with self.start(*arguments, environment=environment) as process:
            output, _ = process.communicate(timeout=600)
        return Run(process.returncode, output)

    def start(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start ansible-playbook."""
        command = [str(Path(sys.executable).with_name("ansible-playbook")), *arguments]
        ansible = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self.world.environment(), **ansible, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def working(self) -> dict[str, Any]:
        """Return the variables of an installation that works."""
        return {
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 60,
            "listener_compute_id": "site",
            "listener_namespaces": ["agents"],
            "ingress_hostname": "agents.example.com",
            "ingress_tls_enabled": False,
            "ingress_address": self.world.ingress_address,
            "agents_deployments": [
                {"name": "hello", "image": "registry.example.com/agents/hello:1.0.0", "resource_spec": {"cpu": 0.5}}
            ],
        }


@pytest.fixture
def site(playground: playgrounds.Playground, tmp_path: Path) -> Site:
    """Return the main playbook on the tests' playground."""
    return Site(playground, tmp_path)


@pytest.fixture
def installed(site: Site) -> Site:
    """Return the main playbook after it has made everything as wanted."""
    run = site.run()
    assert run.code == 0, run.output
    return site


@pytest.fixture
def plane(playground: playgrounds.Playground) -> Iterator[httpx.Client]:
    """Return a client of the control plane, with faults and the log of requests cleared before and after."""
    headers = {"X-Api-Key": playground.api_key, "X-Tenant-Id": playground.workspace_id}
    with httpx.Client(base_url=playground.control_plane_url, headers=headers, timeout=10) as client:
        _clear(client)
        yield client
        _clear(client)


@pytest.fixture
def api(playground: playgrounds.Playground) -> Iterator[httpx.Client]:
    """Return a client of the cluster's API, as its administrator; the audit log knows its requests as the playground's own."""
    with kubeapi.connect(Path(playground.kubeconfig)) as client:
        yield client


def _clear(client: httpx.Client) -> None:
    client.delete("/playground/faults")
    client.delete("/playground/requests")

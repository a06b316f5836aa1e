# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

KEY = "lsv2_sk_integration_test"
WORKSPACE = "3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10"
IMAGE = "registry.example.com/agents/hello@sha256:" + "ab" * 32
LISTENING = re.compile(r"listens on (http://\S+)")


@dataclass
class Server:
    """A control plane in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"X-Api-Key": KEY}, timeout=30)

    def kill(self) -> None:
        """End it without any warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to end. Returns its exit status."""
        self.process.terminate()
        return self.process.wait(10)


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts control planes over the same data; ends those that still run."""
    keys = tmp_path / "keys"
    keys.write_text(KEY, encoding="utf-8")
    servers: list[Server] = []

    def run(*options: str) -> Server:
        command = [sys.executable, "-m", "playground.control_plane", "--port", "0", "--data", str(tmp_path / "data")]
        command += ["--workspace", WORKSPACE, "--api-key-file", str(keys), *options]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if found := LISTENING.search(line):
                servers.append(Server(process, found[1]))
                return servers[-1]
        raise AssertionError(f"The control plane did not start:\n{''.join(seen)}")

    yield run
    for server in servers:
        if server.process.poll() is None:
            server.stop()
        if server.process.stderr is not None:
            server.process.stderr.close()


def deployment(name: str, **config: Any) -> dict[str, Any]:
    """The body of a create request."""
    return {
        "name": name,
        "source": "external_docker",
        "source_config": {"resource_spec": {}, **config},
        "source_revision_config": {"image_uri": IMAGE},
        "secrets": [],
    }


def listener(client: httpx.Client, compute_id: str = "cluster-a", namespaces: tuple[str, ...] = ("agents",)) -> str:
    """The id of a new listener."""
    body = {"compute_type": "k8s", "compute_id": compute_id, "compute_config": {"k8s_namespaces": list(namespaces)}}
    answer = client.post("/v2/listeners", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])

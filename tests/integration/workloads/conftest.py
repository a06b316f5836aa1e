# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playground of its own for the workloads' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import playground as world
from playground.workloads.kube import read_kubeconfig
from tests.integration.workloads.dataplane import HOST, NAMESPACE, DataPlane


@pytest.fixture(scope="package")
def plane(playground_home: Path, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataPlane]:
    """Return a playground with Traefik and the data plane; it goes away with this process's last test of it."""
    # Tests here change what is installed, so processes that run side by side do not share one.
    made = world.up(f"workloads-{worker_id}", home=playground_home, control_plane_port=0, ingress_port=0)
    headers = {"X-Api-Key": made.api_key, "X-Tenant-Id": made.workspace_id}
    try:
        with (
            _kube(Path(made.kubeconfig)) as kube,
            httpx.Client(base_url=made.control_plane_url, headers=headers, trust_env=False, timeout=20) as simulator,
        ):
            config = {"k8s_namespaces": [NAMESPACE, "forbidden"]}
            record = simulator.post(
                "/v2/listeners", json={"compute_type": "k8s", "compute_id": "workloads", "compute_config": config}
            )
            plane = DataPlane(made, kube, simulator, record.raise_for_status().json()["id"])
            _set_up(plane, tmp_path_factory.mktemp("values"))
            yield plane
    finally:
        made.down()


def _set_up(plane: DataPlane, folder: Path) -> None:
    traefik = str(Path(plane.world.charts) / "traefik")
    done = plane.helm(
        "install", "traefik", traefik, "-n", "traefik", "--create-namespace", "--wait", "--timeout", "60s"
    )
    assert done.returncode == 0, done.stderr
    for name in (NAMESPACE, "forbidden"):
        plane.kube.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    plane.put_secret("api-key", langsmith_api_key=plane.world.api_key)
    plane.values = {
        "config": {
            "existingSecretName": "api-key",
            "langsmithWorkspaceId": plane.world.workspace_id,
            "hostBackendUrl": plane.world.control_plane_url,
            "smithBackendUrl": plane.world.control_plane_url,
            "langgraphListenerId": plane.listener,
            "watchNamespaces": NAMESPACE,
        },
        "listener": {"deployment": {"autoRestart": False}},
        "operator": {"kedaEnabled": False, "deployment": {"autoRestart": False}},
        "ingress": {"hostname": HOST, "ingressClassName": "traefik", "tlsEnabled": False},
    }
    plane.install(folder, plane.values)


def _kube(kubeconfig: Path) -> httpx.Client:
    """Return a client with the rights of the kubeconfig's user."""
    server, context, _ = read_kubeconfig(kubeconfig)
    return httpx.Client(base_url=server, verify=context, trust_env=False, timeout=20)

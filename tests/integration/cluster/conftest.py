# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A namespace and a small Helm release of its own for each test module, in the session's playground."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.observe import observe

import playground as playgrounds
from playground import kubeapi

MERGE = {"Content-Type": "application/merge-patch+json"}
LABELS = {"app": "small"}
# One object of every kind that a chart of ours makes. The image is one that kwok calls ready at once.
OBJECTS: tuple[dict[str, Any], ...] = (
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "small"}},
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "small"},
        "stringData": {"password": "{{ .Values.password }}"},
    },
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "small"}, "data": {"a": "1"}},
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "small"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "small"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "small"},
        "subjects": [{"kind": "ServiceAccount", "name": "small", "namespace": "{{ .Release.Namespace }}"}],
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "small"},
        "spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]},
    },
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "small"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "nodeSelector": {},
                    "containers": [
                        {
                            "name": "main",
                            "image": "{{ .Values.image }}",
                            "resources": {"requests": {"cpu": "1000m", "memory": "0.5Gi"}},
                        }
                    ],
                },
            },
        },
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "small", "annotations": {"lgp-operator.io/shared-ingress": "true"}},
        "spec": {
            "ingressClassName": "traefik",
            "rules": [
                {
                    "host": "small.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/metrics",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "small", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ],
        },
    },
)
VALUES = {"image": "example.org/small:1", "password": "hunter22"}


@dataclass(frozen=True)
class Release:
    """A release of the small chart."""

    world: playgrounds.Playground
    chart: Path
    namespace: str
    name: str = "small"

    def install(self, **values: str) -> None:
        """Install or upgrade it by helm itself."""
        given = [part for key, value in {**VALUES, **values}.items() for part in ("--set", f"{key}={value}")]
        self.helm("upgrade", "--install", self.name, str(self.chart), "--create-namespace", *given)

    def helm(self, *arguments: str) -> None:
        """Run helm."""
        command = [self.world.helm, *arguments, "--namespace", self.namespace, "--kubeconfig", self.world.kubeconfig]
        subprocess.run(command, check=True, capture_output=True)

    def wanted(self, **changes: Any) -> dict[str, Any]:
        """Return it as a component."""
        release = {
            "name": self.name,
            "namespace": self.namespace,
            "chart": "small",
            "version": "1.0.0",
            "values": VALUES,
        }
        return {"name": "small", "release": {**release, **changes}}


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small chart."""
    folder = tmp_path_factory.mktemp("charts") / "small"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\n")
    (folder / "templates" / "all.yaml").write_text(yaml.safe_dump_all(OBJECTS))
    return folder


@pytest.fixture
def api(playground: playgrounds.Playground) -> Iterator[httpx.Client]:
    """Return an HTTP client of the cluster, as its administrator."""
    with kubeapi.connect(Path(playground.kubeconfig)) as client:
        yield client


@pytest.fixture
def namespace(api: httpx.Client) -> Iterator[str]:
    """Return a namespace for one test."""
    name = f"cluster-{uuid.uuid4().hex[:8]}"
    api.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def release(playground: playgrounds.Playground, chart: Path, namespace: str) -> Release:
    """Return a release of the small chart that is installed and ready."""
    made = Release(playground, chart, namespace)
    made.install()
    made.helm("status", made.name)
    return made


@pytest.fixture
def look(playground: playgrounds.Playground) -> Callable[..., dict[str, Any]]:
    """Return a function that observes the cluster."""

    def observed(*components: dict[str, Any], kubeconfig: str = playground.kubeconfig, **checks: Any) -> dict[str, Any]:
        given = checks or {"enabled": False}
        return observe({"kubeconfig": kubeconfig, "components": list(components), "checks": given})

    return observed


@pytest.fixture
def server(playground: playgrounds.Playground) -> Iterator[ApiServer]:
    """Return our own client of the cluster."""
    with connected(Connection(kubeconfig=playground.kubeconfig)) as client:
        yield client

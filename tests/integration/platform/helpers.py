# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the full platform on a playground, and ways to look into what it made."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import yaml

from playground.audit import Write
from tests.integration.site.helpers import AGENT_SECRET, Site

PLAYBOOK = "langgraph.selfhosted.control_plane"
HOST = "platform.example.com"
LICENCE = "l1cence-of-a-test"
ADMIN = "admin@example.com"
NAMESPACE = "/api/v1/namespaces/langsmith"
CONFIG = f"{NAMESPACE}/secrets/langsmith-config"
ACCESS = f"{NAMESPACE}/secrets/langgraph-platform-access"
INGRESS = "/apis/networking.k8s.io/v1/namespaces/langsmith/ingresses/langsmith-ingress"
# Values of a LangSmith that somebody installed by hand, without deployments, with secrets in its values.
BY_HAND: dict[str, Any] = {
    "config": {
        "langsmithLicenseKey": LICENCE,
        "apiKeySalt": "s4lt-by-hand",
        "hostname": HOST,
        "authType": "mixed",
        "initialOrgAdminEmail": ADMIN,
        "basicAuth": {"enabled": True, "initialOrgAdminPassword": "By-Hand-Word-1", "jwtSecret": "jwt-by-hand"},
    },
    "insights": {"enabled": False},
    "polly": {"enabled": False},
    "frontend": {"service": {"type": "ClusterIP"}},
    "ingress": {"enabled": True, "ingressClassName": "traefik"},
    "ingestQueue": {"deployment": {"replicas": 1}},
}


def leaks(output: str, secrets: Iterable[str]) -> list[str]:
    """Return the heads of a run's tasks in whose output a secret stands."""
    tasks = output.split("\nTASK ")
    return [task.partition("\n")[0] for task in tasks if any(secret in task for secret in secrets)]


@dataclass
class Platform(Site):
    """The platform's playbook on a playground."""

    playbook: str = PLAYBOOK
    host: str = HOST

    def working(self) -> dict[str, Any]:
        """Return the variables of a trial that works, with an agent."""
        return {
            "control_plane_hostname": self.host,
            "control_plane_tls_enabled": False,
            "control_plane_trial": True,
            "control_plane_admin_email": ADMIN,
            "control_plane_license_key": LICENCE,
            "control_plane_egress": [f"{self.world.control_plane_url}/ok"],
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 240,
            "ingress_address": self.world.ingress_address,
            "agents_deployments": [
                {
                    "name": "hello",
                    "image": "registry.example.com/agents/hello:1.0.0",
                    "resource_spec": {"cpu": 0.5},
                    "secrets": {"TOKEN": AGENT_SECRET},
                }
            ],
            **self.variables,
        }

    def secret(self, path: str) -> dict[str, str]:
        """Return what a Secret holds, as text."""
        data = self.api.get(path).raise_for_status().json()["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    @cached_property
    def plane(self) -> httpx.Client:
        """A client of the platform's own control plane, with the key that the role has made."""
        access = self.secret(ACCESS)
        return self.client({"X-Api-Key": access["langsmith_api_key"], "X-Tenant-Id": access["workspace_id"]})

    def client(self, headers: dict[str, str]) -> httpx.Client:
        """Return a client of the control plane through the ingress."""
        url = f"http://{self.world.ingress_address}/api-host"
        return httpx.Client(base_url=url, headers={"Host": self.host, **headers}, timeout=30, trust_env=False)

    def mark(self) -> None:
        """Forget what was written until now."""
        self.audit.mark()
        if self.api.get(ACCESS).is_success:
            self.plane.delete("/playground/requests").raise_for_status()

    def writes(self) -> list[Write | str]:
        """Return what was written since the mark: to the cluster, and to the control plane without its listener's."""
        if not self.api.get(ACCESS).is_success:
            return [*self.audit.writes()]
        return super().writes()

    def agent_path(self) -> str:
        """Return the path on which the platform's Ingress reaches the agent."""
        rules = self.api.get(INGRESS).raise_for_status().json()["spec"]["rules"]
        found: list[str] = [path["path"] for rule in rules for path in rule["http"]["paths"]]
        return next(path for path in found if "/lgp/" in path)

    def ask(self, path: str) -> httpx.Response:
        """Call the agent's health through the ingress controller."""
        return httpx.get(f"http://{self.world.ingress_address}{path}/ok", headers={"Host": self.host}, timeout=20)

    def values(self) -> dict[str, Any]:
        """Return the values that the newest revision of LangSmith's release was installed with."""
        records = [record for record in self.helm_records() if record["name"] == "langsmith"]
        newest: dict[str, Any] = max(records, key=lambda record: record["version"])
        return dict(newest["config"])

    def write_values(self, values: dict[str, Any]) -> str:
        """Write a values file; its path."""
        file = self.folder / "langsmith-values.yaml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(values))
        return str(file)

    def install_by_hand(self, values: dict[str, Any], version: str = "") -> None:
        """Install the chart with helm, as somebody did before; ``version`` gives the chart another one."""
        chart = Path(self.world.charts) / "langsmith"
        if version:
            chart = Path(shutil.copytree(chart, self.folder / "older" / "langsmith"))
            file = chart / "Chart.yaml"
            file.write_text(file.read_text().replace("version: 0.16.11", f"version: {version}"))
        command = [
            self.world.helm,
            "install",
            "langsmith",
            str(chart),
            "--namespace",
            "langsmith",
            "--create-namespace",
        ]
        environment = {"KUBECONFIG": self.world.kubeconfig, "PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        subprocess.run(
            [*command, "--values", "-", "--wait"],
            input=json.dumps(values),
            text=True,
            check=True,
            capture_output=True,
            env=environment,
        )

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playground with the data plane installed by helm, and ways to look at it."""

from __future__ import annotations

import base64
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

import playground as world

HOST = "agents.example.com"
NAMESPACE = "agents"
WAIT_SECONDS = 90.0


@dataclass
class DataPlane:
    """A playground with the charts installed, and ways to look at it."""

    world: world.Playground
    kube: httpx.Client
    simulator: httpx.Client
    listener: str
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, where: str) -> Any:
        """Read from the Kubernetes API; None for what is not there."""
        answer = self.kube.get(where)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return answer.raise_for_status().json()

    def pods(self, prefix: str, namespace: str = NAMESPACE) -> list[Any]:
        """Return the pods with a name's beginning that are not on their way out."""
        items = self.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return [
            item
            for item in items
            if item["metadata"]["name"].startswith(prefix) and "deletionTimestamp" not in item["metadata"]
        ]

    def log(self, pod: str, namespace: str = NAMESPACE, **params: str) -> str:
        """Return a pod's log."""
        return self.kube.get(f"/api/v1/namespaces/{namespace}/pods/{pod}/log", params=params).raise_for_status().text

    def put_secret(self, name: str, **data: str) -> None:
        """Make a Secret."""
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}
        self.kube.post(f"/api/v1/namespaces/{NAMESPACE}/secrets", json=body).raise_for_status()

    def helm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run helm against the playground."""
        environment = os.environ | {"KUBECONFIG": self.world.kubeconfig}
        return subprocess.run(
            [self.world.helm, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    def install(self, folder: Path, values: dict[str, Any], *, wait: bool = True) -> None:
        """Install or upgrade the data plane's chart with values."""
        file = folder / "values.yaml"
        file.write_text(yaml.safe_dump(values))
        chart = str(Path(self.world.charts) / "langgraph-dataplane")
        command = ["upgrade", "--install", "langgraph-dataplane", chart, "-n", NAMESPACE, "-f", str(file)]
        done = self.helm(*command, *(["--wait", "--timeout", f"{WAIT_SECONDS:.0f}s"] if wait else []))
        assert done.returncode == 0, done.stderr

    def deploy(self, name: str, image: str = "registry.example.com/agents/hello:1.0", **changes: Any) -> dict[str, Any]:
        """Create a deployment in the control plane."""
        config = {"listener_id": self.listener, "listener_config": {"k8s_namespace": NAMESPACE}, "resource_spec": {}}
        config |= changes.pop("source_config", {})
        body = {
            "name": name,
            "source": "external_docker",
            "source_config": config,
            "source_revision_config": {"image_uri": image},
            "secrets": [],
            **changes,
        }
        made: dict[str, Any] = self.simulator.post("/v2/deployments", json=body).raise_for_status().json()
        return made

    def deployment(self, made: dict[str, Any]) -> dict[str, Any]:
        """Read a deployment."""
        found: dict[str, Any] = self.simulator.get(f"/v2/deployments/{made['id']}").raise_for_status().json()
        return found

    def revision(self, made: dict[str, Any]) -> dict[str, Any]:
        """Read a deployment's newest revision."""
        found: dict[str, Any] = self.simulator.get(f"/v2/deployments/{made['id']}/revisions").json()["resources"][0]
        return found

    def deployed(self, made: dict[str, Any]) -> str:
        """Wait until the newest revision is live; return the deployment's URL."""
        until(lambda: self.revision(made)["status"] in ("DEPLOYED", "DEPLOY_FAILED"))
        revision = self.revision(made)
        assert revision["status"] == "DEPLOYED", revision
        url: str = self.deployment(made)["url"]
        return url

    def get_lgp_endpoint(self, namespace: str, prefix: str) -> str:
        """Wait until the operator names an address for the first LGP with a name's beginning, and return it."""

        def find() -> str:
            items = self.get(f"/apis/apps.langchain.ai/v1alpha1/namespaces/{namespace}/lgps")["items"]
            named = (item for item in items if item["metadata"]["name"].startswith(prefix))
            return next((item["status"]["endpoint"] for item in named if "endpoint" in item.get("status", {})), "")

        url: str = until(find)
        return url

    def agent(self, url: str) -> httpx.Client:
        """Return a client of an agent, through the load balancer."""
        path = httpx.URL(url).path
        return httpx.Client(
            base_url=f"http://{self.world.ingress_address}{path}", headers={"Host": HOST}, trust_env=False, timeout=20
        )

    def ask(self, url: str, question: str) -> str:
        """Let an agent answer a question."""
        body = {"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": question}]}}
        with self.agent(url) as client:
            answer = client.post("/runs/wait", json=body).raise_for_status().json()
        content: str = answer["messages"][-1]["content"]
        return content


def until(check: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
    """Wait until a check gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.1)
    return result

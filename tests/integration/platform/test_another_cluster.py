# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data plane in another cluster than the control plane: its listener calls out, and nothing calls in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.platform.helpers import ACCESS, Platform
from tests.integration.routes.helpers import namespace, post
from tests.integration.site.helpers import PLAYBOOK, assert_left_alone, assert_runs_its_graph

AGENTS = "there.example.com"
# What DNS would do: in the other cluster this name leads to the first one's load balancer.
NAME = "platform.elsewhere.svc.cluster.local"
LOAD_BALANCER = "240.0.0.1"


@dataclass
class Elsewhere(Platform):
    """The data plane's playbook on a cluster of its own; the control plane is another's."""

    playbook: str = PLAYBOOK
    home: Platform = field(kw_only=True)

    def working(self) -> dict[str, Any]:
        """Return the variables of the data plane."""
        access = self.home.secret(ACCESS)
        return {
            "langgraph_control_plane_url": f"http://{NAME}/api-host",
            "langgraph_langsmith_url": f"http://{NAME}",
            "langgraph_control_plane_address": self.home.world.ingress_address,
            "langgraph_workspace_id": access["workspace_id"],
            "langgraph_api_key": access["langsmith_api_key"],
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 240,
            "ingress_hostname": AGENTS,
            "ingress_tls_enabled": False,
            "ingress_address": self.world.ingress_address,
            "listener_compute_id": "there",
            "agents_deployments": [
                {"name": "there", "image": "registry.example.com/agents/hello:1.0.0", "resource_spec": {"cpu": 0.5}}
            ],
        }

    def agent_path(self) -> str:
        """Return the path on which the data plane's Ingress reaches the agent."""
        ingress = "/apis/networking.k8s.io/v1/namespaces/agents/ingresses/langgraph-dataplane-ingress"
        rules = self.api.get(ingress).raise_for_status().json()["spec"]["rules"]
        found: list[str] = [path["path"] for rule in rules for path in rule["http"]["paths"]]
        return next(path for path in found if "/lgp/" in path)

    def mark(self) -> None:
        """Forget what was written until now."""
        self.audit.mark()
        self.home.mark()

    def writes(self) -> list[Any]:
        """Return what was written since the mark: here, there, and to the control plane without its listeners'."""
        return [*self.audit.writes(), *self.home.writes()]


@pytest.fixture(scope="module")
def elsewhere(new_platform: Callable[[str], Platform]) -> Iterator[Elsewhere]:
    """Return two clusters: a platform in the one, and nothing but a way to it in the other."""
    home, other = new_platform("home"), new_platform("other")
    home.host = NAME
    home.variables["agents_deployments"] = []
    home.run().succeeded()
    port = int(home.world.ingress_address.rpartition(":")[2])
    namespace(other.api, "elsewhere")
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    post(
        other.api, "/api/v1/namespaces/elsewhere/services", {"metadata": {"name": "platform"}, "spec": {"ports": ports}}
    )
    ends = {
        "metadata": {"name": "platform-1", "labels": {"kubernetes.io/service-name": "platform"}},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [LOAD_BALANCER], "conditions": {"ready": True}}],
    }
    post(other.api, "/apis/discovery.k8s.io/v1/namespaces/elsewhere/endpointslices", ends)
    yield Elsewhere(other.world, other.folder, home=home)
    for world in (home.world, other.world):
        world.down()


def test_an_agent_there_answers_and_the_next_run_leaves_both_clusters_alone(elsewhere: Elsewhere) -> None:
    """It was deployed through the control plane here, runs its graph there, and nothing of it is in this cluster."""
    elsewhere.run().succeeded()
    assert_runs_its_graph(elsewhere, AGENTS)
    lgps = "/apis/apps.langchain.ai/v1alpha1/lgps"
    assert len(elsewhere.api.get(lgps).json()["items"]) == 1
    assert elsewhere.home.api.get(lgps).json()["items"] == []
    assert_left_alone(elsewhere)

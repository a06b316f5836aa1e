# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A standalone Agent Server on a playground, and ways to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.site.helpers import Site

PLAYBOOK = "langgraph.selfhosted.agent_server"
HOST = "agent.example.com"
LICENCE = "not-a-real-licence-of-agents"
AGENT_SECRET = "s3cr3t-of-a-standalone-agent"
SECRETS = "/api/v1/namespaces/agents/secrets"
CONFIG_SECRET = f"{SECRETS}/langgraph-cloud-config"
LOGIN_SECRET = f"{SECRETS}/langgraph-cloud-postgres-login"
DEPLOYMENT = "/apis/apps/v1/namespaces/agents/deployments/langgraph-cloud-api-server"


@dataclass
class Server(Site):
    """The playbook of the Agent Server on a playground."""

    playbook: str = PLAYBOOK

    def working(self) -> dict[str, Any]:
        """Return the variables of an Agent Server that works."""
        return {
            "langgraph_chart_source": self.world.charts,
            "langgraph_langsmith_url": self.world.control_plane_url,
            "langgraph_timeout": 120,
            "ingress_address": self.world.ingress_address,
            "ingress_tls_enabled": False,
            "agent_server_hostname": HOST,
            "agent_server_image": "registry.example.com/agents/hello:1.0.0",
            "agent_server_license_key": LICENCE,
            "agent_server_secrets": {"TOKEN": AGENT_SECRET},
            "agent_server_autoscaling": "keda",
            **self.variables,
        }

    def ask(self, path: str) -> httpx.Response:
        """Call the server through the ingress controller."""
        return httpx.get(f"http://{self.world.ingress_address}{path}", headers={"Host": HOST}, timeout=20)

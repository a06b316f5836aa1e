# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the listener is told: the chart's variables, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """A variable is missing or makes no sense; ``str()`` names it."""


@dataclass(frozen=True)
class Settings:
    """The listener's settings, as the chart gives them."""

    control_plane: str
    api_key: str
    workspace: str
    listener: str
    redis: str
    service_secret: str = ""
    queue: str = "host"
    port: int = 8080
    health_check: bool = True
    langsmith: str = ""
    ingress: bool = True
    deploy_seconds: float = 300.0
    own_namespace: str = "default"


def read(environment: Mapping[str, str], own_namespace: str) -> Settings:
    """Read the environment. Raises SettingsError for what is missing.

    The listener of a data plane has a key and a workspace; the one beside its control plane has the secret that all
    parts of that platform trust each other by, and serves every workspace.
    """
    secret = environment.get("X_SERVICE_AUTH_JWT_SECRET", "")
    own = () if secret else ("HOST_WORKER_LANGSMITH_API_KEY", "HOST_WORKER_TENANT_ID")
    for name in ("HOST_BACKEND_ENDPOINT", "REDIS_DATABASE_URI", *own):
        if not environment.get(name):
            raise SettingsError(f"{name} is not set")
    return Settings(
        control_plane=environment["HOST_BACKEND_ENDPOINT"].rstrip("/"),
        api_key=environment.get("HOST_WORKER_LANGSMITH_API_KEY", "").strip(),
        workspace=environment.get("HOST_WORKER_TENANT_ID", ""),
        listener=environment.get("HOST_WORKER_LISTENER_ID", ""),
        service_secret=secret,
        redis=environment["REDIS_DATABASE_URI"],
        queue=environment.get("HOST_QUEUE") or "host",
        port=int(environment.get("PORT") or 8080),
        health_check=environment.get("ENABLE_LGP_DEPLOYMENT_HEALTH_CHECK", "true").lower() == "true",
        langsmith=environment.get("HOST_LANGCHAIN_API_ENDPOINT", ""),
        ingress=environment.get("LANGGRAPH_CLOUD_INGRESS_ENABLED", "true").lower() == "true",
        deploy_seconds=float(environment.get("LGP_DEPLOYMENT_TIMEOUT_SECONDS") or 300),
        own_namespace=own_namespace,
    )

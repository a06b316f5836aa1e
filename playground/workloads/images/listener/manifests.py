# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployment of the control plane as Kubernetes objects. Pure: no request is made here."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any

from ...kube import Object
from .control_plane import Work
from .settings import Settings

API_VERSION = "apps.langchain.ai/v1alpha1"
REVISION = "apps.langchain.ai/revision-id"
DEPLOYMENT = "apps.langchain.ai/deployment-id"
MANAGED = {"app.kubernetes.io/managed-by": "langgraph-listener"}
NAME_LIMIT = 63 - len("-queue")


def lgp_name(work: Work) -> str:
    """Return the LGP's name: the deployment's, and a hash that makes it unique for good."""
    digest = uuid.uuid5(uuid.NAMESPACE_URL, work["id"]).hex
    readable = re.sub(r"[^a-z0-9-]+", "-", work["name"].lower()).strip("-")[: NAME_LIMIT - len(digest) - 1].rstrip("-")
    return f"{readable}-{digest}"


def namespace(work: Work, settings: Settings) -> str:
    """Return the namespace the deployment goes to."""
    config = work["source_config"].get("listener_config") or {}
    return config.get("k8s_namespace") or settings.own_namespace


def secret(work: Work, settings: Settings) -> Object:
    """Return the Secret with the deployment's secret variables."""
    data = {item["name"]: base64.b64encode(item["value"].encode()).decode() for item in work.get("secrets") or []}
    return _object("v1", "Secret", f"{lgp_name(work)}-secrets", work, settings) | {"type": "Opaque", "data": data}


def database_secret(work: Work, settings: Settings, password: str) -> Object:
    """Return the Secret with the password of the deployment's own Postgres; it is made once."""
    data = {"POSTGRES_PASSWORD": base64.b64encode(password.encode()).decode()}
    return _object("v1", "Secret", database_secret_name(work), work, settings) | {"type": "Opaque", "data": data}


def database_secret_name(work: Work) -> str:
    """Return the name of the Secret for Postgres."""
    return f"{lgp_name(work)}-postgres"


def lgp(work: Work, settings: Settings) -> Object:
    """Return the deployment's LGP."""
    spec = work["source_config"].get("resource_spec") or {}
    custom = {item["name"] for item in work.get("secrets") or []}
    result = _object(API_VERSION, "LGP", lgp_name(work), work, settings)
    result["spec"] = {
        "ingress": {"enabled": settings.ingress},
        "database": _database(spec, work, enabled="POSTGRES_URI_CUSTOM" not in custom),
        "redis": _redis(spec, enabled="REDIS_URI_CUSTOM" not in custom),
        "autoscaling": _autoscaling(spec),
        "serverSpec": _server(spec, work),
    }
    for key in ("labels", "annotations"):
        if spec.get(key):
            result["spec"][key] = spec[key]
    return result


def _server(spec: Object, work: Work) -> Object:
    server: Object = {
        "image": work["source_revision_config"].get("image_uri") or "",
        "replicas": spec.get("min_scale") or 1,
        "queueEnabled": True,
        "env": _environment(work),
        "resources": _resources(spec, "", 2.0, {"cpu": 1, "memory_mb": 2048}),
        "queueResources": _resources(
            spec, "queue_", 2.0, {"cpu": spec.get("cpu") or 1, "memory_mb": spec.get("memory_mb") or 2048}
        ),
    }
    for key, field in (
        ("image_pull_secrets", "imagePullSecrets"),
        ("service_account_name", "serviceAccountName"),
        ("volumes", "volumes"),
        ("volume_mounts", "volumeMounts"),
        ("init_containers", "initContainers"),
        ("sidecars", "sidecars"),
    ):
        if spec.get(key):
            server[field] = spec[key]
    return server


def _environment(work: Work) -> list[Object]:
    plain = {
        "LANGSMITH_DEPLOYMENT_NAME": work["name"],
        "LANGSMITH_HOST_PROJECT_ID": work["id"],
        "LANGSMITH_HOST_PROJECT_NAME": work["name"],
        "LANGSMITH_HOST_REVISION_ID": work["revision"]["id"],
        "LANGSMITH_TENANT_ID": work.get("tenant_id") or "",
    }
    result: list[Object] = [{"name": name, "value": value} for name, value in plain.items()]
    secrets = [(item["name"], f"{lgp_name(work)}-secrets", item["name"]) for item in work.get("secrets") or []]
    secrets += [(item["name"], item["secret_name"], item["secret_key"]) for item in work.get("secret_references") or []]
    taken = {
        name: {"name": name, "valueFrom": {"secretKeyRef": {"name": source, "key": key}}}
        for name, source, key in secrets
    }
    return result + list(taken.values())


def _autoscaling(spec: Object) -> Object:
    least, most = spec.get("min_scale") or 1, spec.get("max_scale") or 1
    queue_least, queue_most = spec.get("queue_min_scale") or least, spec.get("queue_max_scale") or most
    return {
        "enabled": most > least or queue_most > queue_least,
        "autoscalerType": "KEDA",
        "minReplicas": least,
        "maxReplicas": max(most, least),
        "queueMinReplicas": queue_least,
        "queueMaxReplicas": max(queue_most, queue_least),
    }


def _database(spec: Object, work: Work, *, enabled: bool) -> Object:
    result: Object = {"enabled": enabled, "secretName": database_secret_name(work)}
    result |= {
        field: spec[key]
        for key, field in (("db_storage_gi", "storageSizeGi"), ("db_max_connections", "maxConnections"))
        if spec.get(key)
    }
    resources = _resources(spec, "db_", 2.0, {})
    return result | ({"resources": resources} if resources else {})


def _redis(spec: Object, *, enabled: bool) -> Object:
    resources = _resources(spec, "redis_", 1.0, {})
    return {"enabled": enabled} | ({"resources": resources} if resources else {})


def _resources(spec: Object, prefix: str, memory_factor: float, defaults: Object) -> Object:
    """Return requests and limits; a limit that is not given is twice the request (Redis's memory: once)."""
    requests: Object = {}
    limits: Object = {}
    cpu = spec.get(f"{prefix}cpu") or defaults.get("cpu")
    if cpu:
        requests["cpu"] = _cores(cpu)
        limits["cpu"] = _cores(spec.get(f"{prefix}cpu_limit") or cpu * 2)
    memory = spec.get(f"{prefix}memory_mb") or defaults.get("memory_mb")
    if memory:
        requests["memory"] = f"{int(memory)}Mi"
        limits["memory"] = f"{int(spec.get(f'{prefix}memory_limit_mb') or memory * memory_factor)}Mi"
    return {"requests": requests, "limits": limits} if requests else {}


def _cores(value: float) -> str:
    return f"{round(value * 1000)}m" if value % 1 else str(int(value))


def _object(version: str, kind: str, name: str, work: Work, settings: Settings) -> Object:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace(work, settings)}
    metadata["labels"] = MANAGED | {DEPLOYMENT: work["id"]}
    metadata["annotations"] = {REVISION: work["revision"]["id"]}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}

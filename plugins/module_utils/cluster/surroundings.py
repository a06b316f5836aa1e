# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a data plane has to find, or not to find, around it: Gateways, others' Ingresses, Routes and queues."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer, Object
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.doors import GROUPS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import ROUTE, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import helm_owner, name, namespace
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Checks

Seen = Mapping[str, Any]

_REDIS_PORT = 6379


@dataclass(frozen=True)
class Queue:
    """A listener's queue: its name, the Redis that it is in, and (but for our own) whose it is."""

    name: str
    redis: str
    listener: str = ""
    release: tuple[str, str] | None = None


def begin(server: ApiServer, operators: Sequence[Seen], checks: Checks) -> dict[str, Future[Any]]:
    """Begin to read what the checks ask for; the keys are a snapshot's fields."""
    reading: dict[str, Future[Any]] = {}
    kind = checks.gateway["kind"] if checks.gateway else checks.ingress_mode or ""
    if kind in GROUPS:
        reading["route_kinds"] = server.begin(_kinds, server, GROUPS[kind][0])
    if checks.gateway and checks.gateway["name"] and checks.gateway["namespace"]:
        reading["gateways"] = server.begin(_gateway, server, checks.gateway)
    elif checks.entry and checks.entry["hostname"] and not checks.gateway:
        reading["ingresses"] = server.begin(server.list, known("Ingress").collection())
    if checks.ingress_mode == "openshift":
        reading["routes"] = server.begin(server.list, ROUTE.collection())
    if checks.queue:
        reading["queues"] = server.begin(_queues, server, operators, checks.queue)
    if checks.log_reader:
        reading["log_readers"] = server.begin(_log_reader, server, checks.log_reader)
    return reading


def _version(server: ApiServer, group: str) -> str | None:
    """Return the version of an API group that the cluster prefers, None where it does not serve the group."""
    found = server.find(f"/apis/{group}")
    return found["preferredVersion"]["groupVersion"] if found else None


def _kinds(server: ApiServer, group: str) -> list[str]:
    version = _version(server, group)
    resources = server.get(f"/apis/{version}")["resources"] if version else []
    return sorted({resource["kind"] for resource in resources})


def _gateway(server: ApiServer, wanted: Mapping[str, str]) -> list[Object]:
    version = _version(server, GROUPS[wanted["kind"]][0])
    path = f"/apis/{version}/namespaces/{wanted['namespace']}/gateways/{wanted['name']}"
    gateway = server.find(path) if version else None
    return [gateway] if gateway else []


def _log_reader(server: ApiServer, wanted: Mapping[str, str]) -> list[Object]:
    account = server.find(known("ServiceAccount").path(wanted["name"], wanted["namespace"]))
    return [account] if account else []


def _queues(server: ApiServer, operators: Sequence[Seen], wanted: Mapping[str, Any]) -> list[Queue]:
    """Return our own queue first, then those of the listeners that are there, where their Redis is known."""
    space = wanted["namespace"]
    redis = redis_address(wanted.get("redis") or "", space) or _in_secret(
        server, space, wanted["secret_name"], "connection_url"
    )
    own = [Queue(wanted["name"], redis)] if redis else []
    return [*own, *(queue for thing in operators for queue in _of_listener(server, thing))]


def _of_listener(server: ApiServer, deployment: Seen) -> Iterator[Queue]:
    pod = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    for container in pod.get("containers") or []:
        variables = {entry["name"]: entry for entry in container.get("env") or []}
        if "HOST_QUEUE" not in variables or "REDIS_DATABASE_URI" not in variables:
            continue
        given, space = variables["REDIS_DATABASE_URI"], namespace(deployment)
        source = (given.get("valueFrom") or {}).get("secretKeyRef")
        redis = _in_secret(server, space, source["name"], source["key"]) if source else given.get("value", "")
        address = redis_address(redis, space)
        if address:
            queue = variables["HOST_QUEUE"].get("value") or "host"
            yield Queue(queue, address, f"{space}/{name(deployment)}", helm_owner(deployment))


def _in_secret(server: ApiServer, space: str, secret: str, key: str) -> str:
    """Return the address of a Redis that a Secret holds the URL of: host, port and database, never the login."""
    found = server.find(known("Secret").path(secret, space)) or {}
    try:
        return redis_address(base64.b64decode((found.get("data") or {}).get(key) or "").decode(), space)
    except ValueError:
        return ""


def redis_address(url: str, space: str) -> str:
    """Return host:port/database of a Redis' URL as seen from a namespace; "" for what is no such URL."""
    try:
        parts = urlsplit(url if "://" in url else f"redis://{url}")
        host, port = (parts.hostname or "").lower(), parts.port or _REDIS_PORT
    except ValueError:
        return ""
    if host and "." not in host:
        host = f"{host}.{space}.svc"
    within, marker, _domain = host.partition(".svc")
    return f"{within}{marker}:{port}/{parts.path.strip('/') or 0}" if host else ""

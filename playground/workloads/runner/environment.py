# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container's environment variables, resolved as a kubelet resolves them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from ..kube import Object
from .lookup import Lookup

REFERENCE = re.compile(r"\$(\$|\(([-._a-zA-Z][-._a-zA-Z0-9]*)\))")
SOURCES = {"secret": "Secret", "configmap": "ConfigMap"}


class ConfigError(Exception):
    """A container refers to something that is not there; ``str()`` is the kubelet's wording."""


async def resolve(pod: Object, container: Object, lookup: Lookup, addresses: dict[str, str]) -> dict[str, str]:
    """Return the variables of ``envFrom`` and ``env``; ``addresses`` has podIP and hostIP.

    Raises ConfigError for a missing Secret, ConfigMap or key that is not optional.
    """
    result: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        kind, reference, read = _bulk(source, lookup)
        data = await read(reference["name"])
        if data is None:
            if reference.get("optional"):
                continue
            raise ConfigError(f'{kind} "{reference["name"]}" not found')
        result |= {source.get("prefix", "") + key: value.decode(errors="replace") for key, value in data.items()}
    for item in container.get("env") or []:
        value = await _value(item, pod, container, lookup, addresses, result)
        if value is not None:
            result[item["name"]] = value
    return result


def expand(text: str, variables: dict[str, str]) -> str:
    """Replace ``$(NAME)`` by known variables; ``$$(NAME)`` stands for itself, unknown names stay."""
    return REFERENCE.sub(lambda m: "$" if m[1] == "$" else variables.get(m[2], m[0]), text)


def field(pod: Object, path: str, addresses: dict[str, str]) -> str:
    """Return the value of a downward API field path, "" when the pod has none."""
    if path in ("status.podIP", "status.podIPs"):
        return addresses["podIP"]
    if path in ("status.hostIP", "status.hostIPs"):
        return addresses["hostIP"]
    match = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if match:
        return str((pod["metadata"].get(match[1]) or {}).get(match[2], ""))
    value: Any = pod
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    if isinstance(value, dict):
        return "\n".join(f'{key}="{item}"' for key, item in sorted(value.items()))
    return str(value)


def _bulk(source: Object, lookup: Lookup) -> tuple[str, Object, Callable[[str], Awaitable[dict[str, bytes] | None]]]:
    if "secretRef" in source:
        return "secret", source["secretRef"], lookup.secret
    return "configmap", source["configMapRef"], lookup.config_map


async def _value(
    item: Object, pod: Object, container: Object, lookup: Lookup, addresses: dict[str, str], before: dict[str, str]
) -> str | None:
    origin = item.get("valueFrom")
    if not origin:
        return expand(item.get("value") or "", before)
    if "fieldRef" in origin:
        return field(pod, origin["fieldRef"]["fieldPath"], addresses)
    if "resourceFieldRef" in origin:
        section, _, name = origin["resourceFieldRef"]["resource"].partition(".")
        return str(((container.get("resources") or {}).get(section) or {}).get(name, "0"))
    if "secretKeyRef" in origin:
        return await _key("secret", origin["secretKeyRef"], lookup.namespace, lookup.secret)
    return await _key("configmap", origin["configMapKeyRef"], lookup.namespace, lookup.config_map)


async def _key(
    kind: str, reference: Object, namespace: str, read: Callable[[str], Awaitable[dict[str, bytes] | None]]
) -> str | None:
    name, key = reference["name"], reference["key"]
    data = await read(name)
    if data is not None and key in data:
        return data[key].decode(errors="replace")
    if reference.get("optional"):
        return None
    if data is None:
        raise ConfigError(f'{kind} "{name}" not found')
    raise ConfigError(f"couldn't find key {key} in {SOURCES[kind]} {namespace}/{name}")

# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the objects a pod refers to, as a kubelet does: fresh for each start, each one once."""

from __future__ import annotations

import base64
import json

from ..kube import ApiError, Kube, Object, path


class Lookup:
    """ConfigMaps, Secrets and claims of one namespace, read at most once each."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        """Read nothing yet."""
        self._kube = kube
        self.namespace = namespace
        self._seen: dict[tuple[str, str], Object | None] = {}

    async def find(self, plural: str, name: str) -> Object | None:
        """Return an object of the core group, or None when it does not exist."""
        key = plural, name
        if key not in self._seen:
            try:
                self._seen[key] = await self._kube.get(path("v1", plural, self.namespace, name))
            except ApiError as error:
                if not error.is_missing:
                    raise
                self._seen[key] = None
        return self._seen[key]

    async def secret(self, name: str) -> dict[str, bytes] | None:
        """Return a Secret's decoded data, or None when there is no such Secret."""
        found = await self.find("secrets", name)
        if found is None:
            return None
        return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}

    async def config_map(self, name: str) -> dict[str, bytes] | None:
        """Return a ConfigMap's data and binary data, or None when there is no such ConfigMap."""
        found = await self.find("configmaps", name)
        if found is None:
            return None
        data = {key: value.encode() for key, value in (found.get("data") or {}).items()}
        return data | {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}

    async def registries(self, pod: Object) -> set[str]:
        """Return the registries for which a pod's image pull secrets hold a login."""
        registries: set[str] = set()
        for item in pod["spec"].get("imagePullSecrets") or []:
            data = await self.secret(item["name"])
            if data and ".dockerconfigjson" in data:
                try:
                    registries |= set(json.loads(data[".dockerconfigjson"]).get("auths") or {})
                except ValueError:
                    continue
        return registries

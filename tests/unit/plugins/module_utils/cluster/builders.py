# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small objects as an API server would answer, for tests of what judges them."""

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import Record, Release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import KNOWN, Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import Snapshot

Object = dict[str, Any]


def thing(name: str, namespace: str | None = None, **rest: Any) -> Object:
    """Return an object with metadata; ``annotations`` and ``labels`` go there, the rest beside it."""
    metadata: Object = {"name": name, "uid": f"uid-{name}"}
    if namespace:
        metadata["namespace"] = namespace
    for key in ("annotations", "labels", "deletionTimestamp", "generation"):
        if key in rest:
            metadata[key] = rest.pop(key)
    return {"metadata": metadata, **rest}


def helm_owned(release: str, namespace: str) -> dict[str, str]:
    """Return the annotations of an object that a Helm release owns."""
    return {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}


def condition(kind: str, status: str = "True", **rest: Any) -> Object:
    """Return a status with one condition."""
    return {"conditions": [{"type": kind, "status": status, **rest}]}


def deployment(name: str = "operator", namespace: str = "langgraph", *, ready: int = 1, want: int = 1) -> Object:
    """Return a Deployment of which so many replicas are ready."""
    status = {"observedGeneration": 2, "replicas": want, "updatedReplicas": want, "availableReplicas": ready}
    return thing(name, namespace, generation=2, spec={"replicas": want}, status=status)


def record(name: str, namespace: str, status: str = "deployed", revision: int = 1) -> Record:
    """Return a release record."""
    return Record(name, namespace, revision, status, 0, f"sh.helm.release.v1.{name}.v{revision}")


def release(name: str, namespace: str, manifest: str = "", **rest: Any) -> Release:
    """Return a decoded release."""
    fields: dict[str, Any] = {
        "revision": 1,
        "status": "deployed",
        "description": "",
        "chart": name,
        "chart_version": "1.0.0",
        "app_version": "1",
        "updated": "",
        "values": {},
        **rest,
    }
    return Release(name=name, namespace=namespace, manifest=manifest, **fields)


def address(kind: str, name: str, namespace: str | None = None) -> Address:
    """Return where an object is."""
    return Address(known(kind), namespace, name)


def snapshot(**fields: Any) -> Snapshot:
    """Return a snapshot of a cluster that serves the known kinds."""
    return Snapshot(kinds=dict(KNOWN), **fields)
